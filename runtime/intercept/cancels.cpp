// Cancelling a thread. In a controlled run a wait is none of the C library's, so who waits is woken to find the request.
#include <pthread.h>

#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/thread_handles.h"

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(int, pthread_cancel, (pthread_t handle)) {
  Thread* self = scheduleControlled ? currentThread() : nullptr;
  if (self == nullptr) return real_pthread_cancel(handle);
  scheduleAnnounce(self, DEADHEAT_CALLER_PC, Operation::Wake, handle);
  ThreadId target = threadOfHandle(handle);
  int result = real_pthread_cancel(handle);
  if (result == 0 && target != kNoThread) scheduleInterrupt(target);
  return result;
}
