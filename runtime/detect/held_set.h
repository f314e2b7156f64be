// The locks a thread holds, oldest first: plain operations on its LockState.
#pragma once

#include "runtime/detect/lock_state.h"

namespace deadheat::rt {

/// The entry of `lock`, or null.
Held* findHeld(LockState& locks, Address lock);
/// Appends; grows as far as needed.
Held& pushHeld(LockState& locks, const Held& held);
void removeHeld(LockState& locks, Held* held);
/// The thread's memory for them goes back.
void freeHeld(LockState& locks);

}  // namespace deadheat::rt
