// The lock verbs: held sets, owners, misuse, and the happens-before edges of locks.
//
// A reader-writer lock has two clocks, at its address and the byte after: writers release into the first, readers into
// the second. Readers acquire the first only, so that nothing orders two readers; writers acquire both.
#include "runtime/detect/locks.h"

#include "runtime/detect/contention.h"
#include "runtime/detect/held_set.h"
#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/lock_history.h"
#include "runtime/detect/lock_order.h"
#include "runtime/detect/lock_reports.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/shadow_map.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/sync.h"
#include "runtime/detect/targeted.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/waits.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/schedule/events.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;

/// Raised when a lock is taken from its holder; threads compare it with what they saw last.
std::uint32_t takenAway;

Address readerClock(Address lock) { return lock + 1; }

void acquireLock(Thread* self, Address lock, LockClass kind, Mode mode) {
  acquireClock(self, lock);
  if (kind == LockClass::RwLock && mode == Mode::Exclusive) acquireClock(self, readerClock(lock));
}

/// A lock another thread unlocked, or whose memory ended, is not held any more.
void dropStale(LockState& locks, ThreadId self) {
  std::uint32_t now = __atomic_load_n(&takenAway, __ATOMIC_ACQUIRE);
  if (locks.seenTakenAway == now) return;
  locks.seenTakenAway = now;
  for (std::uint32_t i = locks.count; i != 0; --i) {
    Held* held = &locks.held()[i - 1];
    bool mine = false;
    withKnownLock(held->lock, [&](const LockRecord& record) {
      mine = record.instance == held->instance && (held->mode == Mode::Shared || record.owner == self);
    });
    if (!mine) removeHeld(locks, held);
  }
}

/// Races on the lock itself: the use of one that was made, and the end of one that was used, without order.
void reportUnordered(Thread* self, Address pc, std::uint32_t flags, Address lock, ThreadId other, std::uint32_t otherFlags,
                     Context otherContext, Address otherPc) {
  if (self->ignoreDepth != 0) return;
  RaceAccess later{threadId(self), flags, lock, 1, pc, currentContext(self), ~0u, self};
  RaceAccess earlier{other, otherFlags, lock, 1, otherPc, otherContext, ~0u, nullptr};
  reportRace(later, earlier, protocol::RaceProof::Observed);
}

bool knows(const Thread* self, Key key) { return key == 0 || self->clock.get(slotOf(key)) >= epochOf(key); }

constexpr std::uint32_t kUse = protocol::kAccessAtomic;

/// Stacks of locks are read from the machine's own in a targeted build, which costs too much for each: there the place
/// stands for its stack.
Context lockContext(const Thread* self) { return targetedBuild ? 0 : currentContext(self); }

/// Remembers who met the lock first.
void made(const Thread* self, Address pc, LockRecord& record) {
  if (record.madePc != 0) return;
  if (targetedBuild) touchPage(regionFor(record.lock), record.lock);  // Its end is to be told.
  record.madeBy = threadId(self);
  record.madeContext = currentContext(self);
  record.madePc = pc;
}

void reportLock(Thread* self, Address pc, MisuseKind kind, const LockRecord& record) {
  reportMisuse(self, pc, {kind, record.lock, record.instance});
}

void gone(Thread* self, Address pc, const LockRecord& record) {
  orderForget(record);
  rememberDead(record);
  if (self != nullptr && !knows(self, record.usedKey))
    reportUnordered(self, pc, protocol::kAccessWrite, record.lock,
                    threadOfSlot(slotOf(record.usedKey), epochOf(record.usedKey)), kUse, record.takenContext,
                    record.takenPc);
  if (record.waiting > record.woken && self != nullptr)
    reportMisuse(self, pc, {MisuseKind::DestroyWaited, record.lock, record.instance, record.takenContext, record.takenPc});
  bool held = record.owner < kEndedThread || record.shared != 0;
  if (!held) return;
  __atomic_add_fetch(&takenAway, 1, __ATOMIC_RELEASE);
  if (self != nullptr)
    reportMisuse(self, pc, {MisuseKind::DestroyLocked, record.lock, record.instance, record.takenContext, record.takenPc});
}

/// A release of a lock `self` does not hold. Silent when the lock was never seen: it may be older than the runtime.
void unlockForeign(Thread* self, Address pc, Address lock) {
  LockRecord before{};
  bool known = withKnownLock(lock, [&](LockRecord& record) {
    before = record;
    record.owner = kNoThread;
  });
  if (!known) return;
  if (before.owner == kNoThread && before.shared != 0) return;
  if (before.owner != kNoThread) __atomic_add_fetch(&takenAway, 1, __ATOMIC_RELEASE);
  reportLock(self, pc, before.owner == kNoThread ? MisuseKind::UnlockNotHeld : MisuseKind::UnlockByOther, before);
}

void releaseLock(Thread* self, const Held& held) {
  bool rwLock = false;
  withKnownLock(held.lock, [&](LockRecord& record) {
    rwLock = record.kind == LockClass::RwLock;
    record.usedKey = self->epochKey;
    if (held.mode == Mode::Exclusive)
      record.owner = kNoThread;
    else if (record.shared != 0)
      --record.shared;
  });
  lockHistoryOf(self->slot).released(momentOf(self->epochKey), held.lock, held.instance, held.mode);
  releaseClock(self, rwLock && held.mode == Mode::Shared ? readerClock(held.lock) : held.lock);
}

/// In the child of a fork: what other threads held is held for good, unless the parent can still release it.
void orphan(const LockState& locks, ThreadId self, LockRecord& record) {
  const Held* own = findHeld(const_cast<LockState&>(locks), record.lock);
  std::uint32_t shared = own != nullptr && own->mode == Mode::Shared ? own->recursion : 0;
  bool foreign = (record.owner < kEndedThread && record.owner != self) || record.shared > shared;
  record.waiting = record.woken = record.surely = 0;
  if (record.kind > LockClass::Spinlock || !foreign || inSharedMemory(record.lock)) return;
  record.owner = kEndedThread;
  record.shared = shared;
  record.flags |= kLockAcrossFork;
}

void orphanLocks(Thread* self) {
  for (std::size_t bucket = 0; bucket < lock_table::kBuckets; ++bucket)
    for (LockRecord* record = lock_table::firstIn(bucket); record != nullptr; record = record->next)
      orphan(self->locks, threadId(self), *record);
}

}  // namespace

void lockCreated(Thread* self, Address pc, Address lock, LockClass kind) {
  RuntimeScope scope;
  takeLocks(lock, 1, [&](const LockRecord& record) { gone(nullptr, pc, record); });
  syncDestroy(self, lock);
  if (kind == LockClass::RwLock) syncDestroy(self, readerClock(lock));
  withLock(lock, kind, [=](LockRecord& record) {
    made(self, pc, record);
    record.madeKey = self->epochKey;
  });
}

void lockDestroyed(Thread* self, Address pc, Address lock) {
  RuntimeScope scope;
  bool rwLock = false;
  takeLocks(lock, 1, [&](const LockRecord& record) {
    rwLock = record.kind == LockClass::RwLock;
    gone(self, pc, record);
  });
  syncDestroy(self, lock);
  if (rwLock) syncDestroy(self, readerClock(lock));
}

void locksForgotten(Thread* self, Address pc, Address begin, std::size_t size) {
  RuntimeScope scope;
  takeLocks(begin, size, [&](const LockRecord& record) { gone(self, pc, record); });
}

void dropReturned(Thread* self, Address pc, Address frame) {
  LockState& locks = self->locks;
  Address depth = frame - self->stackLow;
  if (depth >= self->stackHigh - self->stackLow) return;
  for (std::uint32_t i = locks.count; i != 0; --i) {
    Address lock = locks.held()[i - 1].lock;
    if (lock - self->stackLow >= depth) continue;
    RuntimeScope scope;
    takeLocks(lock, 1, [&](const LockRecord& record) { gone(self, pc, record); });
  }
}

void lockTakenAgain(Thread* self, Address pc, Address lock) {
  if (lock - self->stackLow >= self->stackHigh - self->stackLow) return;
  RuntimeScope scope;
  takeLocks(lock, 1, [&](const LockRecord& record) { gone(self, pc, record); });
}

void locksSettled(Address begin, std::size_t size) {
  RuntimeScope scope;
  changeLocks(begin, size, [](LockRecord& record) { record.madeKey = record.usedKey = 0; });
}

void beforeLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt attempt) {
  RuntimeScope scope;
  if (scheduleControlled)
    scheduleAnnounce(self, pc, attempt == Attempt::Try ? Operation::TryLock : Operation::Lock, lock);
  else if (planActive && attempt == Attempt::Blocking)
    planLock(self, pc, lock);
  if (eventsRecorded && attempt != Attempt::Blocking) recordEvent(self, pc, protocol::EventKind::TryLock, lock);
  LockState& locks = self->locks;
  if (attempt != Attempt::Blocking || locks.count == 0) return;
  dropStale(locks, threadId(self));
  if (locks.count != 0 && findHeld(locks, lock) == nullptr) orderWanted(self, locks, pc, lock, kind, mode);
}

void afterLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt attempt) {
  RuntimeScope scope;
  LockState& locks = self->locks;
  dropStale(locks, threadId(self));
  if (Held* held = findHeld(locks, lock)) {
    ++held->recursion;
    if (mode == Mode::Shared) withKnownLock(lock, [](LockRecord& record) { ++record.shared; });
    return;
  }
  if (eventsRecorded)
    recordEvent(self, pc, protocol::EventKind::Lock, lock, 1,
                (mode == Mode::Shared ? protocol::kLockShared : 0u) |
                    (attempt == Attempt::Blocking ? 0u : protocol::kLockDoesNotWait));
  std::uint64_t instance = 0;
  std::uint32_t node = 0;
  LockRecord unordered{};
  withLock(lock, kind, [&](LockRecord& record) {
    if (!knows(self, record.madeKey)) unordered = record;
    instance = record.instance;
    node = record.node;
    record.kind = kind;
    made(self, pc, record);
    if (mode == Mode::Exclusive)
      record.owner = threadId(self);
    else
      ++record.shared;
    record.takenContext = lockContext(self);
    record.takenPc = pc;
    record.usedKey = self->epochKey;
  });
  if (unordered.madeKey != 0)
    reportUnordered(self, pc, kUse, lock, unordered.madeBy, protocol::kAccessWrite, unordered.madeContext,
                    unordered.madePc);
  pushHeld(locks,
           {lock, pc, instance, node, lockContext(self), 1, mode, kind, 0, options.contention ? contentionClock() : 0});
  acquireLock(self, lock, kind, mode);
  nextPart(self);
  lockHistoryOf(self->slot).taken(momentOf(self->epochKey), lock, instance, mode);
}

void beforeUnlock(Thread* self, Address pc, Address lock) {
  RuntimeScope scope;
  if (scheduleControlled) {
    scheduleAnnounce(self, pc, Operation::Unlock, lock);
    scheduleWake(self, lock, kEverybody);  // Nobody runs before it is open.
  }
  LockState& locks = self->locks;
  dropStale(locks, threadId(self));
  Held* held = findHeld(locks, lock);
  if (held == nullptr) {
    if (eventsRecorded) recordEvent(self, pc, protocol::EventKind::Unlock, lock);
    unlockForeign(self, pc, lock);
    releaseClock(self, lock);
    return;
  }
  if (--held->recursion != 0) {
    if (held->mode == Mode::Shared) withKnownLock(lock, [](LockRecord& record) { --record.shared; });
    return;
  }
  if (eventsRecorded) recordEvent(self, pc, protocol::EventKind::Unlock, lock);
  Held copy = *held;
  removeHeld(locks, held);
  if (options.contention) contentionHeld(self, copy);
  releaseLock(self, copy);
}

std::size_t heldLocks(const Thread* self, HeldLock* out, std::size_t capacity) {
  const LockState& locks = self->locks;
  std::size_t count = locks.count < capacity ? locks.count : capacity;
  for (std::size_t i = 0; i < count; ++i) {
    const Held& held = locks.held()[i];
    out[i] = {held.lock, held.instance, held.context, held.pc, held.mode, held.recursion};
  }
  return count;
}

void setLockFlags(Address lock, LockClass kind, std::uint32_t flags) {
  RuntimeScope scope;
  withLock(lock, kind, [=](LockRecord& record) { record.flags = flags; });
}

std::uint32_t lockFlags(Address lock) {
  RuntimeScope scope;
  std::uint32_t flags = 0;
  withKnownLock(lock, [&](const LockRecord& record) { flags = record.flags; });
  return flags;
}

void checkTaken(Thread* self, Address pc, Address lock, LockClass kind, Mode mode) {
  RuntimeScope scope;
  LockRecord before{};
  if (!withKnownLock(lock, [&](const LockRecord& record) { before = record; })) return;
  if (before.owner >= kEndedThread || kind == LockClass::RecursiveMutex) return;
  reportLock(self, pc, mode == Mode::Shared ? MisuseKind::ShareLockExclusive : MisuseKind::LockTwice, before);
}

void checkGivenBack(Thread* self, Address pc, Address lock, LockClass kind, Mode mode) {
  RuntimeScope scope;
  LockRecord before{};
  withLock(lock, kind, [&](LockRecord& record) {
    made(self, pc, record);
    before = record;
  });
  if (mode == Mode::Shared && before.owner < kEndedThread)
    reportLock(self, pc, MisuseKind::ShareUnlockExclusive, before);
}

void checkNothingHeld(Thread* self, Address pc) {
  RuntimeScope scope;
  dropStale(self->locks, threadId(self));
  if (self->locks.count == 0) return;
  const Held& held = self->locks.held()[0];
  reportMisuse(self, pc, {MisuseKind::HeldWhereForbidden, held.lock, held.instance});
}

void noteFree(Thread* self, Address pc, Address lock, LockClass kind) {
  RuntimeScope scope;
  withLock(lock, kind, [=](LockRecord& record) { made(self, pc, record); });
}

void lockRefused(Thread* self, Address pc, Address lock, LockClass lockClass, MisuseKind kind) {
  RuntimeScope scope;
  LockRecord now{};
  withLock(lock, lockClass, [&](LockRecord& record) { now = record; });
  reportLock(self, pc, kind, now);
}

void lockAwaited(Thread* self, Address pc, Address lock, const int* task, const int* word) {
  RuntimeScope scope;
  LockRecord now{};
  withKnownLock(lock, [&](const LockRecord& record) { now = record; });
  if ((now.flags & kLockAcrossFork) != 0) return reportLock(self, pc, MisuseKind::HeldAcrossFork, now);
  if (task == nullptr || (now.instance != 0 && now.owner != kNoThread)) return;
  int holder = __atomic_load_n(task, __ATOMIC_ACQUIRE);
  bool possible = holder == 0 || (holder != currentTask() && taskExists(holder));
  if (possible && isMutexWord(__atomic_load_n(word, __ATOMIC_ACQUIRE))) return;
  // A holder that has just let go and ended is none.
  if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == 0 || __atomic_load_n(task, __ATOMIC_ACQUIRE) != holder) return;
  withLock(lock, LockClass::Mutex, [&](LockRecord& record) {
    made(self, pc, record);
    record.owner = kEndedThread;
    now = record;
  });
  reportLock(self, pc, MisuseKind::TakenByNobody, now);
}

bool holdsLock(const Thread* self, Address lock) {
  return findHeld(const_cast<LockState&>(self->locks), lock) != nullptr;
}

bool holdsExclusive(const Thread* self, Address lock) {
  const Held* held = findHeld(const_cast<LockState&>(self->locks), lock);
  return held != nullptr && held->mode == Mode::Exclusive;
}

void setOwner(Address object, ThreadId owner) {
  RuntimeScope scope;
  withLock(object, LockClass::Mutex, [=](LockRecord& record) { record.owner = owner; });
}

Holders holdersOf(Address lock) {
  Holders holders{kNoThread, 0, 0};
  withKnownLock(lock, [&](const LockRecord& record) { holders = {record.owner, record.shared, record.instance}; });
  return holders;
}

void lockThreadCreated(Thread* parent, Thread* child) {
  RuntimeScope scope;
  orderThreadCreated(parent, parent->locks, child, child->locks);
}

void lockThreadJoined(Thread* self, Thread* target) {
  RuntimeScope scope;
  orderThreadJoined(self, self->locks, target, target->locks);
}

void lockMainReturned(Thread* self, Address pc) {
  dropReturned(self, pc, reinterpret_cast<Address>(__builtin_frame_address(0)));
  RuntimeScope scope;
  LockState& locks = self->locks;
  dropStale(locks, threadId(self));
  for (std::uint32_t i = 0; i < locks.count; ++i) {
    const Held& held = locks.held()[i];
    if ((lockFlags(held.lock) & kLockRobust) == 0)
      reportMisuse(self, pc, {MisuseKind::ExitHoldingLock, held.lock, held.instance, held.context, held.pc});
  }
}

void lockThreadEnded(Thread* self) {
  RuntimeScope scope;
  LockState& locks = self->locks;
  dropStale(locks, threadId(self));
  for (std::uint32_t i = 0; i < locks.count; ++i) {
    const Held& held = locks.held()[i];
    if ((lockFlags(held.lock) & kLockRobust) != 0) {
      if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::Unlock, held.lock);
      releaseClock(self, held.lock);
    } else {
      reportMisuse(self, held.pc, {MisuseKind::ExitHoldingLock, held.lock, held.instance, held.context, held.pc});
    }
    lockHistoryOf(self->slot).released(momentOf(self->epochKey), held.lock, held.instance, held.mode);
    withKnownLock(held.lock, [&](LockRecord& record) {
      if (record.owner == threadId(self)) record.owner = kEndedThread;
    });
  }
  locks.count = 0;
  freeHeld(locks);
}

void locksBeforeFork() {
  waitsBeforeFork();
  orderBeforeFork();
}

void locksAfterFork() {
  orderAfterFork();
  waitsAfterFork();
}

void locksForked(Thread* self) {
  lock_table::resetAfterFork();
  contentionForked();
  orphanLocks(self);
  resetOrderAfterFork();
  resetWaitsAfterFork(self);
}

}  // namespace deadheat::rt
