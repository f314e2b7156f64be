// The way in of every memory access: the check of a repeated access, to be inlined, and what comes after it.
#pragma once

#include "runtime/detect/fast_state.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {

/// The access `want` (a whole key) to the granule of `address` is not remembered yet. `pc` as in memoryAccess. Out of
/// line; does not consult the plan.
void accessMissed(Thread* self, Address address, Key want, Address pc);

/// One access within a granule. Does not consult the plan.
inline __attribute__((always_inline)) void checkInGranule(Thread* self, Address address, Key mask, Key bits,
                                                          Address pc) {
  Key want = self->epochKey | bits | mask;
  if (remembersFirst(address, want)) [[likely]]
    return;
  accessMissed(self, address, want, pc);
}

/// Bytes without a history are written by self, as those of fresh memory are: whoever gets them without being ordered
/// after races with that. Takes the place of nothing: self's next access does.
void markWritten(Thread* self, Address pc, Address begin, std::size_t size);

/// The same for memory that was somebody's before, whose history ends. What lies in the granule of its last byte after
/// it has none from now on, either.
void markFresh(Thread* self, Address pc, Address begin, std::size_t size);

/// A block of self's ends: a write to all of it that nothing makes go away.
void markFreed(Thread* self, Address pc, Address begin, std::size_t size);

/// An access of any size, without the plan.
void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);

}  // namespace deadheat::rt
