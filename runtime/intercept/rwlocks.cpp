// pthread reader-writer locks, and with them std::shared_mutex and std::shared_timed_mutex.
#include <pthread.h>

#include <ctime>

#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

LockCall readCall(const pthread_rwlock_t* lock) {
  return {addressOf(lock), LockClass::RwLock, Mode::Shared, protocol::ResourceKind::RwLockRead};
}

LockCall writeCall(const pthread_rwlock_t* lock) {
  return {addressOf(lock), LockClass::RwLock, Mode::Exclusive, protocol::ResourceKind::RwLockWrite};
}

/// glibc refuses a lock that the calling thread holds for writing; a reader that wants to write waits for itself.
LockCall refusingWriter(Thread* self, LockCall call) {
  call.refusesOwner = holdsExclusive(self, call.lock);
  return call;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_rwlock_init, (pthread_rwlock_t * lock, const pthread_rwlockattr_t* attributes)) {
  int result = real_pthread_rwlock_init(lock, attributes);
  Thread* self = currentThread();
  if (result == 0 && self != nullptr) lockCreated(self, DEADHEAT_CALLER_PC, addressOf(lock), LockClass::RwLock);
  return result;
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_destroy, (pthread_rwlock_t * lock)) {
  if (Thread* self = currentThread()) lockEnds(self, DEADHEAT_CALLER_PC, addressOf(__builtin_return_address(0)), lock);
  return real_pthread_rwlock_destroy(lock);
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_tryrdlock(lock);
  return lockBounded(self, DEADHEAT_CALLER_PC, readCall(lock), Attempt::Try,
                     [=] { return real_pthread_rwlock_tryrdlock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_trywrlock, (pthread_rwlock_t * lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_trywrlock(lock);
  return lockBounded(self, DEADHEAT_CALLER_PC, writeCall(lock), Attempt::Try,
                     [=] { return real_pthread_rwlock_trywrlock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_rdlock(lock);
  return lockBlocking(
      self, DEADHEAT_CALLER_PC, refusingWriter(self, readCall(lock)),
      [=] { return real_pthread_rwlock_tryrdlock(lock); }, [=] { return real_pthread_rwlock_rdlock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_wrlock(lock);
  return lockBlocking(
      self, DEADHEAT_CALLER_PC, refusingWriter(self, writeCall(lock)),
      [=] { return real_pthread_rwlock_trywrlock(lock); }, [=] { return real_pthread_rwlock_wrlock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_timedrdlock, (pthread_rwlock_t * lock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_timedrdlock(lock, until);
  return lockTimed(
      self, DEADHEAT_CALLER_PC, readCall(lock), CLOCK_REALTIME, until,
      [=] { return real_pthread_rwlock_tryrdlock(lock); },
      [=] { return real_pthread_rwlock_timedrdlock(lock, until); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_timedwrlock, (pthread_rwlock_t * lock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_timedwrlock(lock, until);
  return lockTimed(
      self, DEADHEAT_CALLER_PC, writeCall(lock), CLOCK_REALTIME, until,
      [=] { return real_pthread_rwlock_trywrlock(lock); },
      [=] { return real_pthread_rwlock_timedwrlock(lock, until); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_clockrdlock, (pthread_rwlock_t * lock, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_clockrdlock(lock, clock, until);
  return lockTimed(
      self, DEADHEAT_CALLER_PC, readCall(lock), clock, until, [=] { return real_pthread_rwlock_tryrdlock(lock); },
      [=] { return real_pthread_rwlock_clockrdlock(lock, clock, until); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_clockwrlock, (pthread_rwlock_t * lock, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_rwlock_clockwrlock(lock, clock, until);
  return lockTimed(
      self, DEADHEAT_CALLER_PC, writeCall(lock), clock, until, [=] { return real_pthread_rwlock_trywrlock(lock); },
      [=] { return real_pthread_rwlock_clockwrlock(lock, clock, until); });
}

DEADHEAT_INTERCEPT(int, pthread_rwlock_unlock, (pthread_rwlock_t * lock)) {
  if (Thread* self = currentThread()) beforeUnlock(self, DEADHEAT_CALLER_PC, addressOf(lock));
  return real_pthread_rwlock_unlock(lock);
}
