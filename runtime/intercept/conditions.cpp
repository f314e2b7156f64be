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
  return waitReleasing(self, DEADHEAT_CALLER_PC, condition, mutex, Attempt::Timed,
                       [=] { return real_pthread_cond_clockwait(condition, mutex, clock, until); });
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_signal, "GLIBC_2.3.2", (pthread_cond_t * condition)) {
  if (Thread* self = currentThread()) {
    objectUsed(self, DEADHEAT_CALLER_PC, condition);
    waiterWoken(addressOf(condition), false);
  }
  return real_pthread_cond_signal(condition);
}

DEADHEAT_INTERCEPT_VERSION(int, pthread_cond_broadcast, "GLIBC_2.3.2", (pthread_cond_t * condition)) {
  if (Thread* self = currentThread()) {
    objectUsed(self, DEADHEAT_CALLER_PC, condition);
    waiterWoken(addressOf(condition), true);
  }
  return real_pthread_cond_broadcast(condition);
}

namespace deadheat::rt {

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
  return waitReleasing(self, pc, condition, mutex, Attempt::Blocking,
                       [=] { return real_pthread_cond_wait(condition, mutex); });
}

int timedWaitCondition(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex,
                       const timespec* until) {
  return waitReleasing(self, pc, condition, mutex, Attempt::Timed,
                       [=] { return real_pthread_cond_timedwait(condition, mutex, until); });
}

}  // namespace deadheat::rt
