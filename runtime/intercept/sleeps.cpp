// Sleeping orders nothing, though programs are written as if it did. A race report says where it is all there is.
#include <ctime>

#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

void addEpoch(Thread* other, void* data) {
  auto* self = static_cast<Thread*>(data);
  Key key = __atomic_load_n(&other->epochKey, __ATOMIC_RELAXED);
  self->sleepClock.set(slotOf(key), epochOf(key));
}

/// Called after the sleep.
void slept(Thread* self, Address pc) {
  RuntimeScope scope;
  self->sleepClock.clear();
  forEachThread(addEpoch, self);
  self->sleepContext = currentContext(self);
  self->sleepPc = pc;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(unsigned, sleep, (unsigned seconds)) {
  unsigned left = real_sleep(seconds);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return left;
}

DEADHEAT_INTERCEPT(int, usleep, (unsigned micros)) {
  int result = real_usleep(micros);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}

DEADHEAT_INTERCEPT(int, nanosleep, (const timespec* wanted, timespec* left)) {
  int result = real_nanosleep(wanted, left);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}

DEADHEAT_INTERCEPT(int, clock_nanosleep, (clockid_t clock, int flags, const timespec* wanted, timespec* left)) {
  int result = real_clock_nanosleep(clock, flags, wanted, left);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}
