// Running an initialiser once, for both libraries that can: pthreads and C11.
#pragma once

#include <pthread.h>

#include "runtime/core.h"

namespace deadheat::rt {

/// What the interceptor of pthread_once does. Results are those of pthread_once.
int runOnceOnly(Thread* self, Address pc, pthread_once_t* flag, void (*routine)());

}  // namespace deadheat::rt
