// pthread mutexes. std::mutex, std::recursive_mutex and std::timed_mutex arrive here too.
#include "runtime/intercept/mutexes.h"

#include "runtime/detect/lock_table.h"
#include "runtime/detect/thread.h"
#include "runtime/preload/light_mutex.h"

namespace deadheat::rt {
namespace {

constexpr int kKindMask = 3;      ///< glibc keeps the type in the low bits of __kind, flags above them.
constexpr int kRobustFlag = 0x10;
constexpr int kDestroyed = -1;

LockClass classOf(const pthread_mutex_t* mutex) {
  return (mutex->__data.__kind & kKindMask) == PTHREAD_MUTEX_RECURSIVE ? LockClass::RecursiveMutex : LockClass::Mutex;
}

inline void noteReturned(Thread* self, Address pc, const void* frame) {
  if (self->locks.count != 0) dropReturned(self, pc, addressOf(frame));
}

}  // namespace

LockCall mutexCall(const pthread_mutex_t* mutex) {
  LockCall call{addressOf(mutex), classOf(mutex), Mode::Exclusive, protocol::ResourceKind::Mutex};
  call.refusesOwner = (mutex->__data.__kind & kKindMask) == PTHREAD_MUTEX_ERRORCHECK;
  if (mutex->__data.__kind != kDestroyed) call.refusal = protocol::MisuseKind::NeverMade;
  if ((mutex->__data.__kind & ~kKindMask) != 0) return call;  // Robust or shared: its holder may lie elsewhere.
  call.task = &mutex->__data.__owner;
  call.word = &mutex->__data.__lock;
  return call;
}

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t* attributes)) {
  int result = real_pthread_mutex_init(mutex, attributes);
  Thread* self = currentThread();
  if (result != 0 || self == nullptr) return result;
  LockCall call = mutexCall(mutex);
  lockCreated(self, DEADHEAT_CALLER_PC, call.lock, call.kind);
  if ((mutex->__data.__kind & kRobustFlag) != 0) setLockFlags(call.lock, call.kind, kLockRobust);
  return result;
}

DEADHEAT_INTERCEPT(int, pthread_mutex_destroy, (pthread_mutex_t * mutex)) {
  if (Thread* self = currentThread()) lockEnds(self, DEADHEAT_CALLER_PC, addressOf(__builtin_return_address(0)), mutex);
  return real_pthread_mutex_destroy(mutex);
}

DEADHEAT_INTERCEPT(int, pthread_mutex_trylock, (pthread_mutex_t * mutex)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_mutex_trylock(mutex);
  return tryLockMutex(self, DEADHEAT_CALLER_PC, mutex);
}

DEADHEAT_INTERCEPT(int, pthread_mutex_lock, (pthread_mutex_t * mutex)) {
  if constexpr (kPreloaded)
    if (takeLightly(mutex, addressOf(__builtin_return_address(0)), addressOf(__builtin_dwarf_cfa()))) return 0;
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_mutex_lock(mutex);
  noteReturned(self, DEADHEAT_CALLER_PC, __builtin_frame_address(0));
  return lockMutex(self, DEADHEAT_CALLER_PC, mutex);
}

DEADHEAT_INTERCEPT(int, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_mutex_timedlock(mutex, until);
  return timedLockMutex(self, DEADHEAT_CALLER_PC, mutex, until);
}

DEADHEAT_INTERCEPT(int, pthread_mutex_clocklock, (pthread_mutex_t * mutex, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_mutex_clocklock(mutex, clock, until);
  return lockTimed(
      self, DEADHEAT_CALLER_PC, mutexCall(mutex), clock, until, [=] { return real_pthread_mutex_trylock(mutex); },
      [=] { return real_pthread_mutex_clocklock(mutex, clock, until); });
}

DEADHEAT_INTERCEPT(int, pthread_mutex_unlock, (pthread_mutex_t * mutex)) {
  if constexpr (kPreloaded)
    if (giveBackLightly(mutex)) return 0;
  if (Thread* self = currentThread()) {
    noteReturned(self, DEADHEAT_CALLER_PC, __builtin_frame_address(0));
    if (mutex->__data.__lock == 0) noteFree(self, DEADHEAT_CALLER_PC, addressOf(mutex), mutexCall(mutex).kind);
    beforeUnlock(self, DEADHEAT_CALLER_PC, addressOf(mutex));
  }
  return real_pthread_mutex_unlock(mutex);
}

namespace deadheat::rt {

int lockMutex(Thread* self, Address pc, pthread_mutex_t* mutex) {
  return lockBlocking(
      self, pc, mutexCall(mutex), [=] { return real_pthread_mutex_trylock(mutex); },
      [=] { return real_pthread_mutex_lock(mutex); });
}

int unlockUnseen(pthread_mutex_t* mutex) { return real_pthread_mutex_unlock(mutex); }

int tryLockMutex(Thread* self, Address pc, pthread_mutex_t* mutex) {
  return lockBounded(self, pc, mutexCall(mutex), Attempt::Try, [=] { return real_pthread_mutex_trylock(mutex); });
}

int timedLockMutex(Thread* self, Address pc, pthread_mutex_t* mutex, const timespec* until) {
  return lockTimed(
      self, pc, mutexCall(mutex), CLOCK_REALTIME, until, [=] { return real_pthread_mutex_trylock(mutex); },
      [=] { return real_pthread_mutex_timedlock(mutex, until); });
}

}  // namespace deadheat::rt
