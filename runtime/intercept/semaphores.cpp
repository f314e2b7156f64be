// POSIX semaphores, named and unnamed: a wait is ordered after the posts before it.
#include <semaphore.h>

#include <ctime>

#include "runtime/detect/wait_objects.h"
#include "runtime/intercept/cancellation.h"
#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

int tryReal(sem_t* semaphore);

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

/// A post by another process is not seen when it happens.
bool isPosted(void* semaphore) { return static_cast<const SemaphoreLayout*>(semaphore)->value % (1ul << 32) != 0; }

/// In a controlled run: tries again whenever there may have been a post. Fails with ETIMEDOUT. `cancelled` runs if the
/// thread is cancelled while it waits.
template <class Cancelled>
int waitControlled(Thread* self, Address pc, sem_t* semaphore, RunTime deadline, Cancelled cancelled) {
  int before = errno;
  while (tryReal(semaphore) != 0) {
    errno = before;
    bool came = cancellablePoint(
        [=] {
          return shared(semaphore) ? scheduleWaitOutside(self, pc, isPosted, semaphore, deadline)
                                   : scheduleWait(self, pc, emptySemaphore(semaphore), deadline);
        },
        cancelled);
    if (came) continue;
    errno = ETIMEDOUT;
    return -1;
  }
  return 0;
}

int timedControlled(Thread* self, Address pc, sem_t* semaphore, clockid_t clock, const timespec* until) {
  scheduleAnnounce(self, pc, Operation::Wait, addressOf(semaphore));
  return waitControlled(self, pc, semaphore, runTimeAt(clock, *until), [] {});
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
  if (self != nullptr && scheduleControlled)
    scheduleAnnounce(self, DEADHEAT_CALLER_PC, Operation::TryLock, addressOf(semaphore));
  int result = real_sem_trywait(semaphore);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

namespace deadheat::rt {
namespace {
int tryReal(sem_t* semaphore) { return real_sem_trywait(semaphore); }
}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, sem_wait, (sem_t * semaphore)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_sem_wait(semaphore);
  Address pc = DEADHEAT_CALLER_PC;
  if (scheduleControlled) scheduleAnnounce(self, pc, Operation::Wait, addressOf(semaphore));
  int before = errno;
  if (real_sem_trywait(semaphore) == 0) return acquired(self, semaphore, 0);
  errno = before;
  if (shared(semaphore) && !scheduleControlled) return acquired(self, semaphore, real_sem_wait(semaphore));
  auto left = [=](bool woken) { waiterLeft(addressOf(semaphore), woken); };
  auto cancelled = [=] {
    blockEnd(self);
    left(false);
  };
  semaphoreAwaited(self, pc, addressOf(semaphore));
  int result = scheduleControlled ? waitControlled(self, pc, semaphore, kNever, cancelled) : blocking(self, pc, emptySemaphore(semaphore),
                        [=] { return cancellable([=] { return real_sem_wait(semaphore); }, cancelled); });
  left(result == 0);
  return acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_timedwait, (sem_t * semaphore, const timespec* until)) {
  Thread* self = currentThread();
  int result = self != nullptr && scheduleControlled
                   ? timedControlled(self, DEADHEAT_CALLER_PC, semaphore, CLOCK_REALTIME, until)
                   : real_sem_timedwait(semaphore, until);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* until)) {
  Thread* self = currentThread();
  int result = self != nullptr && scheduleControlled
                   ? timedControlled(self, DEADHEAT_CALLER_PC, semaphore, clock, until)
                   : real_sem_clockwait(semaphore, clock, until);
  return self == nullptr ? result : acquired(self, semaphore, result);
}

DEADHEAT_INTERCEPT(int, sem_post, (sem_t * semaphore)) {
  if (Thread* self = currentThread()) {
    if (scheduleControlled) scheduleAnnounce(self, DEADHEAT_CALLER_PC, Operation::Wake, addressOf(semaphore));
    release(self, addressOf(semaphore));
    waiterWoken(addressOf(semaphore), false, 0);
  }
  return real_sem_post(semaphore);
}

DEADHEAT_INTERCEPT(int, sem_getvalue, (sem_t * semaphore, int* value)) {
  Thread* self = currentThread();
  int result = real_sem_getvalue(semaphore, value);
  return self == nullptr ? result : acquired(self, semaphore, result);
}
