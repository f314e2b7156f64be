// The shape all lock interceptors share: say that the lock is wanted, try, wait if need be, say that it is held.
//
// Trying first costs nothing when the lock is free and means that the wait-for graph hears of real waits only.
#pragma once

#include <cerrno>

#include "runtime/detect/contention.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/owners.h"
#include "runtime/intercept/run_clock.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// An object of libc is used, or made or destroyed: a use that nothing orders with the other two is a race. Not where a
/// library uses its own and orders that out of sight.
inline void objectUsed(Thread* self, Address pc, const void* object) {
  if (!self->inLibrary) memoryAccess(self, pc, addressOf(object), 1, 0);
}
inline void objectChanged(Thread* self, Address pc, const void* object) {
  if (!self->inLibrary) memoryAccess(self, pc, addressOf(object), 1, protocol::kAccessWrite);
}

/// A lock is destroyed by the code at `caller`, for which `pc` stands.
inline void lockEnds(Thread* self, Address pc, Address caller, const volatile void* lock) {
  if constexpr (!kPreloaded)
    if (mayCountOwners(caller)) locksSettled(addressOf(lock), 1);
  lockDestroyed(self, pc, addressOf(lock));
}

struct LockCall {
  Address lock;
  LockClass kind;
  Mode mode;
  protocol::ResourceKind resource;
  /// The real call returns an error instead of waiting for a lock its own thread holds.
  bool refusesOwner = false;
  /// Which misuse it is if the real call says that this is no lock.
  protocol::MisuseKind refusal = protocol::MisuseKind::UseAfterDestroy;
  const int* task = nullptr;  ///< Where the lock keeps the kernel's number of its holder, if it does,
  const int* word = nullptr;  ///< and where it keeps whether it is taken:
  int takenValue = 1;         ///< it is if it holds this.
};

/// True for the results that leave the caller with the lock; EOWNERDEAD is a robust mutex whose owner died.
inline bool gotLock(int result) { return result == 0 || result == EOWNERDEAD; }

inline Resource resourceOf(protocol::ResourceKind kind, Address address) {
  return {static_cast<std::uint32_t>(kind), address, kNoThread};
}

/// A wait that ends when `*word != expected`.
inline Resource resourceOf(protocol::ResourceKind kind, const void* address, const void* word, int expected) {
  return {static_cast<std::uint32_t>(kind), addressOf(address), kNoThread, static_cast<const int*>(word), expected};
}

/// A wait without a time limit, told to the wait-for graph.
template <class Wait>
auto blocking(Thread* self, Address pc, const Resource& resource, Wait wait) {
  blockBegin(self, pc, resource);
  auto result = wait();
  blockEnd(self);
  return result;
}

/// In a controlled run nobody waits in the kernel: tries again whenever the lock may be free. ETIMEDOUT if that came too
/// late.
template <class Try>
int lockControlled(Thread* self, Address pc, const LockCall& call, RunTime deadline, Try tryLock) {
  Resource resource = resourceOf(call.resource, call.lock);
  resource.word = call.word;
  resource.expected = call.takenValue;
  int result = EBUSY;
  while (result == EBUSY) {
    // Memory that was freed or never was a lock may hold anything: who waits for it waits until that is another.
    if (call.word != nullptr && call.takenValue != 0)
      if (int now = __atomic_load_n(call.word, __ATOMIC_ACQUIRE); now != 0) resource.expected = now;
    if (!scheduleWait(self, pc, resource, deadline)) return ETIMEDOUT;
    result = tryLock();
  }
  return result;
}

/// A short wait costs less here than in the kernel, and nobody has to be told of it. From look to look the pauses double:
/// who holds the lock keeps its cache line meanwhile, and may give it back and take it again.
template <class Try>
int tryForAMoment(const LockCall& call, Try tryLock) {
  constexpr int kMostPauses = 256;
  if (scheduleControlled || call.word == nullptr || call.takenValue == 0) return EBUSY;
  int result = EBUSY;
  for (int pauses = 1; pauses <= kMostPauses && result == EBUSY; pauses *= 2) {
    for (int i = 0; i < pauses; ++i) __builtin_ia32_pause();
    if (__atomic_load_n(call.word, __ATOMIC_RELAXED) == 0) result = tryLock();
  }
  return result;
}

/// An attempt had `result`.
inline void lockTaken(Thread* self, Address pc, const LockCall& call, Attempt attempt, int result) {
  if (!gotLock(result)) return;
  if (result == 0 && call.kind == LockClass::Mutex && holdsLock(self, call.lock)) lockTakenAgain(self, pc, call.lock);
  afterLock(self, pc, call.lock, call.kind, call.mode, attempt);
}

/// `tryLock` returns EBUSY when it would have to wait; `lock` may wait for ever.
template <class Try, class Lock>
int lockBlocking(Thread* self, Address pc, const LockCall& call, Try tryLock, Lock lock) {
  beforeLock(self, pc, call.lock, call.kind, call.mode, Attempt::Blocking);
  int result = tryLock();
  if (result == EBUSY) {
    auto wait = [&] {
      int now = tryForAMoment(call, tryLock);
      if (now != EBUSY) return now;
      lockAwaited(self, pc, call.lock, call.task, call.word);
      return scheduleControlled ? lockControlled(self, pc, call, kNever, tryLock)
                                : blocking(self, pc, resourceOf(call.resource, call.lock), lock);
    };
    bool refused = call.refusesOwner && holdsLock(self, call.lock);
    result = refused ? lock() : countingWait(self, pc, call.lock, wait);
  }
  lockTaken(self, pc, call, Attempt::Blocking, result);
  if (result == EINVAL) lockRefused(self, pc, call.lock, call.kind, call.refusal);
  return result;
}

/// An attempt that gives up by itself, at once or when a time is over: no order edge and no place in the wait-for graph.
template <class Lock>
int lockBounded(Thread* self, Address pc, const LockCall& call, Attempt attempt, Lock lock) {
  beforeLock(self, pc, call.lock, call.kind, call.mode, attempt);
  int result = lock();
  lockTaken(self, pc, call, attempt, result);
  return result;
}

/// The attempt with a time limit: `until` by `clock`.
template <class Try, class Lock>
int lockTimed(Thread* self, Address pc, const LockCall& call, clockid_t clock, const timespec* until, Try tryLock,
              Lock lock) {
  if (!scheduleControlled && !options.contention) return lockBounded(self, pc, call, Attempt::Timed, lock);
  if (!scheduleControlled)
    return lockBounded(self, pc, call, Attempt::Timed, [&] {
      int result = tryLock();
      return result == EBUSY ? countingWait(self, pc, call.lock, lock) : result;
    });
  return lockBounded(self, pc, call, Attempt::Timed, [&] {
    int result = tryLock();
    if (result != EBUSY || (call.refusesOwner && holdsLock(self, call.lock))) return result == EBUSY ? lock() : result;
    return isTime(until) ? lockControlled(self, pc, call, runTimeAt(clock, *until), tryLock) : EINVAL;
  });
}

}  // namespace deadheat::rt
