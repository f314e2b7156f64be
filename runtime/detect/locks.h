// What other parts of the runtime ask of, or tell to, the lock bookkeeping beside the verbs of core.h.
#pragma once

#include "runtime/core.h"

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

/// Counts an arrival at a barrier of `count` threads. True for the one that completes a round by this count; it does
/// not wait.
bool arriveAtBarrier(Address barrier, std::uint32_t count);
void forgetBarrier(Address barrier);

/// The memory at [begin, begin + size) ends its life, and with it the locks in it.
void locksForgotten(Thread* self, Address pc, Address begin, std::size_t size);

/// Fork-join order: `child` is created by `parent`; `target` was joined by `self`.
void lockThreadCreated(Thread* parent, Thread* child);
void lockThreadJoined(Thread* self, Thread* target);
/// `self` ends: what it still holds is misuse, and nobody's from now on.
void lockThreadEnded(Thread* self);

}  // namespace deadheat::rt
