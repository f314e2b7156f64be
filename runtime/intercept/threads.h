// Starting and ending threads, for the two libraries that do it: pthreads and C11.
#pragma once

#include <pthread.h>

#include "runtime/core.h"

namespace deadheat::rt {

/// Starts a thread through the real pthread_create, with its life told to the runtime. `entry` is the start routine as
/// the program gave it. Results are those of pthread_create.
int createThread(Thread* self, Address pc, pthread_t* handle, const pthread_attr_t* attributes,
                 void* (*routine)(void*), void* argument, Address entry);

/// Waits for a thread through the real pthread_join. Results are those of pthread_join.
int joinThread(Thread* self, Address pc, pthread_t handle, void** result);

/// `handle` will not be joined.
void detachThread(Thread* self, Address pc, pthread_t handle);

/// Arranges that the calling thread's end is seen. Called in each new thread, and for the main thread at start.
void watchThreadEnd();

}  // namespace deadheat::rt
