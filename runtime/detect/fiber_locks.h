// Locks that fibers hold, and not the threads that carry them. They stand among those of the thread while their fiber
// runs, and go with it when it is left.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/lock_state.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {

/// afterLock (core.h) for such a lock.
void fiberLocked(Thread* self, Address pc, Address lock, LockClass kind, Attempt attempt);

/// The fiber that `self` carries is left, with its locks; or `self` goes on with one. Cost without such locks: a
/// comparison.
void putLocksAside(Thread* self, GrowingArray<Held>& aside);
void takeLocksBack(Thread* self, GrowingArray<Held>& aside);

}  // namespace deadheat::rt
