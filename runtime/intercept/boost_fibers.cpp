// Boost.Fiber as a shared library that is not instrumented: its locks and schedulers work by atomics that nobody tells
// of. Who gets a lock comes after who gave it back; a fiber that goes on comes after whoever made it ready; who joined
// one comes after its end. Its locks are held by fibers.
//
// The schedulers take turns on what they share among themselves by the C library's mutexes, or out of sight: that
// orders nothing here, so fibers that merely run on the same carrier one after the other, or are stolen, are in order
// with that carrier only.
#include "runtime/detect/fiber_locks.h"
#include "runtime/detect/fibers.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/rebinding.h"

namespace deadheat::rt {
namespace {

/// std::unique_lock of a spinlock.
struct SpinlockGuard {
  const void* spinlock;
  bool owns;
};

// Whoever waits may go on on another thread: after the real function, the thread is asked for anew.

template <class Take>
void take(Address pc, const void* lock, LockClass kind, Take reallyTake) {
  if (Thread* self = currentThread()) {
    const Attempt ordered = fiberKeepsToThread(self) ? Attempt::Blocking : Attempt::Timed;
    beforeLock(self, pc, addressOf(lock), kind, Mode::Exclusive, ordered);
  }
  reallyTake();
  if (Thread* self = currentThread()) fiberLocked(self, pc, addressOf(lock), kind, Attempt::Blocking);
}

template <class Take>
bool tryToTake(Address pc, const void* lock, LockClass kind, Attempt attempt, Take reallyTake) {
  if (Thread* self = currentThread()) beforeLock(self, pc, addressOf(lock), kind, Mode::Exclusive, attempt);
  const bool taken = reallyTake();
  if (Thread* self = taken ? currentThread() : nullptr) fiberLocked(self, pc, addressOf(lock), kind, attempt);
  return taken;
}

void giveBack(Address pc, const void* lock) {
  if (Thread* self = currentThread()) beforeUnlock(self, pc, addressOf(lock));
}

/// What the library does with its own objects is ordered out of sight. And in a controlled run nobody else has his turn
/// meanwhile, unless this thread cannot go on: the library holds spinlocks, and who waits for one out of sight does not
/// give way. `call` may come back on another thread.
template <class Call>
auto inside(Call call) {
  struct Kept {
    bool before = change(true);
    ~Kept() { change(before); }
    static bool change(bool now) {
      Thread* self = currentThread();
      if (self == nullptr) return false;
      const bool was = self->inLibrary;
      self->inLibrary = now;
      return was;
    }
  } kept;
  return call();
}

/// In a controlled run: headers lock it, and may be interrupted before they unlock it.
void awaitSpinlock(Address pc, const int* spinlock) {
  constexpr int kLocked = 0,
                kMostTurns = 1000;  // Were it none of the kind that is thought, that would be the end of it.
  for (int i = 0; scheduleControlled && i < kMostTurns; ++i) {
    if (__atomic_load_n(spinlock, __ATOMIC_RELAXED) != kLocked) return;
    if (Thread* self = currentThread()) scheduleAnnounce(self, pc, Operation::Yield, addressOf(spinlock));
  }
}

void comesAfter(const void* object) {
  if (Thread* self = currentThread()) acquire(self, addressOf(object));
}

void comesBefore(const void* object) {
  if (Thread* self = currentThread()) release(self, addressOf(object));
}

}  // namespace
}  // namespace deadheat::rt

#define FIBER_LOCK(id, mangled, kind)                                                                   \
  DEADHEAT_REBIND(void, lock##id, "_ZN5boost6fibers" mangled "4lockEv", (void* lock)) {                 \
    take(DEADHEAT_CALLER_PC, lock, kind, [=] { real_lock##id(lock); });                                 \
  }                                                                                                     \
  DEADHEAT_REBIND(bool, try##id, "_ZN5boost6fibers" mangled "8try_lockEv", (void* lock)) {              \
    return tryToTake(DEADHEAT_CALLER_PC, lock, kind, Attempt::Try, [=] { return real_try##id(lock); }); \
  }                                                                                                     \
  DEADHEAT_REBIND(void, unlock##id, "_ZN5boost6fibers" mangled "6unlockEv", (void* lock)) {             \
    giveBack(DEADHEAT_CALLER_PC, lock);                                                                 \
    real_unlock##id(lock);                                                                              \
  }

#define FIBER_TIMED_LOCK(id, mangled, kind)                                                                          \
  FIBER_LOCK(id, mangled, kind)                                                                                      \
  DEADHEAT_REBIND(bool, tryUntil##id, "_ZN5boost6fibers" mangled "15try_lock_until_E*", (void* lock, void* time)) {  \
    return tryToTake(DEADHEAT_CALLER_PC, lock, kind, Attempt::Timed, [=] { return real_tryUntil##id(lock, time); }); \
  }

FIBER_LOCK(Mutex, "5mutex", LockClass::Mutex)
FIBER_LOCK(RecursiveMutex, "15recursive_mutex", LockClass::RecursiveMutex)
FIBER_TIMED_LOCK(TimedMutex, "11timed_mutex", LockClass::Mutex)
FIBER_TIMED_LOCK(RecursiveTimedMutex, "21recursive_timed_mutex", LockClass::RecursiveMutex)

DEADHEAT_REBIND(bool, meetAtBarrier, "_ZN5boost6fibers7barrier4waitEv", (void* barrier)) {
  comesBefore(barrier);
  const bool last = inside([=] { return real_meetAtBarrier(barrier); });
  comesAfter(barrier);
  return last;
}

// Their first member is the spinlock that headers lock to wait.
DEADHEAT_REBIND(void, notifyOne, "_ZN5boost6fibers22condition_variable_any10notify_oneEv", (int* condition)) {
  awaitSpinlock(DEADHEAT_CALLER_PC, condition);
  inside([=] { real_notifyOne(condition); });
}
DEADHEAT_REBIND(void, notifyAll, "_ZN5boost6fibers22condition_variable_any10notify_allEv", (int* condition)) {
  awaitSpinlock(DEADHEAT_CALLER_PC, condition);
  inside([=] { real_notifyAll(condition); });
}

/// A scheduler looks for what is ready; one that steals does not wait if there is nothing.
DEADHEAT_REBIND(void, lookForReady, "_ZN5boost6fibers9scheduler19remote_ready2ready_Ev", (void* scheduler)) {
  if (Thread* self = scheduleControlled ? currentThread() : nullptr)
    scheduleAnnounce(self, DEADHEAT_CALLER_PC, Operation::Yield, addressOf(scheduler));
  real_lookForReady(scheduler);
}

// Of boost::fibers::context. Each fiber is one, and so is what a thread does outside of fibers.
DEADHEAT_REBIND(void, schedule, "_ZN5boost6fibers9scheduler8scheduleEPNS0_7contextE", (void* scheduler, void* ready)) {
  comesBefore(ready);
  inside([=] { real_schedule(scheduler, ready); });
}
DEADHEAT_REBIND(void, scheduleFromRemote, "_ZN5boost6fibers9scheduler20schedule_from_remoteEPNS0_7contextE",
                (void* scheduler, void* ready)) {
  comesBefore(ready);
  inside([=] { real_scheduleFromRemote(scheduler, ready); });
}
DEADHEAT_REBIND(void, resume, "_ZN5boost6fibers7context6resumeEv", (void* context)) {
  comesAfter(context);
  real_resume(context);
}
DEADHEAT_REBIND(void, resumeOther, "_ZN5boost6fibers7context6resumeEPS1_", (void* context, void* ready)) {
  comesAfter(context);
  real_resumeOther(context, ready);
}
/// The spinlock is unlocked once the caller is left; headers lock it.
DEADHEAT_REBIND(void, resumeUnlocking, "_ZN5boost6fibers7context6resumeERSt11unique_lock*",
                (void* context, SpinlockGuard* guard)) {
  comesBefore(guard->spinlock);
  comesAfter(context);
  real_resumeUnlocking(context, guard);
}
DEADHEAT_REBIND(void, suspend, "_ZN5boost6fibers7context7suspendEv", (void* context)) {
  inside([=] { real_suspend(context); });
}
DEADHEAT_REBIND(void, suspendUnlocking, "_ZN5boost6fibers7context7suspendERSt11unique_lock*",
                (void* context, void* guard)) {
  inside([=] { real_suspendUnlocking(context, guard); });
}
#define WAIT_UNTIL                                                                        \
  "_ZN5boost6fibers7context10wait_untilERKNSt6chrono10time_pointINS2_3_V212steady_clockE" \
  "NS2_8durationIlSt5ratioILl1ELl1000000000EEEEEE"
DEADHEAT_REBIND(bool, waitUntil, WAIT_UNTIL, (void* context, void* time)) {
  return inside([=] { return real_waitUntil(context, time); });
}
DEADHEAT_REBIND(bool, waitUntilUnlocking, WAIT_UNTIL "RSt11unique_lock*",
                (void* context, void* time, void* guard, void* waker)) {
  return inside([=] { return real_waitUntilUnlocking(context, time, guard, waker); });
}
DEADHEAT_REBIND(void*, suspendForGood, "_ZN5boost6fibers7context15suspend_with_ccEv", (void* result, void* context)) {
  comesAfter(context);
  return real_suspendForGood(result, context);
}
DEADHEAT_REBIND(void*, terminate, "_ZN5boost6fibers7context9terminateEv", (void* result, void* context)) {
  comesBefore(context);
  return inside([=] { return real_terminate(result, context); });
}
DEADHEAT_REBIND(void, join, "_ZN5boost6fibers7context4joinEv", (void* context)) {
  inside([=] { real_join(context); });
  comesAfter(context);
}
