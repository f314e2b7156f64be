#include "runtime/detect/task_reports.h"

#include "runtime/detect/context_tree.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kTold = 1024;
std::uint64_t told[kTold];  ///< Direct-mapped.

bool firstTime(protocol::MisuseKind kind, Context context, Address pc) {
  std::uint64_t key = mix(mix(pc) + mix(context * 128ull + static_cast<unsigned>(kind))) | 1;
  return __atomic_exchange_n(&told[key % kTold], key, __ATOMIC_RELAXED) != key;
}

constexpr std::size_t kMostAwaiting = 32;

/// REQUIRES: the frame stands, or stood a moment ago: what is read of another thread's may be of its next call.
Context contextOf(const Frame* frame) {
  constexpr std::size_t kDeepest = 256;
  Address returns[kDeepest];
  std::size_t count = 0;
  Address word = frame->returnAddress;
  for (; (word & CallStack::kKnown) == 0 && count < kDeepest; word = (--frame)->returnAddress) returns[count++] = word;
  auto context = static_cast<Context>(word);
  if ((word & CallStack::kKnown) == 0) context = 0;
  while (count != 0) context = childContext(context, returns[--count]);
  return context;
}

Context contextOf(const TaskPlace& place) { return place.frame != nullptr ? contextOf(place.frame) : place.context; }

/// Copies memory that may be gone meanwhile. Returns how many bytes.
std::size_t readOwnMemory(Address from, void* to, std::size_t size) {
  struct Vector {
    Address begin;
    std::size_t size;
  };
  Vector local{reinterpret_cast<Address>(to), size};
  Vector remote{from, size};
  long count = rawSyscall(SYS_process_vm_readv, rawSyscall(SYS_getpid), reinterpret_cast<long>(&local), 1,
                          reinterpret_cast<long>(&remote), 1, 0);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace

std::uint32_t recordTask(Task& task) {
  RuntimeScope scope;
  bool stands = task.state() == TaskState::Running || task.changed.frame == nullptr;
  Context resumed = stands ? contextOf(task.changed) : 0;
  RecordWriter writer(protocol::RecordType::Task);
  auto* record = writer.add<protocol::TaskRecord>();
  record->task = task.number;
  record->creator = task.creator;
  record->thread = task.created.thread;
  record->entry = task.entry;
  record->resumer = task.changed.thread;
  record->state = task.state();
  writer.addStack(task.created.context, task.created.pc);
  writer.addStack(0, task.suspendedPc);
  writer.addStack(stands ? resumed : 0, stands ? task.changed.pc : 0);
  writer.commit();
  return task.number;
}

namespace {

/// `innermost` and who awaits it.
void recordStackOf(ThreadId thread, Task* innermost) {
  std::uint64_t numbers[kMostAwaiting];
  std::uint32_t count = 0;
  for (Task* task = innermost; task != nullptr && count < kMostAwaiting; task = awaiterOf(*task)) {
    bool again = false;
    for (std::uint32_t i = 0; i < count; ++i) again = again || numbers[i] == task->number;
    if (again) break;
    numbers[count++] = recordTask(*task);
  }
  RecordWriter writer(protocol::RecordType::TaskStack);
  auto* record = writer.add<protocol::TaskStackRecord>();
  record->thread = thread;
  record->count = count;
  for (std::uint32_t i = 0; i < count; ++i) *writer.add<std::uint64_t>() = numbers[i];
  writer.commit();
}

void writeMisuse(ThreadId thread, protocol::MisuseKind kind, const Task& task, Context context, Address pc,
                 const TaskPlace& since) {
  Context before = contextOf(since);
  void* record = nullptr;
  {
    RecordWriter writer(protocol::RecordType::Misuse);
    auto* misuse = writer.add<protocol::MisuseRecord>();
    misuse->kind = kind;
    misuse->thread = thread;
    misuse->detail = task.number;
    misuse->hasSecond = since.pc != 0 ? 1 : 0;
    writer.add<protocol::LockInfo>();
    writer.addStack(context, pc);
    if (since.pc != 0) writer.addStack(before, since.pc);
    record = writer.commit();
  }
  notifyReport(record);
}

}  // namespace

void recordTaskStack(Thread* self) {
  if (self == nullptr || (self->running == nullptr && !self->tasksTold)) return;
  RuntimeScope scope;
  self->tasksTold = self->running != nullptr;
  recordStackOf(self->id, self->running);
}

void recordTaskOf(protocol::PlaceInfo& place) {
  if (place.place != protocol::Place::Heap) return;
  Task* task = taskOfMemory(place.address, place.size);
  if (task != nullptr) place.task = recordTask(*task);
}

namespace {

// The promise comes after the two functions of the frame; how long it is is not known, but the awaiter is in its front.
constexpr std::size_t kFunctions = 2 * sizeof(Address), kLooked = 8;

std::size_t lookedAt(const Task& task) {
  std::size_t size = task.size < kFunctions ? 0 : task.size - kFunctions;
  return size < kLooked * sizeof(Address) ? size : kLooked * sizeof(Address);
}

Task* awaiterIn(const Address* words, std::size_t count, const Task& task) {
  for (std::size_t i = 0; i < count; ++i) {
    Task* awaiter = words[i] == task.frame || words[i] == 0 ? nullptr : taskAt(words[i]);
    if (awaiter != nullptr && awaiter->state() == TaskState::Suspended) return awaiter;
  }
  return nullptr;
}

}  // namespace

Task* awaiterOf(const Task& task) {
  Address words[kLooked];
  std::size_t count = readOwnMemory(task.frame + kFunctions, words, lookedAt(task)) / sizeof(Address);
  return awaiterIn(words, count, task);
}

bool awaitsItself(const Task& task) {
  const auto* own = reinterpret_cast<const Address*>(task.frame + kFunctions);
  const Task* at = awaiterIn(own, lookedAt(task) / sizeof(Address), task);
  for (std::size_t i = 0; at != nullptr && at != &task && i < kMostAwaiting; ++i) at = awaiterOf(*at);
  return at == &task;
}

void reportTaskMisuse(Thread* self, Address pc, protocol::MisuseKind kind, Task& task, const TaskPlace& since) {
  Context context = currentContext(self);
  if (!options.tasks || !firstTime(kind, context, pc)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Task, context, pc)) return;
  recordTask(task);
  recordTaskStack(self);
  writeMisuse(self->id, kind, task, context, pc, since);
}

void reportTaskEnd(Thread* self, protocol::MisuseKind kind, Task& task) {
  if (!options.tasks || !firstTime(kind, task.created.context, task.suspendedPc)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Task, task.created.context, task.created.pc)) return;
  self->tasksTold = true;
  recordStackOf(self->id, &task);
  writeMisuse(self->id, kind, task, 0, task.suspendedPc, {0, 0, 0});
}

}  // namespace deadheat::rt
