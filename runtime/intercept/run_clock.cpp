// Reading clocks. In a controlled run they show its own time, so that what a program decides by them is the same every time.
#include "runtime/intercept/run_clock.h"

#include <sys/time.h>

#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

constexpr RunTime kSecond = 1000000000;
constexpr RunTime kUptime = 1000;  ///< Seconds that monotonic clocks show at the start of a run.

/// Seconds that the clock shows at the start of the run.
RunTime startOf(clockid_t clock) {
  bool calendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
  return calendar ? scheduleStartSeconds() : kUptime;
}

bool measuresWork(clockid_t clock) {
  return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

timespec shownNow(clockid_t clock) {
  RunTime now = scheduleNow();
  return {static_cast<time_t>(startOf(clock) + now / kSecond), static_cast<long>(now % kSecond)};
}

bool controlsClock() { return scheduleControlled && currentThread() != nullptr; }

}  // namespace

RunTime runTimeAt(clockid_t clock, const timespec& time) {
  RunTime start = startOf(clock);
  auto seconds = static_cast<RunTime>(time.tv_sec);
  if (seconds < start) return 0;
  if (seconds - start > kNever / kSecond / 2) return kNever - 1;
  return (seconds - start) * kSecond + static_cast<RunTime>(time.tv_nsec);
}

RunTime runTimeIn(const timespec& time) {
  auto seconds = static_cast<RunTime>(time.tv_sec);
  if (seconds > kNever / kSecond / 2) return kNever - 1;
  return scheduleNow() + seconds * kSecond + static_cast<RunTime>(time.tv_nsec);
}

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, clock_gettime, (clockid_t clock, timespec* shown)) {
  if (!controlsClock() || measuresWork(clock)) return real_clock_gettime(clock, shown);
  *shown = shownNow(clock);
  return 0;
}

DEADHEAT_INTERCEPT(int, timespec_get, (timespec* shown, int base)) {
  if (!controlsClock() || base != TIME_UTC) return real_timespec_get(shown, base);
  *shown = shownNow(CLOCK_REALTIME);
  return base;
}

DEADHEAT_INTERCEPT(int, gettimeofday, (timeval * shown, void* zone)) {
  if (!controlsClock() || shown == nullptr) return real_gettimeofday(shown, zone);
  timespec now = shownNow(CLOCK_REALTIME);
  *shown = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

DEADHEAT_INTERCEPT(time_t, time, (time_t * shown)) {
  if (!controlsClock()) return real_time(shown);
  time_t now = shownNow(CLOCK_REALTIME).tv_sec;
  if (shown != nullptr) *shown = now;
  return now;
}
