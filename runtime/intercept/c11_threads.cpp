// C11 threads. In glibc they are functions of their own over the same objects: a thrd_t is a pthread_t, a mtx_t a
// pthread_mutex_t, a cnd_t a pthread_cond_t, a once_flag a pthread_once_t. So each does what its pthread twin does.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "runtime/detect/wait_objects.h"
#include "runtime/intercept/conditions.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/mutexes.h"
#include "runtime/intercept/once.h"
#include "runtime/intercept/threads.h"

namespace deadheat::rt {
namespace {

pthread_mutex_t* asMutex(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* asCondition(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

int c11Result(int result) {
  switch (result) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ENOMEM: return thrd_nomem;
    case ETIMEDOUT: return thrd_timedout;
    default: return thrd_error;
  }
}

/// A C11 start routine returns int, which glibc keeps in the pthread result.
void* runC11(void* routineAndArgument) {
  auto* call = static_cast<void**>(routineAndArgument);
  auto routine = reinterpret_cast<thrd_start_t>(call[0]);
  void* argument = call[1];
  free(call);
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(routine(argument)));
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, thrd_create, (thrd_t * handle, thrd_start_t routine, void* argument)) {
  initialize();
  Thread* self = currentThread();
  if (self == nullptr) return real_thrd_create(handle, routine, argument);
  auto** call = static_cast<void**>(malloc(2 * sizeof(void*)));
  if (call == nullptr) return thrd_nomem;
  call[0] = reinterpret_cast<void*>(routine);
  call[1] = argument;
  return c11Result(createThread(self, DEADHEAT_CALLER_PC, handle, nullptr, runC11, call,
                                reinterpret_cast<Address>(routine)));
}

DEADHEAT_INTERCEPT(int, thrd_join, (thrd_t handle, int* result)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_thrd_join(handle, result);
  void* value = nullptr;
  int code = joinThread(self, DEADHEAT_CALLER_PC, handle, &value);
  if (code == 0 && result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return c11Result(code);
}

DEADHEAT_INTERCEPT(int, thrd_detach, (thrd_t handle)) {
  if (Thread* self = currentThread()) detachThread(self, DEADHEAT_CALLER_PC, handle);
  return real_thrd_detach(handle);
}

DEADHEAT_INTERCEPT(int, mtx_init, (mtx_t * mutex, int kind)) {
  int result = real_mtx_init(mutex, kind);
  Thread* self = currentThread();
  if (result == thrd_success && self != nullptr)
    lockCreated(self, DEADHEAT_CALLER_PC, addressOf(mutex), mutexCall(asMutex(mutex)).kind);
  return result;
}

DEADHEAT_INTERCEPT(void, mtx_destroy, (mtx_t * mutex)) {
  if (Thread* self = currentThread()) lockDestroyed(self, DEADHEAT_CALLER_PC, addressOf(mutex));
  real_mtx_destroy(mutex);
}

DEADHEAT_INTERCEPT(int, mtx_lock, (mtx_t * mutex)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_mtx_lock(mutex);
  return c11Result(lockMutex(self, DEADHEAT_CALLER_PC, asMutex(mutex)));
}

DEADHEAT_INTERCEPT(int, mtx_trylock, (mtx_t * mutex)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_mtx_trylock(mutex);
  return c11Result(tryLockMutex(self, DEADHEAT_CALLER_PC, asMutex(mutex)));
}

DEADHEAT_INTERCEPT(int, mtx_timedlock, (mtx_t * mutex, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_mtx_timedlock(mutex, until);
  return c11Result(timedLockMutex(self, DEADHEAT_CALLER_PC, asMutex(mutex), until));
}

DEADHEAT_INTERCEPT(int, mtx_unlock, (mtx_t * mutex)) {
  if (Thread* self = currentThread()) beforeUnlock(self, DEADHEAT_CALLER_PC, addressOf(mutex));
  return real_mtx_unlock(mutex);
}

DEADHEAT_INTERCEPT(int, cnd_wait, (cnd_t * condition, mtx_t* mutex)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_cnd_wait(condition, mutex);
  return c11Result(waitCondition(self, DEADHEAT_CALLER_PC, asCondition(condition), asMutex(mutex)));
}

DEADHEAT_INTERCEPT(int, cnd_timedwait, (cnd_t * condition, mtx_t* mutex, const timespec* until)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_cnd_timedwait(condition, mutex, until);
  return c11Result(timedWaitCondition(self, DEADHEAT_CALLER_PC, asCondition(condition), asMutex(mutex), until));
}

DEADHEAT_INTERCEPT(int, cnd_signal, (cnd_t * condition)) {
  if (Thread* self = currentThread()) signalCondition(self, DEADHEAT_CALLER_PC, asCondition(condition), false);
  return real_cnd_signal(condition);
}

DEADHEAT_INTERCEPT(int, cnd_broadcast, (cnd_t * condition)) {
  if (Thread* self = currentThread()) signalCondition(self, DEADHEAT_CALLER_PC, asCondition(condition), true);
  return real_cnd_broadcast(condition);
}

DEADHEAT_INTERCEPT(void, cnd_destroy, (cnd_t * condition)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_cnd_destroy(condition);
  destroyCondition(self, DEADHEAT_CALLER_PC, asCondition(condition));
}

DEADHEAT_INTERCEPT(void, call_once, (once_flag * flag, void (*routine)())) {
  Thread* self = currentThread();
  if (self == nullptr) return real_call_once(flag, routine);
  runOnceOnly(self, DEADHEAT_CALLER_PC, reinterpret_cast<pthread_once_t*>(flag), routine);
}
