#include "runtime/detect/thread_registry.h"

#include <pthread.h>

#include "runtime/platform/growing_array.h"

namespace deadheat::rt {
namespace {

constexpr unsigned kGroupShift = 12;
constexpr std::size_t kGroupIds = std::size_t{1} << kGroupShift;
constexpr std::size_t kGroups = std::size_t{1} << (32 - kGroupShift);
constexpr std::size_t kPage = 4096;

using Group = Thread* [kGroupIds];

SpinLock lock;
Group* groups[kGroups];
GrowingArray<Thread*> all;  ///< Every state there ever was, in use or not.
Thread* firstFree;

Thread* newState() {
  auto* thread = static_cast<Thread*>(mapPages((sizeof(Thread) + kPage - 1) & ~(kPage - 1)));
  constexpr std::size_t kFrameBytes = (CallStack::kFrames + 1) * sizeof(Frame);
  thread->calls.frames = static_cast<Frame*>(mapPages((kFrameBytes + kPage - 1) & ~(kPage - 1)));
  thread->calls.start();
  all.push(thread);
  return thread;
}

/// What a new owner may keep: memory, and contexts, which are the same for all threads.
void wipe(Thread* thread) {
  thread->clock.release();
  thread->releaseFence.release();
  thread->pendingAcquire.release();
  thread->calls.start();
  LockState& locks = thread->locks;
  Held* spilled = locks.spilled;
  std::uint32_t capacity = locks.capacity;
  locks = {};
  locks.spilled = spilled;
  locks.capacity = capacity;
  thread->wait = {};
  thread->plan = {};
  thread->epochKey = 0;
  thread->ignoreSyncDepth = 0;
  thread->createdContext = 0;
  thread->createdPc = 0;
  thread->record = nullptr;
  thread->stackLow = thread->stackHigh = 0;
  thread->accesses = 0;
  thread->life = 0;
  thread->fiber = false;
}

Thread** entryOf(ThreadId id) {
  Group*& group = groups[id >> kGroupShift];
  if (group == nullptr) __atomic_store_n(&group, static_cast<Group*>(mapPages(sizeof(Group))), __ATOMIC_RELEASE);
  return &(*group)[id & (kGroupIds - 1)];
}

}  // namespace

Thread* takeThreadState() {
  SpinGuard guard(lock);
  Thread* thread = firstFree;
  if (thread == nullptr) return newState();
  firstFree = thread->nextFree;
  thread->nextFree = nullptr;
  return thread;
}

void giveThreadState(Thread* thread) {
  SpinGuard guard(lock);
  wipe(thread);
  thread->nextFree = firstFree;
  firstFree = thread;
}

void enterThread(Thread* thread) {
  SpinGuard guard(lock);
  __atomic_store_n(entryOf(thread->id), thread, __ATOMIC_RELEASE);
}

void leaveThread(Thread* thread) {
  SpinGuard guard(lock);
  __atomic_store_n(entryOf(thread->id), nullptr, __ATOMIC_RELEASE);
}

Thread* threadById(ThreadId id) {
  if (id == kNoThread) return nullptr;
  Group* group = __atomic_load_n(&groups[id >> kGroupShift], __ATOMIC_ACQUIRE);
  return group == nullptr ? nullptr : __atomic_load_n(&(*group)[id & (kGroupIds - 1)], __ATOMIC_ACQUIRE);
}

void forEachThread(void (*visit)(Thread*, void*), void* argument) {
  SpinGuard guard(lock);
  for (Thread* thread : all)
    if (threadById(thread->id) == thread) visit(thread, argument);
}

void findStackBounds(Thread* self) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    self->stackLow = reinterpret_cast<Address>(low);
    self->stackHigh = self->stackLow + size;
  }
  pthread_attr_destroy(&attributes);
}

SpinLock& threadRegistryLock() { return lock; }

}  // namespace deadheat::rt
