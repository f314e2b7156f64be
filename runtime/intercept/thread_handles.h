// From pthread_t to our thread: what join and setname are given is a handle.
#pragma once

#include <pthread.h>

#include "runtime/core.h"

namespace deadheat::rt {

/// Remembers that `handle` is thread `id` from now on; a handle that is used again is overwritten.
void rememberHandle(pthread_t handle, ThreadId id);
/// The thread last remembered for the handle, or kNoThread.
ThreadId threadOfHandle(pthread_t handle);
/// Thread `id` was joined or detached: the handle stands for it no more. Another thread may have it by now.
void forgetHandle(pthread_t handle, ThreadId id);
/// True if it was forgotten, and no other thread got it since. May be false of handles long forgotten.
bool handleIsSpent(pthread_t handle);
/// After fork, in the child: the lock of the table is open again.
void resetHandlesAfterFork();

}  // namespace deadheat::rt
