#include "runtime/schedule/deviations.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

constexpr std::uint64_t kEntriesInARecord = 128;

protocol::ScheduleRecord* progress;
protocol::DeviationEntry* entries;  ///< Of the record being filled.
std::uint64_t entriesLeft;

/// Open addressing; its size is a power of two.
struct Occurrences {
  ThreadId thread;
  Address pc;
  std::uint64_t count;  ///< 0: free.
};
GrowingArray<Occurrences> occurrences;
std::size_t used;

Occurrences& slotFor(ThreadId thread, Address pc) {
  std::size_t mask = occurrences.size() - 1;
  std::size_t i = mix(pc * 64 + thread) & mask;
  while (occurrences[i].count != 0 && (occurrences[i].thread != thread || occurrences[i].pc != pc)) i = (i + 1) & mask;
  return occurrences[i];
}

void grow() {
  GrowingArray<Occurrences> old = occurrences;
  occurrences = {};
  occurrences.resize(old.size() == 0 ? 128 : old.size() * 2);
  for (const Occurrences* each = old.begin(); each != old.begin() + old.size(); ++each)
    if (each->count != 0) slotFor(each->thread, each->pc) = *each;
  old.free();
}

void makeRoomForEntries() {
  RecordWriter writer(protocol::RecordType::Deviations);
  auto* record = writer.add<protocol::DeviationsRecord>();
  record->capacity = kEntriesInARecord;
  protocol::DeviationEntry* first = nullptr;
  for (std::uint64_t i = 0; i < kEntriesInARecord; ++i) {
    auto* entry = writer.add<protocol::DeviationEntry>();
    if (i == 0) first = entry;
  }
  if (writer.commit() == nullptr) first = nullptr;
  entries = first;
  entriesLeft = kEntriesInARecord;
}

}  // namespace

void beginScheduleRecord() {
  RecordWriter writer(protocol::RecordType::Schedule);
  writer.add<protocol::ScheduleRecord>();
  progress = static_cast<protocol::ScheduleRecord*>(writer.commit());
}

void noteProgress(std::uint64_t steps, std::uint64_t points, std::uint64_t hash, std::size_t threads) {
  if (progress == nullptr) return;
  progress->steps = steps;
  progress->points = points;
  progress->hash = hash;
  if (threads > progress->threads) progress->threads = threads;
}

void recordDeviation(protocol::DeviationKind kind, const DecisionKey& key, ThreadId chosen, std::uint64_t step,
                     std::uint64_t hash) {
  if (entriesLeft == 0) makeRoomForEntries();
  --entriesLeft;
  if (entries == nullptr) return;
  protocol::DeviationEntry* entry = entries++;
  entry->thread = key.thread;
  entry->chosen = chosen;
  entry->pc = key.pc;
  entry->occurrence = key.occurrence;
  entry->step = step;
  entry->hash = hash;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = kind;
}

std::uint64_t countOccurrence(ThreadId thread, Address pc) {
  if (used * 2 >= occurrences.size()) grow();
  Occurrences& slot = slotFor(thread, pc);
  if (slot.count == 0) {
    slot.thread = thread;
    slot.pc = pc;
    ++used;
  }
  return slot.count++;
}

}  // namespace deadheat::rt
