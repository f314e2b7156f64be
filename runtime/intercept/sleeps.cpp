// Sleeping orders nothing, though programs are written as if it did. A race report says where it is all there is.
#include <ctime>

#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/run_clock.h"
#include "runtime/protocol.h"

namespace deadheat::rt {
namespace {

void addEpoch(Thread* other, void* data) {
  auto* self = static_cast<Thread*>(data);
  Key key = __atomic_load_n(&other->epochKey, __ATOMIC_RELAXED);
  self->sleepClock.set(slotOf(key), epochOf(key));
}

/// In a controlled run nobody really sleeps.
void sleepControlled(Thread* self, Address pc, RunTime until) {
  scheduleAnnounce(self, pc, Operation::Sleep, 0);
  scheduleWait(self, pc, {static_cast<std::uint32_t>(protocol::ResourceKind::None), 0, kNoThread}, until);
}

bool sleepsControlled() { return scheduleControlled && currentThread() != nullptr; }

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
  unsigned left = 0;
  if (sleepsControlled())
    sleepControlled(currentThread(), DEADHEAT_CALLER_PC, runTimeIn({static_cast<time_t>(seconds), 0}));
  else
    left = real_sleep(seconds);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return left;
}

DEADHEAT_INTERCEPT(int, usleep, (unsigned micros)) {
  int result = 0;
  if (sleepsControlled())
    sleepControlled(currentThread(), DEADHEAT_CALLER_PC, runTimeIn({micros / 1000000, micros % 1000000 * 1000l}));
  else
    result = real_usleep(micros);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}

DEADHEAT_INTERCEPT(int, nanosleep, (const timespec* wanted, timespec* left)) {
  int result = 0;
  if (sleepsControlled() && isTime(wanted))
    sleepControlled(currentThread(), DEADHEAT_CALLER_PC, runTimeIn(*wanted));
  else
    result = real_nanosleep(wanted, left);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}

DEADHEAT_INTERCEPT(int, clock_nanosleep, (clockid_t clock, int flags, const timespec* wanted, timespec* left)) {
  int result = 0;
  if (sleepsControlled() && isTime(wanted))
    sleepControlled(currentThread(), DEADHEAT_CALLER_PC,
                    (flags & TIMER_ABSTIME) != 0 ? runTimeAt(clock, *wanted) : runTimeIn(*wanted));
  else
    result = real_clock_nanosleep(clock, flags, wanted, left);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}

DEADHEAT_INTERCEPT(int, sched_yield, ()) {
  if (!sleepsControlled()) return real_sched_yield();
  scheduleAnnounce(currentThread(), DEADHEAT_CALLER_PC, Operation::Yield, 0);
  return 0;
}

DEADHEAT_INTERCEPT(void, thrd_yield, ()) {
  if (!sleepsControlled()) return real_thrd_yield();
  scheduleAnnounce(currentThread(), DEADHEAT_CALLER_PC, Operation::Yield, 0);
}

DEADHEAT_INTERCEPT(int, thrd_sleep, (const timespec* wanted, timespec* left)) {
  int result = 0;
  if (sleepsControlled() && isTime(wanted))
    sleepControlled(currentThread(), DEADHEAT_CALLER_PC, runTimeIn(*wanted));
  else
    result = real_thrd_sleep(wanted, left);
  if (Thread* self = currentThread()) slept(self, DEADHEAT_CALLER_PC);
  return result;
}
