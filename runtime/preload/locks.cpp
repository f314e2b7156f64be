// The lock verbs for programs that were not instrumented: cheap enough to leave on.
//
// A thread that takes a lock notes it in its own held set and nowhere else, so nothing is shared that the program does
// not share itself. What the full runtime keeps in a table is found when it is asked for: who holds a mutex stands in
// the mutex, and whoever is blocked can be looked at. Locks enter the table when they are made by a call, nested, waited
// for or reported. There are no clocks; order between threads is that of creation and join.
#include "runtime/detect/locks.h"

#include <pthread.h>

#include "runtime/detect/contention.h"
#include "runtime/detect/held_set.h"
#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/lock_order.h"
#include "runtime/detect/lock_reports.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/native_stack.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/waits.h"
#include "runtime/preload/light_mutex.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;

void made(Thread* self, Address pc, Context context, LockRecord& record) {
  if (record.madePc != 0) return;
  record.madeBy = threadId(self);
  record.madeContext = context;
  record.madePc = pc;
}

/// Removes entries that others emptied.
__attribute__((noinline)) void dropTaken(LockState& locks) {
  locks.seenTakenAway = __atomic_load_n(&takenAway, __ATOMIC_ACQUIRE);
  for (std::uint32_t i = locks.count; i != 0; --i)
    if (__atomic_load_n(&locks.held()[i - 1].lock, __ATOMIC_RELAXED) == 0) removeHeld(locks, &locks.held()[i - 1]);
}

inline void refresh(LockState& locks) {
  if (locks.seenTakenAway != __atomic_load_n(&takenAway, __ATOMIC_RELAXED)) [[unlikely]] dropTaken(locks);
}

/// Gives every held lock its record in the table and the stack that took it, as far as that still stands: its callers are
/// those frames of today that lie above where the lock was taken.
void complete(Thread* self, const NativeFrame* frames, std::size_t count) {
  LockState& locks = self->locks;
  for (std::uint32_t i = 0; i < locks.count; ++i) {
    Held& held = locks.held()[i];
    if (held.context == 0 && held.frame != 0) {
      std::size_t from = 0;
      while (from < count && frames[from].stackPointer <= held.frame) ++from;
      held.context = contextOf(self->calls, frames, from, count);
    }
    if (held.instance != 0 || held.lock == 0) continue;
    withLock(held.lock, held.kind, [&](LockRecord& record) {
      made(self, held.pc, held.context, record);
      held.instance = record.instance;
      held.node = record.node;
    });
  }
}

void complete(Thread* self) {
  NativeFrame frames[kMostNativeFrames];
  complete(self, frames, nativeFrames(frames, kMostNativeFrames));
}

__attribute__((noinline)) void lockUnderOthers(Thread* self, Address pc, Address lock, LockClass kind, Mode mode) {
  LockState& locks = self->locks;
  refresh(locks);
  if (locks.count == 0 || findHeld(locks, lock) != nullptr) return;
  std::uint64_t hash = nesting(locks, lock, mode);
  if (rememberedNesting(locks, hash) == hash) return;
  RuntimeScope scope;
  complete(self);
  orderWanted(self, locks, pc, lock, kind, mode);
  hash = nesting(locks, lock, mode);
  rememberedNesting(locks, hash) = hash;
}

/// Somebody else who holds the lock, as far as can be seen while threads run.
struct OtherHolder {
  Address lock;
  const Thread* self;
  Thread* holder = nullptr;
  Held* entry = nullptr;

  static void visit(Thread* thread, void* data) {
    auto* search = static_cast<OtherHolder*>(data);
    if (thread == search->self || thread->locks.spilled != nullptr) return;
    for (Held& held : thread->locks.inlineHeld) {
      if (&held - thread->locks.inlineHeld >= __atomic_load_n(&thread->locks.count, __ATOMIC_RELAXED)) break;
      if (__atomic_load_n(&held.lock, __ATOMIC_RELAXED) != search->lock) continue;
      search->holder = thread;
      search->entry = &held;
    }
  }
};

OtherHolder otherHolder(const Thread* self, Address lock) {
  OtherHolder search{lock, self};
  forEachThread(OtherHolder::visit, &search);
  return search;
}

void takeAway(const OtherHolder& from) {
  Address expected = from.lock;
  __atomic_compare_exchange_n(&from.entry->lock, &expected, Address{0}, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  __atomic_add_fetch(&takenAway, 1, __ATOMIC_RELEASE);
}

/// The lock's record now, made if need be.
LockRecord recordOf(Thread* self, Address pc, Address lock, LockClass kind) {
  LockRecord now{};
  Context context = currentContext(self);
  withLock(lock, kind, [&](LockRecord& record) {
    made(self, pc, context, record);
    now = record;
  });
  return now;
}

void reportHeldBy(Thread* self, Address pc, MisuseKind kind, const LockRecord& record, const Held* held) {
  reportMisuse(self, pc, {kind, record.lock, record.instance, held != nullptr ? held->context : 0,
                          held != nullptr ? held->pc : 0});
}

/// A record that was taken out of the table: its lock's life ended.
void gone(Thread* self, Address pc, const LockRecord& record) {
  if (record.node != 0) __atomic_add_fetch(&lifetimes, 1, __ATOMIC_RELEASE);
  orderForget(record);
  rememberDead(record);
  if (self == nullptr) return;
  if (record.waiting > record.woken)
    reportMisuse(self, pc, {MisuseKind::DestroyWaited, record.lock, record.instance, record.takenContext, record.takenPc});
  bool mutex = record.kind == LockClass::Mutex || record.kind == LockClass::RecursiveMutex;
  if (!mutex || reinterpret_cast<const pthread_mutex_t*>(record.lock)->__data.__lock == 0) return;
  OtherHolder other = otherHolder(self, record.lock);
  if (other.holder == nullptr) return;
  reportHeldBy(self, pc, MisuseKind::DestroyLocked, record, other.entry);
  takeAway(other);
}

bool holdsIn(const LockState& locks, Address begin, std::size_t size) {
  for (std::uint32_t i = 0; i < locks.count; ++i)
    if (locks.held()[i].lock - begin < size) return true;
  return false;
}

/// What self itself holds in the memory ends.
void ownGone(Thread* self, Address pc, Address begin, std::size_t size) {
  RuntimeScope scope;
  LockState& locks = self->locks;
  for (std::uint32_t i = locks.count; i != 0; --i) {
    Held held = locks.held()[i - 1];
    if (held.lock - begin >= size) continue;
    complete(self);
    held = locks.held()[i - 1];
    removeHeld(locks, &locks.held()[i - 1]);
    reportMisuse(self, pc, {MisuseKind::DestroyLocked, held.lock, held.instance, held.context, held.pc});
  }
}

__attribute__((noinline)) void unlockForeign(Thread* self, Address pc, Address lock) {
  RuntimeScope scope;
  OtherHolder other = otherHolder(self, lock);
  bool known = false;
  bool ended = false;
  known = withKnownLock(lock, [&](LockRecord& record) {
    ended = record.owner == kEndedThread;
    record.owner = kNoThread;
  });
  if (other.holder == nullptr && !known) return;  // It may be older than the runtime.
  LockRecord record = recordOf(self, pc, lock, other.entry != nullptr ? other.entry->kind : LockClass::Mutex);
  bool taken = ended || other.holder != nullptr;
  reportHeldBy(self, pc, taken ? MisuseKind::UnlockByOther : MisuseKind::UnlockNotHeld, record, other.entry);
  if (other.holder != nullptr) takeAway(other);
}

struct Survivors {
  Thread* self;
  /// What threads of the parent's alone held is held for good.
  static void visit(Thread* thread, void* data) {
    Thread* self = static_cast<Survivors*>(data)->self;
    if (thread == self) return;
    LockState& locks = thread->locks;
    for (std::uint32_t i = 0; i < locks.count; ++i) {
      const Held& held = locks.held()[i];
      if (held.lock == 0 || inSharedMemory(held.lock)) continue;
      withLock(held.lock, held.kind, [&](LockRecord& record) {
        made(self, held.pc, held.context, record);
        record.flags |= kLockAcrossFork;
        record.owner = kEndedThread;
      });
    }
    locks.count = 0;
  }
};

/// With contention every lock is known from the first, with its whole stack.
void timeHold(Thread* self, Held& held) {
  RuntimeScope scope;
  held.context = currentContext(self);
  recordOf(self, held.pc, held.lock, held.kind);
  held.since = contentionClock();
}

/// The thread that a mutex says holds it, if it is blocked and agrees.
const Thread* blockedHolder(Address lock, int task) {
  for (const Thread* thread = firstBlockedThread(); thread != nullptr; thread = thread->wait.next)
    if (thread->wait.task == task && holdsLock(thread, lock)) return thread;
  return nullptr;
}

}  // namespace

void lockCreated(Thread* self, Address pc, Address lock, LockClass kind) {
  RuntimeScope scope;
  takeLocks(lock, 1, [&](const LockRecord& record) { gone(nullptr, pc, record); });
  recordOf(self, pc, lock, kind);
}

void lockDestroyed(Thread* self, Address pc, Address lock) { locksForgotten(self, pc, lock, 1); }

void dropReturned(Thread*, Address, Address) {}
void lockTakenAgain(Thread*, Address, Address) {}

void locksForgotten(Thread* self, Address pc, Address begin, std::size_t size) {
  if (holdsIn(self->locks, begin, size)) ownGone(self, pc, begin, size);
  if (!lock_table::mayHold(begin, begin + size)) return;
  RuntimeScope scope;
  takeLocks(begin, size, [&](const LockRecord& record) { gone(self, pc, record); });
}

void beforeLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt attempt) {
  if (self->locks.count == 0 || attempt != Attempt::Blocking) return;
  lockUnderOthers(self, pc, lock, kind, mode);
}

void afterLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt) {
  LockState& locks = self->locks;
  refresh(locks);
  if (locks.count != 0) {
    if (Held* held = findHeld(locks, lock)) {
      ++held->recursion;
      return;
    }
  }
  Held& held = pushHeld(locks, {lock, pc, 0, 0, 0, 1, mode, kind, callerFrame, 0});
  if (options.contention) timeHold(self, held);
}

void beforeUnlock(Thread* self, Address pc, Address lock) {
  LockState& locks = self->locks;
  refresh(locks);
  Held* held = findHeld(locks, lock);
  if (held == nullptr) [[unlikely]] return unlockForeign(self, pc, lock);
  if (--held->recursion != 0) return;
  if (options.contention) contentionHeld(self, *held);
  removeHeld(locks, held);
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

/// The mutex itself says that nobody holds it: that this is misuse is told at once, and not again by beforeUnlock.
void noteFree(Thread* self, Address pc, Address lock, LockClass kind) {
  if (holdsLock(self, lock)) return;
  RuntimeScope scope;
  reportHeldBy(self, pc, MisuseKind::UnlockNotHeld, recordOf(self, pc, lock, kind), nullptr);
}

void lockRefused(Thread* self, Address pc, Address lock, LockClass lockClass, MisuseKind kind) {
  RuntimeScope scope;
  reportHeldBy(self, pc, kind, recordOf(self, pc, lock, lockClass), nullptr);
}

void lockAwaited(Thread* self, Address pc, Address lock, const int* task, const int* word) {
  RuntimeScope scope;
  complete(self);  // A deadlock report may read it while self is blocked.
  LockRecord now{};
  bool known = withKnownLock(lock, [&](const LockRecord& record) { now = record; });
  if (!known) now = recordOf(self, pc, lock, task != nullptr ? LockClass::Mutex : LockClass::RwLock);
  if ((now.flags & kLockAcrossFork) != 0) return reportHeldBy(self, pc, MisuseKind::HeldAcrossFork, now, nullptr);
  if (task == nullptr) return;
  int holder = __atomic_load_n(task, __ATOMIC_ACQUIRE);
  bool own = holder == currentTask() && !holdsLock(self, lock);
  bool possible = holder == 0 || (!own && taskExists(holder));
  if (possible && isMutexWord(__atomic_load_n(word, __ATOMIC_ACQUIRE))) return;
  // A holder that has just let go and ended is none.
  if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == 0 || __atomic_load_n(task, __ATOMIC_ACQUIRE) != holder) return;
  bool ended = now.owner == kEndedThread;
  now = recordOf(self, pc, lock, LockClass::Mutex);
  withKnownLock(lock, [](LockRecord& record) { record.owner = kEndedThread; });
  if (!ended) reportHeldBy(self, pc, MisuseKind::TakenByNobody, now, nullptr);
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
  withLock(object, LockClass::Spinlock, [=](LockRecord& record) { record.owner = owner; });
}

/// Only threads that are blocked matter: the others can let go. Called with the list of them standing still.
Holders holdersOf(Address lock) {
  Holders holders{kNoThread, 0, 0};
  LockClass kind = LockClass::RwLock;
  withKnownLock(lock, [&](const LockRecord& record) {
    holders = {record.owner, 0, record.instance};
    kind = record.kind;
  });
  if (holders.owner != kNoThread) return holders;
  if (kind == LockClass::Mutex || kind == LockClass::RecursiveMutex) {
    const Thread* holder = blockedHolder(lock, reinterpret_cast<const pthread_mutex_t*>(lock)->__data.__owner);
    if (holder != nullptr) holders.owner = holder->id;
    return holders;
  }
  for (const Thread* thread = firstBlockedThread(); thread != nullptr; thread = thread->wait.next) {
    const Held* held = findHeld(const_cast<LockState&>(thread->locks), lock);
    if (held == nullptr) continue;
    if (held->mode == Mode::Exclusive) holders.owner = thread->id;
    else ++holders.shared;
  }
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

void lockThreadEnded(Thread* self) {
  RuntimeScope scope;
  LockState& locks = self->locks;
  refresh(locks);
  if (locks.count != 0) complete(self);
  for (std::uint32_t i = 0; i < locks.count; ++i) {
    const Held& held = locks.held()[i];
    std::uint32_t flags = 0;
    withKnownLock(held.lock, [&](LockRecord& record) {
      flags = record.flags;
      if ((flags & kLockRobust) == 0) record.owner = kEndedThread;
    });
    if ((flags & kLockRobust) == 0) reportMisuse(self, held.pc, {MisuseKind::ExitHoldingLock, held.lock, held.instance});
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
  self->task = currentTask();
  lock_table::resetAfterFork();
  contentionForked();
  Survivors survivors{self};
  forEachThread(Survivors::visit, &survivors);
  resetOrderAfterFork();
  resetWaitsAfterFork(self);
}

}  // namespace deadheat::rt
