// pthread threads: created through a trampoline, ended after their thread_local destructors, joined by handle.
#include "runtime/intercept/threads.h"

#include <cerrno>
#include <climits>
#include <ctime>

#include "runtime/detect/locks.h"
#include "runtime/detect/misuse.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/waits.h"
#include "runtime/intercept/allocation.h"
#include "runtime/intercept/cancellation.h"
#include "runtime/intercept/locking.h"
#include "runtime/intercept/rebinding.h"
#include "runtime/intercept/thread_handles.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

/// What a new thread is given. Waits in `registered` until its creator has entered its handle, so that a handle that is
/// reused at once cannot be entered for the wrong thread.
struct Start {
  Thread* thread;
  void* (*routine)(void*);
  void* argument;
  int registered;
  Start* nextFree;
};

SpinLock startLock;
Start* freeStarts;

Start* newStart(Thread* thread, void* (*routine)(void*), void* argument) {
  RuntimeScope scope;
  SpinGuard guard(startLock);
  Start* start = freeStarts;
  if (start != nullptr)
    freeStarts = start->nextFree;
  else
    start = static_cast<Start*>(allocateForever(sizeof(Start)));
  *start = {thread, routine, argument, 0, nullptr};
  return start;
}

void freeStart(Start* start) {
  SpinGuard guard(startLock);
  start->nextFree = freeStarts;
  freeStarts = start;
}

pthread_key_t endKey;
int endKeyState;  ///< 0: none, 1: being made, 2: made.

/// Destructors of keys run in rounds as long as any was set; C++ thread_local objects die before the first. Setting the
/// key again until the last round makes this one of the last things a thread does.
void atEndRound(void* round) {
  auto left = reinterpret_cast<Address>(round);
  if (left > 1) {
    pthread_setspecific(endKey, reinterpret_cast<void*>(left - 1));
    return;
  }
  Thread* self = currentThread();
  if (self == nullptr) return;
  lockThreadEnded(self);
  waitThreadEnded(self);
  freeKeptBlocks(self);
  ThreadId id = threadId(self);
  if (scheduleControlled) scheduleFinish(self);
  threadFinish(self);
  if (scheduleControlled) scheduleEnd(id);
}

void makeEndKey() {
  int none = 0;
  if (__atomic_compare_exchange_n(&endKeyState, &none, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    pthread_key_create(&endKey, atEndRound);
    __atomic_store_n(&endKeyState, 2, __ATOMIC_RELEASE);
  }
  while (__atomic_load_n(&endKeyState, __ATOMIC_ACQUIRE) != 2) {
  }
}

/// For threads that did not come through the trampoline: the main thread may end by pthread_exit, too.
void ensureEndWatched() {
  makeEndKey();
  if (pthread_getspecific(endKey) == nullptr) watchThreadEnd();
}

void* trampoline(void* data) {
  auto* start = static_cast<Start*>(data);
  while (__atomic_load_n(&start->registered, __ATOMIC_ACQUIRE) == 0) futexWait(&start->registered, 0);
  Start copy = *start;
  freeStart(start);
  if (scheduleControlled) scheduleBegin(copy.thread);
  threadStart(copy.thread);
  watchThreadEnd();
  return copy.routine(copy.argument);
}

void joined(Thread* self, pthread_t handle, ThreadId id) {
  forgetHandle(handle, id);
  Thread* target = threadById(id);
  if (target == nullptr) return;
  lockThreadJoined(self, target);
  threadJoined(self, target);
}

/// In a controlled run: returns when the thread has said its last, or nothing is to be waited for. False if the deadline
/// was over first. The kernel's thread ends right after.
bool awaitEnd(Thread* self, Address pc, pthread_t handle, ThreadId id, RunTime deadline) {
  scheduleAnnounce(self, pc, Operation::Join, handle);
  if (id == kNoThread || joinIsMutual(self, id) || isBeingJoined(id)) return true;
  Resource end{static_cast<std::uint32_t>(protocol::ResourceKind::Join), handle, id};
  bool came = true;
  while (came && scheduleIsAlive(id))
    came = cancellablePoint([=] { return scheduleWait(self, pc, end, deadline); }, [=] { blockEnd(self); });
  return came;
}

/// Runs one of the real joins; `join` returns 0 when the thread has ended.
template <class Join>
int joinBounded(Address pc, pthread_t handle, RunTime deadline, Join join) {
  Thread* self = currentThread();
  if (self != nullptr && handleIsSpent(handle)) reportJoinedTwice(self, pc);
  ThreadId id = self != nullptr ? threadOfHandle(handle) : kNoThread;
  bool late = self != nullptr && scheduleControlled && !awaitEnd(self, pc, handle, id, deadline);
  int result = late ? ETIMEDOUT : join();
  if (result == 0 && self != nullptr) joined(self, handle, id);
  return result;
}

RunTime limitOf(clockid_t clock, const timespec* until) {
  return until == nullptr || !scheduleControlled ? kNever : runTimeAt(clock, *until);
}

bool bornDetached(const pthread_attr_t* attributes) {
  int state = PTHREAD_CREATE_JOINABLE;
  return attributes != nullptr && pthread_attr_getdetachstate(attributes, &state) == 0 &&
         state == PTHREAD_CREATE_DETACHED;
}

}  // namespace

void watchThreadEnd() {
  makeEndKey();
  pthread_setspecific(endKey, reinterpret_cast<void*>(Address{PTHREAD_DESTRUCTOR_ITERATIONS}));
}

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_create,
                   (pthread_t * handle, const pthread_attr_t* attributes, void* (*routine)(void*), void* argument)) {
  initialize();
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_create(handle, attributes, routine, argument);
  return createThread(self, DEADHEAT_CALLER_PC, handle, attributes, routine, argument,
                      reinterpret_cast<Address>(routine));
}

DEADHEAT_INTERCEPT(int, pthread_join, (pthread_t handle, void** result)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_join(handle, result);
  return joinThread(self, DEADHEAT_CALLER_PC, handle, result);
}

DEADHEAT_INTERCEPT(int, pthread_tryjoin_np, (pthread_t handle, void** result)) {
  if (!scheduleControlled || currentThread() == nullptr)
    return joinBounded(DEADHEAT_CALLER_PC, handle, kNever, [=] { return real_pthread_tryjoin_np(handle, result); });
  scheduleAnnounce(currentThread(), DEADHEAT_CALLER_PC, Operation::TryLock, handle);
  if (ThreadId id = threadOfHandle(handle); id != kNoThread && scheduleIsAlive(id)) return EBUSY;
  return joinBounded(DEADHEAT_CALLER_PC, handle, kNever, [=] { return real_pthread_join(handle, result); });
}

DEADHEAT_INTERCEPT(int, pthread_timedjoin_np, (pthread_t handle, void** result, const timespec* until)) {
  return joinBounded(DEADHEAT_CALLER_PC, handle, limitOf(CLOCK_REALTIME, until),
                     [=] {
                       return scheduleControlled ? real_pthread_join(handle, result)
                                                 : real_pthread_timedjoin_np(handle, result, until);
                     });
}

DEADHEAT_INTERCEPT(int, pthread_clockjoin_np,
                   (pthread_t handle, void** result, clockid_t clock, const timespec* until)) {
  return joinBounded(DEADHEAT_CALLER_PC, handle, limitOf(clock, until),
                     [=] {
                       return scheduleControlled ? real_pthread_join(handle, result)
                                                 : real_pthread_clockjoin_np(handle, result, clock, until);
                     });
}

DEADHEAT_INTERCEPT(int, pthread_detach, (pthread_t handle)) {
  if (Thread* self = currentThread()) detachThread(self, DEADHEAT_CALLER_PC, handle);
  return real_pthread_detach(handle);
}

DEADHEAT_INTERCEPT(int, pthread_setname_np, (pthread_t handle, const char* name)) {
  int result = real_pthread_setname_np(handle, name);
  Thread* self = currentThread();
  if (result != 0 || self == nullptr) return result;
  ThreadId id = threadOfHandle(handle);
  Thread* thread = handle == pthread_self() ? self : id == kNoThread ? nullptr : threadById(id);
  if (thread != nullptr) threadSetName(thread, name);
  return result;
}

namespace deadheat::rt {

int createThread(Thread* self, Address pc, pthread_t* handle, const pthread_attr_t* attributes,
                 void* (*routine)(void*), void* argument, Address entry) {
  ensureEndWatched();
  if (scheduleControlled) scheduleAnnounce(self, pc, Operation::Create, entry);
  Thread* child = threadCreate(self, pc, entry);
  ThreadId id = threadId(child);
  if (scheduleControlled) scheduleCreated(child);
  lockThreadCreated(self, child);
  waitThreadCreated();
  Start* start = newStart(child, routine, argument);
  pthread_t made;
  int result = real_pthread_create(&made, attributes, trampoline, start);
  if (result != 0) {
    if (scheduleControlled) scheduleCreateFailed(child);
    waitThreadFailed();
    threadCreateFailed(child);
    freeStart(start);
    return result;
  }
  *handle = made;
  rememberHandle(made, id);
  if (bornDetached(attributes)) {
    forgetHandle(made, id);
    threadDetached(child);
  }
  __atomic_store_n(&start->registered, 1, __ATOMIC_RELEASE);
  futexWakeAll(&start->registered);
  return 0;
}

void detachThread(Thread* self, Address pc, pthread_t handle) {
  if (handleIsSpent(handle)) reportJoinedTwice(self, pc);
  ThreadId id = threadOfHandle(handle);
  if (id == kNoThread) return;
  forgetHandle(handle, id);
  if (Thread* thread = threadById(id)) threadDetached(thread);
}

void interceptStart() {
  resolveInterceptors();
  rebindCalls();
  ensureEndWatched();
}

void interceptForked(Thread*) {
  startLock.reset();
  resetHandlesAfterFork();
}

int joinThread(Thread* self, Address pc, pthread_t handle, void** result) {
  if (handleIsSpent(handle)) reportJoinedTwice(self, pc);
  ThreadId id = threadOfHandle(handle);
  if (scheduleControlled) awaitEnd(self, pc, handle, id, kNever);
  int code = real_pthread_tryjoin_np(handle, result);
  if (code == EBUSY && id != kNoThread && isBeingJoined(id)) {
    reportJoinedTwice(self, pc);
    return EINVAL;  // As POSIX advises; two real joins would both take the thread apart.
  }
  if (code == EBUSY) {
    auto wait = [=] { return cancellable([=] { return real_pthread_join(handle, result); }, [=] { blockEnd(self); }); };
    code = id == kNoThread || joinIsMutual(self, id)
               ? wait()
               : blocking(self, pc, {static_cast<std::uint32_t>(protocol::ResourceKind::Join), handle, id}, wait);
  }
  if (code == 0) joined(self, handle, id);
  return code;
}

}  // namespace deadheat::rt
