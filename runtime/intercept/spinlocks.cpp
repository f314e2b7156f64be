// pthread spinlocks. pthread_spinlock_t is a volatile int.
#include <pthread.h>

#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

LockCall spinCall(const volatile pthread_spinlock_t* lock) {
  LockCall call{addressOf(lock), LockClass::Spinlock, Mode::Exclusive, protocol::ResourceKind::Spinlock};
  call.word = const_cast<const int*>(lock);
  call.takenValue = 0;  // glibc on x86: it counts down from 1.
  return call;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_spin_init, (volatile pthread_spinlock_t* lock, int shared)) {
  int result = real_pthread_spin_init(lock, shared);
  Thread* self = currentThread();
  if (result == 0 && self != nullptr) lockCreated(self, DEADHEAT_CALLER_PC, addressOf(lock), LockClass::Spinlock);
  return result;
}

DEADHEAT_INTERCEPT(int, pthread_spin_destroy, (volatile pthread_spinlock_t* lock)) {
  if (Thread* self = currentThread()) lockEnds(self, DEADHEAT_CALLER_PC, addressOf(__builtin_return_address(0)), lock);
  return real_pthread_spin_destroy(lock);
}

DEADHEAT_INTERCEPT(int, pthread_spin_trylock, (volatile pthread_spinlock_t* lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_spin_trylock(lock);
  return lockBounded(self, DEADHEAT_CALLER_PC, spinCall(lock), Attempt::Try,
                     [=] { return real_pthread_spin_trylock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_spin_lock, (volatile pthread_spinlock_t* lock)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_spin_lock(lock);
  return lockBlocking(
      self, DEADHEAT_CALLER_PC, spinCall(lock), [=] { return real_pthread_spin_trylock(lock); },
      [=] { return real_pthread_spin_lock(lock); });
}

DEADHEAT_INTERCEPT(int, pthread_spin_unlock, (volatile pthread_spinlock_t* lock)) {
  if (Thread* self = currentThread()) beforeUnlock(self, DEADHEAT_CALLER_PC, addressOf(lock));
  return real_pthread_spin_unlock(lock);
}
