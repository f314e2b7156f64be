#include "runtime/detect/task_table.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kBuckets = 1 << 14;
constexpr std::size_t kRetired = 4096;

SpinLock tableLock;
Task* buckets[kBuckets];
Task* freeTasks;
Task* retired[kRetired];  ///< A ring.
std::size_t retiredAt;
std::uint32_t lastNumber;
std::uint64_t removals;

Task*& bucketOf(Address frame) { return buckets[mix(frame) % kBuckets]; }

/// Takes it out of its bucket. Who walks through the bucket meanwhile may miss what comes after it, and looks again.
void unlink(Task* task) {
  for (Task** at = &bucketOf(task->frame); *at != nullptr; at = &(*at)->next)
    if (*at == task) return __atomic_store_n(at, task->next, __ATOMIC_RELEASE);
}

Task* walk(Address frame) {
  for (Task* task = __atomic_load_n(&bucketOf(frame), __ATOMIC_ACQUIRE); task != nullptr;
       task = __atomic_load_n(&task->next, __ATOMIC_ACQUIRE))
    if (__atomic_load_n(&task->frame, __ATOMIC_RELAXED) == frame) return task;
  return nullptr;
}

Task* takeFree() {
  if (freeTasks == nullptr) return static_cast<Task*>(allocateForever(sizeof(Task)));
  Task* task = freeTasks;
  freeTasks = task->next;
  return task;
}

void giveFree(Task* task) {
  unlink(task);
  __atomic_add_fetch(&removals, 1, __ATOMIC_RELEASE);
  task->frame = 0;
  task->next = freeTasks;
  freeTasks = task;
}

std::uint32_t nextNumber() { return __atomic_add_fetch(&lastNumber, 1, __ATOMIC_RELAXED); }

/// Where the next that was destroyed may stay: whoever was there leaves the table, unless it came to life again. Those
/// who did since the last time round and ended once more stay.
std::size_t freePlace() {
  for (;;) {
    std::size_t at = retiredAt++ % kRetired;
    Task* task = retired[at];
    if (task == nullptr) return at;
    auto destroyed = static_cast<std::uint32_t>(TaskState::Destroyed);
    if (task->state() == TaskState::Destroyed && task->again) {
      task->again = false;
      continue;
    }
    if (__atomic_compare_exchange_n(&task->stateWord, &destroyed, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      giveFree(task);
    else
      task->retired = 0;
    return at;
  }
}

}  // namespace

SpinLock& taskTableLock() { return tableLock; }

namespace task_table {

Task* find(Address frame) {
  for (;;) {
    std::uint64_t before = __atomic_load_n(&removals, __ATOMIC_ACQUIRE);
    Task* found = walk(frame);
    if (found != nullptr || before == __atomic_load_n(&removals, __ATOMIC_ACQUIRE)) return found;
  }
}

Task* enter(Address frame) {
  SpinGuard guard(tableLock);
  Task* task = walk(frame);
  if (task == nullptr) {
    task = takeFree();
    *task = {};
    __atomic_store_n(&task->frame, frame, __ATOMIC_RELAXED);
    task->next = bucketOf(frame);
    __atomic_store_n(&bucketOf(frame), task, __ATOMIC_RELEASE);
  } else {
    if (task->retired != 0) retired[task->retired - 1] = nullptr;
    Task* next = task->next;
    *task = {};
    task->frame = frame;
    task->next = next;
  }
  task->number = nextNumber();
  return task;
}

bool enterAgain(Task& task, Address frame) {
  auto destroyed = static_cast<std::uint32_t>(TaskState::Destroyed);
  auto running = static_cast<std::uint32_t>(TaskState::Running);
  if (__atomic_load_n(&task.frame, __ATOMIC_ACQUIRE) != frame ||
      !__atomic_compare_exchange_n(&task.stateWord, &destroyed, running, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  // Now it cannot be taken out. It may have been before, and be a task with another frame since.
  if (__atomic_load_n(&task.frame, __ATOMIC_ACQUIRE) != frame) {
    task.becomes(TaskState::Destroyed);
    return false;
  }
  task.number = nextNumber();
  task.entry = 0;
  task.suspendedPc = 0;
  task.outer = nullptr;
  task.traced = false;
  task.again = true;
  return true;
}

void retire(Task* task) {
  if (task->retired != 0) return;
  SpinGuard guard(tableLock);
  std::size_t at = freePlace();
  retired[at] = task;
  task->retired = static_cast<std::uint32_t>(at) + 1;
}

std::uint32_t newest() { return __atomic_load_n(&lastNumber, __ATOMIC_RELAXED); }

void forEach(void (*visit)(Task*, void*), void* data) {
  SpinGuard guard(tableLock);
  for (Task* first : buckets)
    for (Task* task = first; task != nullptr; task = task->next) visit(task, data);
}

}  // namespace task_table
}  // namespace deadheat::rt
