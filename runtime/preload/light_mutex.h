// Plain mutexes, taken and given back in a few nanoseconds: what a program does most must cost next to nothing for the
// library to stay loaded in production.
//
// A call of the real function and back costs as much as an uncontended mutex. So a free one is taken here, as glibc has
// done since 2.3: `__lock` is 0 when free, 1 when taken, 2 when somebody may wait; owner and users are counted beside it.
// Whether this glibc still does is tried at start (mutexesAreKnown). Everything but the plain case is left to the
// interceptor: another kind of mutex, one that is taken, a nesting not met before.
#pragma once

#include <pthread.h>

#include "runtime/detect/thread.h"
#include "runtime/platform/futex.h"

namespace deadheat::rt {

/// Set at start; cleared when every lock is to be looked at (contention).
extern bool mutexesAreKnown;
/// Raised when a lock is taken from its holder, whose entry is emptied; threads compare it with what they saw last.
extern std::uint32_t takenAway;
/// Raised when a lock of the graph ends its life: what a thread remembers to have told may not hold any more.
extern std::uint32_t lifetimes;

/// Tries the C library's mutexes. Once, by the preload constructor.
void learnMutexes();

/// What stands for a thread that holds `locks` and wants another.
inline std::uint64_t nesting(const LockState& locks, Address wanted, Mode mode) {
  constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
  std::uint64_t hash = (wanted * 2 + static_cast<unsigned>(mode)) * kFactor;
  hash = (hash ^ hash >> 32 ^ std::uint64_t{locks.segment} << 32 ^ __atomic_load_n(&lifetimes, __ATOMIC_RELAXED)) * kFactor;
  for (std::uint32_t i = 0; i < locks.count; ++i)
    hash = (hash ^ hash >> 32 ^ (locks.held()[i].lock * 2 + static_cast<unsigned>(locks.held()[i].mode))) * kFactor;
  return hash | 1;
}

/// Where a thread remembers that it told the graph of a nesting.
inline std::uint64_t& rememberedNesting(LockState& locks, std::uint64_t hash) {
  return locks.told[hash >> 40 & (LockState::kRemembered - 1)];
}

inline bool isPlain(const LockState& locks, const pthread_mutex_t* mutex) {
  return mutexesAreKnown && mutex->__data.__kind == PTHREAD_MUTEX_TIMED_NP && locks.spilled == nullptr &&
         locks.seenTakenAway == __atomic_load_n(&takenAway, __ATOMIC_RELAXED);
}

/// True if the mutex was free, and is now held and noted as taken at `pc` in the frame above `frame`.
inline __attribute__((always_inline)) bool takeLightly(pthread_mutex_t* mutex, Address pc, Address frame) {
  Thread* self = fastThread;
  if (self == nullptr) return false;
  LockState& locks = self->locks;
  auto lock = reinterpret_cast<Address>(mutex);
  if (!isPlain(locks, mutex) || locks.count >= LockState::kInline) return false;
  if (locks.count != 0) {
    std::uint64_t hash = nesting(locks, lock, Mode::Exclusive);
    if (rememberedNesting(locks, hash) != hash) return false;
  }
  int free = 0;
  if (!__atomic_compare_exchange_n(&mutex->__data.__lock, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return false;
  mutex->__data.__owner = self->task;
  ++mutex->__data.__nusers;
  locks.inlineHeld[locks.count++] = {lock, pc, 0, 0, 0, 1, Mode::Exclusive, LockClass::Mutex, frame, 0};
  return true;
}

/// True if the mutex was the last one that was taken, and is now free.
inline __attribute__((always_inline)) bool giveBackLightly(pthread_mutex_t* mutex) {
  Thread* self = fastThread;
  if (self == nullptr) return false;
  LockState& locks = self->locks;
  if (locks.count == 0 || !isPlain(locks, mutex) || mutex->__data.__owner != self->task) return false;
  const Held& last = locks.inlineHeld[locks.count - 1];
  if (last.lock != reinterpret_cast<Address>(mutex) || last.recursion != 1) return false;
  --locks.count;
  mutex->__data.__owner = 0;
  --mutex->__data.__nusers;
  if (__atomic_exchange_n(&mutex->__data.__lock, 0, __ATOMIC_RELEASE) > 1) futexWakeOne(&mutex->__data.__lock);
  return true;
}

}  // namespace deadheat::rt
