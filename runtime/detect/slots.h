// Slots: the numbers vector clocks are indexed by. A thread has one at a time; ended threads leave theirs to others.
//
// A slot is handed on with its epochs counting further, and only to a thread whose creator knows that all earlier
// owners ended (its clock has the last epoch). Then whatever is ordered after the new owner is ordered after the old
// ones too, so sharing the number loses no race and invents none.
//
// Detached threads end without anybody's knowledge. Clocks would grow with every one of them, so once a thousand slots
// wait the oldest is handed on all the same. What its last owner did after its last release may then pass for ordered:
// a race with a thread that ended a thousand threads ago, unknown to everybody, can be missed; none is invented.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/clock.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// A slot for `thread`, whose first epoch is written to `first`. `known` is what the creator knows.
Slot takeSlot(const Clock& known, ThreadId thread, Epoch& first);
/// The owner does nothing more after `last`.
void giveSlot(Slot slot, Epoch last);
/// Who had the slot at that epoch; kNoThread if nobody.
ThreadId threadOfSlot(Slot slot, Epoch epoch);
/// True once slots ran out and one was handed on without that knowledge: races with long ended threads may be missed.
bool slotsRanOut();
/// For fork.
SpinLock& slotsLock();

}  // namespace deadheat::rt
