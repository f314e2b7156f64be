// Memory of thread states, and finding them by id.
#pragma once

#include "runtime/detect/thread.h"

namespace deadheat::rt {

/// Makes the next `count` states ready to be taken.
void keepThreadStates(std::uint32_t count);
/// A zeroed state with room for its frames; what it had cached that is still true stays.
Thread* takeThreadState();
/// Nobody may use `thread` any more.
void giveThreadState(Thread* thread);

/// From now on threadById finds it by thread->id; until leaveThread.
void enterThread(Thread* thread);
void leaveThread(Thread* thread);

/// Bounds of the calling thread's stack, with its thread-local variables; both 0 when they cannot be had.
void findStackBounds(Thread* self);
/// The same for the main thread, at start.
void findMainStackBounds(Thread* self);

}  // namespace deadheat::rt
