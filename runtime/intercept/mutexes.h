// What a pthread mutex is to the verbs; conditions release and take mutexes too.
#pragma once

#include <pthread.h>

#include <ctime>

#include "runtime/intercept/locking.h"

namespace deadheat::rt {

/// Kind and behaviour are read from the mutex itself, so that statically initialised ones are known too.
LockCall mutexCall(const pthread_mutex_t* mutex);

/// What the interceptors of the same names do, for code that is not called from the program itself.
int lockMutex(Thread* self, Address pc, pthread_mutex_t* mutex);
int tryLockMutex(Thread* self, Address pc, pthread_mutex_t* mutex);
/// Opens it without a word to anybody.
int unlockUnseen(pthread_mutex_t* mutex);
int timedLockMutex(Thread* self, Address pc, pthread_mutex_t* mutex, const timespec* until);

}  // namespace deadheat::rt
