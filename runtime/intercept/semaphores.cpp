// POSIX semaphores, named and unnamed: a wait is ordered after the posts before it.
#include <semaphore.h>

#include <ctime>

#include "runtime/detect/wait_objects.h"
#include "runtime/intercept/cancellation.h"
#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

/// glibc's own layout of sem_t on 64-bit machines (struct new_sem).
struct SemaphoreLayout {
  unsigned long value;
  int shared;
};

bool shared(const sem_t* semaphore) { return reinterpret_cast<const SemaphoreLayout*>(semaphore)->shared != 0; }

/// The value is the low half of the first word (on little-endian machines), so a post ends the wait at once.
Resource emptySemaphore(const sem_t* semaphore) {
  return resourceOf(protocol::ResourceKind::Semaphore, semaphore, semaphore, 0);
}

int acquired(Thread* self, const sem_t* semaphore, int result) {
  if (result == 0) acquire(self, addressOf(semaphore));
  return result;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, sem_init, (sem_t * semaphore, int shared, unsigned value)) {
  int result = real_sem_init(semaphore, shared, value);
  Thread* self = currentThread();
  if (result == 0 && self != nullptr) syncDestroy(self, addressOf(semaphore));
  return result;
}

DEADHEAT_INTERCEPT(int, sem_destroy, (sem_t * semaphore)) {
  if (Thread* self = currentThread()) {
    waitObjectDestroyed(self, DEADHEAT_CALLER_PC, addressOf(semaphore));
    syncDestroy(self, addressOf(semaphore));
  }
  return real_sem_destroy(semaphore);
}

DEADHEAT_INTERCEPT(int, sem_trywait, (sem_t * semaphore)) {
  Thread* self = currentThread();
  int result = real_sem_trywait(semaphore);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_wait, (sem_t * semaphore)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_sem_wait(semaphore);
  int before = errno;
  if (real_sem_trywait(semaphore) == 0) return acquired(self, semaphore, 0);
  errno = before;
  if (shared(semaphore)) return acquired(self, semaphore, real_sem_wait(semaphore));
  Address pc = DEADHEAT_CALLER_PC;
  auto left = [=](bool woken) { waiterLeft(addressOf(semaphore), woken); };
  auto cancelled = [=] {
    blockEnd(self);
    left(false);
  };
  semaphoreAwaited(self, pc, addressOf(semaphore));
  int result = blocking(self, pc, emptySemaphore(semaphore),
                        [=] { return cancellable([=] { return real_sem_wait(semaphore); }, cancelled); });
  left(result == 0);
  return acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_timedwait, (sem_t * semaphore, const timespec* until)) {
  Thread* self = currentThread();
  int result = real_sem_timedwait(semaphore, until);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  int result = real_sem_clockwait(semaphore, clock, until);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_post, (sem_t * semaphore)) {
  if (Thread* self = currentThread()) {
    release(self, addressOf(semaphore));
    waiterWoken(addressOf(semaphore), false);
  }
  return real_sem_post(semaphore);
}

DEADHEAT_INTERCEPT(int, sem_getvalue, (sem_t * semaphore, int* value)) {
  Thread* self = currentThread();
  int result = real_sem_getvalue(semaphore, value);
  return self == nullptr ? result : acquired(self, semaphore, result);
}
