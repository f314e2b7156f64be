// The one lock-order graph of the process, behind its lock: where held sets become dependencies.
#pragma once

#include "runtime/detect/lock_state.h"
#include "runtime/detect/lock_table.h"

namespace deadheat::rt {

/// `self` is about to block on `wanted` with a non-empty held set that does not contain it. Reports the cycles this
/// closes. Cost: a hash over the held set when this thread did the same before.
void orderWanted(Thread* self, LockState& locks, Address pc, Address wanted, LockClass kind, Mode mode);

/// The lock's life ended.
void orderForget(const LockRecord& gone);

void orderThreadCreated(Thread* parent, LockState& parentLocks, Thread* child, LockState& childLocks);
void orderThreadJoined(Thread* self, LockState& locks, Thread* target, LockState& targetLocks);

/// The segment `self` is in. Made at its first need: threads that take no lock under another cost none.
std::uint32_t orderSegment(Thread* self, LockState& locks);

/// True if one of them ended before the other began, by creation and join alone. False if either is 0, not known.
bool orderedByForkJoin(std::uint32_t segment, std::uint32_t other);

/// Around a fork: the graph stands still. In the child, reset instead of end.
void orderBeforeFork();
void orderAfterFork();
void resetOrderAfterFork();

}  // namespace deadheat::rt
