// What other parts of the runtime ask of, or tell to, the lock bookkeeping beside the verbs of core.h.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// True if `self` holds `lock` in any mode; holdsExclusive: for writing.
bool holdsLock(const Thread* self, Address lock);
bool holdsExclusive(const Thread* self, Address lock);

/// Enters who owns something that is not a lock but is waited for like one (a running initialiser); kNoThread: nobody.
void setOwner(Address object, ThreadId owner);

/// Who holds a lock now.
struct Holders {
  ThreadId owner;        ///< kNoThread, kEndedThread or the exclusive holder.
  std::uint32_t shared;  ///< Number of shared holders.
  std::uint64_t instance;
};
/// The owner ended without releasing it: nobody ever will.
inline constexpr ThreadId kEndedThread = kNoThread - 1;
Holders holdersOf(Address lock);

/// The memory at [begin, begin + size) ends its life, and with it the locks, conditions, semaphores and barriers in it.
void locksForgotten(Thread* self, Address pc, Address begin, std::size_t size);

/// A lock that `self` holds and that lies on its stack, deeper than `frame`: what it lay in has returned, so nobody can
/// give it back, and what is made there next is another. At the call of a lock function, `frame` is that function's.
void dropReturned(Thread* self, Address pc, Address frame);
/// The C library gave `self` a mutex that cannot be taken twice, and that it holds. On a stack it is another, made where
/// that one was.
void lockTakenAgain(Thread* self, Address pc, Address lock);

/// What the word of a mutex of the C library's can be: free, taken, taken with others waiting.
inline bool isMutexWord(int value) { return value >= 0 && value <= 2; }

/// Whatever was done with locks in [begin, begin + size) comes before what follows, in ways that were not seen.
void locksSettled(Address begin, std::size_t size);

/// For locks of the program's own: LockFlags, made known before the first use; 0 when the lock is unknown.
void setLockFlags(Address lock, LockClass kind, std::uint32_t flags);
std::uint32_t lockFlags(Address lock);
/// An annotated lock is taken by self: what the annotation says cannot be, is misuse. Before the verbs.
void checkTaken(Thread* self, Address pc, Address lock, LockClass kind, Mode mode);
/// An annotated lock is given back.
void checkGivenBack(Thread* self, Address pc, Address lock, LockClass kind, Mode mode);
/// Misuse if self holds any lock.
void checkNothingHeld(Thread* self, Address pc);
/// The lock itself says that nobody holds it, so that to unlock it is misuse even if it was never seen before.
void noteFree(Thread* self, Address pc, Address lock, LockClass kind);
/// The C library refused an operation on the lock as one on no lock: it was destroyed, or never made.
/// `kind` says which.
void lockRefused(Thread* self, Address pc, Address lock, LockClass lockClass, protocol::MisuseKind kind);
/// `self` found the lock taken and is about to wait for it. Misuse if its holder is one that this process has not.
/// `task` is who the lock itself says holds it (null: it does not say), `word` where it says that it is taken.
void lockAwaited(Thread* self, Address pc, Address lock, const int* task, const int* word);

/// Fork-join order: `child` is created by `parent`; `target` was joined by `self`.
void lockThreadCreated(Thread* parent, Thread* child);
void lockThreadJoined(Thread* self, Thread* target);
/// main() returns: what its thread still holds nobody gives back, though what runs at exit may want it.
void lockMainReturned(Thread* self, Address pc);
/// `self` ends: what it still holds is misuse, and nobody's from now on.
void lockThreadEnded(Thread* self);

}  // namespace deadheat::rt
