#include "runtime/schedule/trace.h"

#include "runtime/detect/task_reports.h"
#include "runtime/detect/thread.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

constexpr std::uint64_t kEntriesInARecord = 512;
constexpr ThreadId kMostThreads = 64;

constexpr std::uint64_t kMostRecords = 1024;

bool traces;
std::uint64_t records;
protocol::TraceEntry* entries;  ///< Of the record being filled.
std::uint64_t entriesLeft;

void makeRoom() {
  RecordWriter writer(protocol::RecordType::Trace);
  writer.add<protocol::TraceRecord>()->capacity = kEntriesInARecord;
  entries = nullptr;
  protocol::TraceEntry* first = nullptr;
  for (std::uint64_t i = 0; i < kEntriesInARecord; ++i) {
    auto* entry = writer.add<protocol::TraceEntry>();
    if (i == 0) first = entry;
  }
  if (writer.commit() != nullptr) entries = first;
  entriesLeft = kEntriesInARecord;
}

/// The next entry; null when there is no room. It counts once its kind is set.
protocol::TraceEntry* newEntry(const DecisionKey& key, std::uint64_t step, std::uint64_t hash) {
  if (entriesLeft == 0) {
    if (++records > kMostRecords) return traces = false, nullptr;
    makeRoom();
  }
  --entriesLeft;
  if (entries == nullptr) return nullptr;
  protocol::TraceEntry* entry = entries++;
  entry->keyThread = key.thread;
  entry->pc = key.pc;
  entry->occurrence = key.occurrence;
  entry->step = step;
  entry->hash = hash;
  return entry;
}

std::uint64_t bit(ThreadId thread) { return thread < kMostThreads ? std::uint64_t{1} << thread : 0; }

std::uint32_t flagsOf(const Controlled* own, const Controlled& chosen, bool gaveWay) {
  std::uint32_t flags = 0;
  if (chosen.pending.changes) flags |= protocol::kTraceChanges;
  if (gaveWay || own == nullptr || own->pending.operation == Operation::Exit) flags |= protocol::kTraceGaveWay;
  if (chosen.pending.operation == Operation::Lock) flags |= protocol::kTraceAcquires;
  if (chosen.pending.operation == Operation::Unlock) flags |= protocol::kTraceReleases;
  if (chosen.pending.operation == Operation::Exit) flags |= protocol::kTraceExit;
  return flags;
}

/// The number of the task that the thread is in, which is recorded.
std::uint32_t taskOf(const Thread& thread) {
  Task* task = thread.running;
  if (task == nullptr) return 0;
  if (!task->traced) recordTask(*task);
  task->traced = true;
  return task->number;
}

}  // namespace

void beginTrace() { traces = true; }

void traceStep(const Controlled* own, const Controlled& chosen, const Candidates& candidates, const DecisionKey& key,
               bool gaveWay, std::uint64_t step, std::uint64_t hash) {
  if (!traces) return;
  std::uint32_t task = taskOf(*chosen.thread);
  protocol::TraceEntry* entry = newEntry(key, step, hash);
  if (entry == nullptr) return;
  entry->task = task;
  entry->flags = flagsOf(own, chosen, gaveWay);
  entry->chosen = chosen.pending.thread;
  entry->standing = candidates.standing->pending.thread;
  entry->object = chosen.pending.object;
  entry->size = chosen.pending.size;
  for (std::size_t i = 0; i < candidates.count; ++i) entry->enabled |= bit(candidates.enabled[i]->thread);
  for (const Controlled* each : controlled) {
    if (each->pending.thread >= kMostThreads) entry->flags |= protocol::kTraceTooMany;
    if (canGoOn(*each)) entry->ready |= bit(each->pending.thread);
  }
  for (std::size_t i = 0; i < candidates.allCount; ++i) entry->all |= bit(candidates.all[i]->thread);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = protocol::DeviationKind::Switch;
}

void traceAlone(const Controlled& own, std::uint64_t hash) {
  if (!traces) return;
  std::uint32_t task = taskOf(*own.thread);
  ThreadId thread = own.pending.thread;
  protocol::TraceEntry* entry = newEntry({thread, own.pending.pc, 0}, 0, hash);
  if (entry == nullptr) return;
  entry->task = task;
  entry->flags = flagsOf(&own, own, false);
  entry->chosen = entry->standing = thread;
  entry->object = own.pending.object;
  entry->size = own.pending.size;
  entry->enabled = entry->ready = entry->all = bit(thread);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = protocol::DeviationKind::Switch;
}

void traceWake(const DecisionKey& key, const ThreadId* waiters, std::size_t count, ThreadId chosen, std::uint64_t step,
               std::uint64_t hash) {
  if (!traces) return;
  protocol::TraceEntry* entry = newEntry(key, step, hash);
  if (entry == nullptr) return;
  entry->chosen = chosen;
  entry->standing = waiters[0];
  for (std::size_t i = 0; i < count; ++i) entry->enabled |= bit(waiters[i]);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = protocol::DeviationKind::Wake;
}

void traceChoice(const DecisionKey& key, std::uint32_t count, std::uint32_t chosen, std::uint64_t step, std::uint64_t hash) {
  if (!traces) return;
  protocol::TraceEntry* entry = newEntry(key, step, hash);
  if (entry == nullptr) return;
  entry->chosen = chosen;
  entry->enabled = count >= kMostThreads ? ~std::uint64_t{0} : bit(count) - 1;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  entry->kind = protocol::DeviationKind::Choose;
}

}  // namespace deadheat::rt
