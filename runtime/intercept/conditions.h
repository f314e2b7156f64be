// Waiting for a condition variable, for both libraries that have them: pthreads and C11.
#pragma once

#include <pthread.h>

#include <ctime>

#include "runtime/core.h"

namespace deadheat::rt {

/// What the interceptors of the same names do. Results are those of pthread_cond_wait and pthread_cond_timedwait.
int waitCondition(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex);
int timedWaitCondition(Thread* self, Address pc, pthread_cond_t* condition, pthread_mutex_t* mutex,
                       const timespec* until);

/// Before the real signal or broadcast.
void signalCondition(Thread* self, Address pc, pthread_cond_t* condition, bool all);

/// Result of pthread_cond_destroy, which waits for those who wait for the condition.
int destroyCondition(Thread* self, Address pc, pthread_cond_t* condition);

}  // namespace deadheat::rt
