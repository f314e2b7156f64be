#include "runtime/detect/fibers.h"

#include "runtime/detect/fiber_locks.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/task_table.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {

struct Fiber {
  Address stack;
  std::size_t size;
  Task* task;
  CallPosition calls;  ///< While it does not run.
  Task* running;       ///< The same: the innermost task in it,
  SiteFrames sites;    ///< and the sites of the plan it is in.
  Frame* frames;
  GrowingArray<Held> locks;
  bool madeUnseen;
  ThreadId locker;  ///< Who carried it when it first wanted a lock of fibers, or kNoThread.
  Fiber* nextFree;
};

namespace {

SpinLock tableLock;
GrowingArray<Fiber*> fibers;  ///< By the address of their stacks, which do not overlap.
Fiber* freeFibers;
bool told;

/// Every stack lies, or lay, between them.
Address lowest = ~Address{0}, highest = 0;
/// No stack is smaller, nor is one in a smaller block.
constexpr std::size_t kSmallestStack = 1024;

/// Index of the first whose stack ends above `address`.
std::size_t firstAbove(Address address) {
  std::size_t low = 0, high = fibers.size();
  while (low != high) {
    std::size_t middle = (low + high) / 2;
    if (fibers[middle]->stack + fibers[middle]->size > address)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

Fiber* find(Address stackPointer) {
  SpinGuard guard(tableLock);
  std::size_t at = firstAbove(stackPointer - 1);  // An empty stack's pointer is its end.
  return at != fibers.size() && fibers[at]->stack < stackPointer ? fibers[at] : nullptr;
}

/// REQUIRES: tableLock.
Fiber* takeFree() {
  if (freeFibers != nullptr) {
    Fiber* fiber = freeFibers;
    freeFibers = fiber->nextFree;
    return fiber;
  }
  auto* fiber = static_cast<Fiber*>(allocateForever(sizeof(Fiber)));
  auto pages = reinterpret_cast<Address>(mapPages(2 * CallStack::kFrameBytes));
  fiber->frames = reinterpret_cast<Frame*>((pages + CallStack::kFrameBytes - 1) & ~(CallStack::kFrameBytes - 1));
  return fiber;
}

/// REQUIRES: tableLock.
void removeAt(std::size_t at) {
  Fiber* fiber = fibers[at];
  fiber->nextFree = freeFibers;
  freeFibers = fiber;
  for (; at + 1 < fibers.size(); ++at) fibers[at] = fibers[at + 1];
  fibers.pop();
}

void end(Task& task) {
  task.becomes(TaskState::Destroyed);
  task_table::retire(&task);
}

Fiber* enter(Address stack, std::size_t size) {
  GrowingArray<Task*> ended;
  Fiber* fiber = nullptr;
  {
    SpinGuard guard(tableLock);
    std::size_t at = firstAbove(stack);
    while (at != fibers.size() && fibers[at]->stack < stack + size) {
      ended.push(fibers[at]->task);
      removeAt(at);
    }
    if (stack < lowest) __atomic_store_n(&lowest, stack, __ATOMIC_RELAXED);
    if (stack + size > highest) __atomic_store_n(&highest, stack + size, __ATOMIC_RELAXED);
    fiber = takeFree();
    fibers.push(fiber);
    for (std::size_t i = fibers.size() - 1; i > at; --i) fibers[i] = fibers[i - 1];
    fibers[at] = fiber;
    fiber->stack = stack;
    fiber->size = size;
  }
  for (Task* task : ended) end(*task);
  if (ended.size() != 0) memoryForgotten(stack, size);  // Another's from now on, whoever handed it over.
  ended.free();
  return fiber;
}

void leave(Thread* self, Address pc) {
  Fiber* fiber = self->fiberCarried;
  (fiber != nullptr ? fiber->calls : self->ownCalls) = self->calls.position();
  (fiber != nullptr ? fiber->running : self->ownRunning) = self->running;
  (fiber != nullptr ? fiber->sites : self->ownSiteFrames) = self->plan;
  putLocksAside(self, fiber != nullptr ? fiber->locks : self->ownFiberLocks);
  if (fiber == nullptr) return;
  fiber->task->suspendedPc = pc;
  fiber->task->becomes(TaskState::Suspended);
}

void goOn(Thread* self, Address pc, Fiber* fiber) {
  self->fiberCarried = fiber;
  self->inLibrary = false;
  self->calls.goTo(fiber != nullptr ? fiber->calls : self->ownCalls);
  self->running = fiber != nullptr ? fiber->running : self->ownRunning;
  static_cast<SiteFrames&>(self->plan) = fiber != nullptr ? fiber->sites : self->ownSiteFrames;
  takeLocksBack(self, fiber != nullptr ? fiber->locks : self->ownFiberLocks);
  if (fiber == nullptr) return;
  Task& task = *fiber->task;
  if (scheduleControlled) scheduleResumed(self, task);
  if (task.becomes(TaskState::Running) == TaskState::Running)
    reportTaskMisuse(self, pc, protocol::MisuseKind::TaskResumedRunning, task, task.changed);
  task.changed = {self->id, 0, pc};
}

/// Where the stack pointer lies; false if nobody knows.
bool whose(const Thread* self, Address stackPointer, Fiber*& fiber) {
  fiber = find(stackPointer);
  return fiber != nullptr || stackPointer - self->stackLow <= self->stackHigh - self->stackLow;
}

}  // namespace

SpinLock& fiberTableLock() { return tableLock; }

void fibersAreTold() { told = true; }

Fiber* fiberMade(Thread* self, Address pc, Address stack, std::size_t size, Address entry) {
  if (told || size == 0) return nullptr;
  RuntimeScope scope;
  Fiber* fiber = enter(stack, size);
  Task* task = task_table::enter(stack);
  task->size = size;
  task->entry = entry;
  task->creator = self->running != nullptr ? self->running->number : 0;
  task->created = task->changed = {self->id, currentContext(self), pc};
  task->becomes(TaskState::Suspended);
  fiber->task = fiber->running = task;
  fiber->sites = {};
  fiber->locks.clear();
  fiber->locker = kNoThread;
  fiber->madeUnseen = false;
  CallStack::startAt(fiber->frames, fiber->calls);
  return fiber;
}

void fiberSwitched(Thread* self, Address pc, Address stackPointer, bool unseen) {
  Fiber* fiber = nullptr;
  if (told || !whose(self, stackPointer, fiber) || fiber == self->fiberCarried) return;
  RuntimeScope scope;
  if (unseen && self->fiberCarried != nullptr) release(self, self->fiberCarried->stack);
  leave(self, pc);
  goOn(self, pc, fiber);
  if (unseen && fiber != nullptr) acquire(self, fiber->stack);
}

void fiberMadeUnseen(Thread* self, Address stackPointer) {
  RuntimeScope scope;
  Fiber* fiber = find(stackPointer);
  if (fiber == nullptr) return;
  fiber->madeUnseen = true;
  release(self, fiber->stack);
}

bool fiberIsUnseen(const Thread* self) {
  return self->fiberCarried != nullptr && self->fiberCarried->madeUnseen && self->calls.depth() == 0;
}

void fibersForgotten(Address begin, std::size_t size) {
  if (size < kSmallestStack || begin >= __atomic_load_n(&highest, __ATOMIC_RELAXED) ||
      begin + size <= __atomic_load_n(&lowest, __ATOMIC_RELAXED))
    return;
  RuntimeScope scope;
  GrowingArray<Task*> ended;
  {
    SpinGuard guard(tableLock);
    for (std::size_t at = firstAbove(begin); at != fibers.size() && fibers[at]->stack < begin + size;) {
      if (fibers[at]->task->state() == TaskState::Running) {  // It gives back what it stands on.
        ++at;
        continue;
      }
      ended.push(fibers[at]->task);
      removeAt(at);
    }
  }
  for (Task* task : ended) end(*task);
  ended.free();
}

bool fiberKeepsToThread(Thread* self) {
  Fiber* fiber = self->fiberCarried;
  if (fiber == nullptr) return true;
  if (fiber->locker == kNoThread) fiber->locker = self->id;
  return fiber->locker == self->id;
}

Address stackEnd(const Thread* self, Address at) {
  const Fiber* fiber = self != nullptr ? self->fiberCarried : nullptr;
  if (fiber != nullptr && at - fiber->stack < fiber->size) return fiber->stack + fiber->size;
  if (self != nullptr && at - self->stackLow < self->stackHigh - self->stackLow) return self->stackHigh;
  constexpr Address kPage = 4096;
  return (at & ~(kPage - 1)) + kPage;
}

void fiberEnded(Thread* self, Fiber* fiber, Address stackPointer) {
  if (self->fiberCarried != fiber) return;
  RuntimeScope scope;
  Fiber* next = nullptr;
  if (stackPointer != 0) whose(self, stackPointer, next);
  leave(self, 0);
  goOn(self, 0, next);
  Task* task = fiber->task;
  {
    SpinGuard guard(tableLock);
    std::size_t at = firstAbove(fiber->stack);
    if (at != fibers.size() && fibers[at] == fiber) removeAt(at);
  }
  end(*task);
}

}  // namespace deadheat::rt
