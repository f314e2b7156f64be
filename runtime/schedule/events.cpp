#include "runtime/schedule/events.h"

#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/controlled.h"

namespace deadheat::rt {

bool eventsRecorded = false;

namespace {

using protocol::EventKind;

constexpr std::uint64_t kEntriesInARecord = 1024;
constexpr std::uint64_t kMostRecords = 300;

std::uint64_t records;
protocol::EventEntry* entries;  ///< Of the record being filled.
std::uint64_t entriesLeft;
bool anyCreated;
GrowingArray<std::uint64_t> told;  ///< Contexts that were recorded: a bit each.

void makeRoom() {
  RecordWriter writer(protocol::RecordType::Events);
  writer.add<protocol::EventsRecord>()->capacity = kEntriesInARecord;
  entries = nullptr;
  protocol::EventEntry* first = nullptr;
  for (std::uint64_t i = 0; i < kEntriesInARecord; ++i) {
    auto* entry = writer.add<protocol::EventEntry>();
    if (i == 0) first = entry;
  }
  if (writer.commit() != nullptr) entries = first;
  entriesLeft = kEntriesInARecord;
}

/// Stacks are made of it and of the code in each event.
void tellContext(Context context, Address pc) {
  while (told.size() <= context / 64) told.push(0);
  std::uint64_t bit = std::uint64_t{1} << (context % 64);
  if ((told[context / 64] & bit) != 0) return;
  told[context / 64] |= bit;
  RecordWriter writer(protocol::RecordType::Context);
  writer.add<protocol::ContextRecord>()->context = context;
  writer.addStack(context, pc);
  writer.commit();
}

/// What is before the first thread is before everything, whatever it was; only the locks that are held go on to matter.
bool matters(EventKind kind) {
  return anyCreated || kind == EventKind::Lock || kind == EventKind::Unlock || kind == EventKind::Create;
}

}  // namespace

void beginEvents() { eventsRecorded = true; }

void recordEvent(Thread* self, Address pc, EventKind kind, Address object, std::size_t size, std::uint32_t flags) {
  if (ownControlled == nullptr || ownControlled != turnHolder || !matters(kind)) return;
  RuntimeScope scope;
  anyCreated = anyCreated || kind == EventKind::Create;
  Context context = self != nullptr && pc != 0 ? currentContext(self) : 0;
  if (self != nullptr && pc != 0) tellContext(context, pc);
  if (entriesLeft == 0) {
    if (++records > kMostRecords) return void(eventsRecorded = false);
    makeRoom();
  }
  --entriesLeft;
  if (entries == nullptr) return;
  protocol::EventEntry* entry = entries++;
  entry->thread = turnHolder->pending.thread;
  entry->flags = flags;
  entry->context = context;
  entry->object = object;
  entry->size = size;
  entry->pc = pc;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = kind;
}

}  // namespace deadheat::rt
