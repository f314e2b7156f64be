// pthread condition variables. A wait is: release the mutex, block, take the mutex again.
//
// Order between signaller and waiter comes from the mutex alone, as POSIX has it; a signal orders nothing by itself.
// glibc has two versions of each function; programs and libraries built in this century use GLIBC_2.3.2.
#include "runtime/intercept/conditions.h"

#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/wait_objects.h"
#include "runtime/intercept/cancellation.h"
#include "runtime/intercept/mutexes.h"

namespace deadheat::rt {
namespace {

constexpr unsigned kProcessShared = 1;  ///< glibc: bit of __wrefs.

bool shared(const pthread_cond_t* condition) { return (condition->__data.__wrefs & kProcessShared) != 0; }

/// The mutex itself knows its holder by the kernel's number, which counts if it was taken out of our sight.
bool holdsMutex(const Thread* self, const pthread_mutex_t* mutex) {
  return holdsLock(self, addressOf(mutex)) || mutex->__data.__owner == currentTask();
}

/// In a controlled run. The thread is entered as a waiter before anybody runs after the mutex was opened, so no wake-up
/// falls between the two.
int waitControlled(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex, RunTime deadline) {
  scheduleAnnounce(self, pc, Operation::Wait, addressOf(condition));
  LockCall call = mutexCall(mutex);
  objectUsed(self, pc, condition);
  bool known = !shared(condition);
  bool holds = holdsMutex(self, mutex);
  if (known) conditionAwaited(self, pc, addressOf(condition), call.lock, holds);
  if (holds) beforeUnlock(self, pc, call.lock);
  int failed = unlockUnseen(mutex);
  auto back = [=](bool woken) {
    if (known) waiterLeft(addressOf(condition), woken);
    lockMutex(self, pc, mutex);
  };
  auto wait = [=] {
    return scheduleWait(self, pc, resourceOf(protocol::ResourceKind::Condition, addressOf(condition)), deadline);
  };
  if (failed != 0) return failed;
  bool woken = cancellablePoint(wait, [=] { back(false); });
  back(woken);
  return woken ? 0 : ETIMEDOUT;
}

/// Which clock the condition goes by.
clockid_t clockOf(const pthread_cond_t* condition) {
  constexpr unsigned kMonotonic = 2;  // glibc: bit of __wrefs.
  return (condition->__data.__wrefs & kMonotonic) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

void wakeControlled(Thread* self, Address pc, const pthread_cond_t* condition, std::size_t most) {
  scheduleAnnounce(self, pc, Operation::Wake, addressOf(condition));
  scheduleWake(self, addressOf(condition), most);
}

/// The real wait comes back with the mutex, also when it fails with ETIMEDOUT or the thread is cancelled in it.
template <class Wait>
int waitReleasing(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex, Attempt attempt,
                  Wait wait) {
  LockCall call = mutexCall(mutex);
  objectUsed(self, pc, condition);
  bool known = !shared(condition);
  bool counted = attempt == Attempt::Blocking && known;
  bool holds = holdsMutex(self, mutex);
  if (known) conditionAwaited(self, pc, addressOf(condition), call.lock, holds);
  if (holds) beforeUnlock(self, pc, call.lock);
  beforeLock(self, pc, call.lock, call.kind, call.mode, Attempt::Blocking);
  Resource resource = resourceOf(protocol::ResourceKind::Condition, addressOf(condition));
  resource.mutex = call.lock;
  if (counted) blockBegin(self, pc, resource);
  auto back = [=](bool woken) {
    if (counted) blockEnd(self);
    if (known) waiterLeft(addressOf(condition), woken);
    afterLock(self, pc, call.lock, call.kind, call.mode, Attempt::Blocking);
  };
  int result = cancellable(wait, [=] { back(false); });
  back(result == 0);
  return result;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_init, "GLIBC_2.3.2",
                           (pthread_cond_t * condition, const pthread_condattr_t* attributes)) {
  if (Thread* self = currentThread()) objectChanged(self, DEADHEAT_CALLER_PC, condition);
  return real_pthread_cond_init(condition, attributes);
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_destroy, "GLIBC_2.3.2", (pthread_cond_t * condition)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_cond_destroy(condition);
  return destroyCondition(self, DEADHEAT_CALLER_PC, condition);
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_wait, "GLIBC_2.3.2",
                           (pthread_cond_t * condition, pthread_mutex_t* mutex)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_cond_wait(condition, mutex);
  return waitCondition(self, DEADHEAT_CALLER_PC, condition, mutex);
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_timedwait, "GLIBC_2.3.2",
                           (pthread_cond_t * condition, pthread_mutex_t* mutex, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_cond_timedwait(condition, mutex, until);
  return timedWaitCondition(self, DEADHEAT_CALLER_PC, condition, mutex, until);
}

DEADHEAT_INTERCEPT(int, pthread_cond_clockwait,
                   (pthread_cond_t * condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_cond_clockwait(condition, mutex, clock, until);
  if (scheduleControlled)
    return isTime(until) ? waitControlled(self, DEADHEAT_CALLER_PC, condition, mutex, runTimeAt(clock, *until)) : EINVAL;
  return waitReleasing(self, DEADHEAT_CALLER_PC, condition, mutex, Attempt::Timed,
                       [=] { return real_pthread_cond_clockwait(condition, mutex, clock, until); });
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_signal, "GLIBC_2.3.2", (pthread_cond_t * condition)) {
  if (Thread* self = currentThread()) {
    objectUsed(self, DEADHEAT_CALLER_PC, condition);
    signalCondition(self, DEADHEAT_CALLER_PC, condition, false);
  }
  return real_pthread_cond_signal(condition);
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_broadcast, "GLIBC_2.3.2", (pthread_cond_t * condition)) {
  if (Thread* self = currentThread()) {
    objectUsed(self, DEADHEAT_CALLER_PC, condition);
    signalCondition(self, DEADHEAT_CALLER_PC, condition, true);
  }
  return real_pthread_cond_broadcast(condition);
}

namespace deadheat::rt {

void signalCondition(Thread* self, Address pc, pthread_cond_t* condition, bool all) {
  if (scheduleControlled) wakeControlled(self, pc, condition, all ? kEverybody : 1);
  constexpr unsigned kOneInside = 8;  // glibc: the unit of __wrefs.
  waiterWoken(addressOf(condition), all, __atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED) / kOneInside);
}

int destroyCondition(Thread* self, Address pc, pthread_cond_t* condition) {
  objectChanged(self, pc, condition);
  bool awaited = isAwaited(addressOf(condition));
  waitObjectDestroyed(self, pc, addressOf(condition));
  syncDestroy(self, addressOf(condition));
  auto destroy = [=] { return real_pthread_cond_destroy(condition); };
  return awaited ? blocking(self, pc, resourceOf(protocol::ResourceKind::Condition, addressOf(condition)), destroy)
                 : destroy();
}

int waitCondition(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (scheduleControlled) return waitControlled(self, pc, condition, mutex, kNever);
  return waitReleasing(self, pc, condition, mutex, Attempt::Blocking,
                       [=] { return real_pthread_cond_wait(condition, mutex); });
}

int timedWaitCondition(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex,
                       const timespec* until) {
  if (scheduleControlled)
    return isTime(until) ? waitControlled(self, pc, condition, mutex, runTimeAt(clockOf(condition), *until)) : EINVAL;
  return waitReleasing(self, pc, condition, mutex, Attempt::Timed,
                       [=] { return real_pthread_cond_timedwait(condition, mutex, until); });
}

}  // namespace deadheat::rt
