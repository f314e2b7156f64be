// The clocks that a program reads and names limits by, in a controlled run: all of them show the run's own time.
#pragma once

#include <ctime>

#include "runtime/core.h"

namespace deadheat::rt {

/// What POSIX accepts as a time.
inline bool isTime(const timespec* time) { return time->tv_nsec >= 0 && time->tv_nsec < 1000000000 && time->tv_sec >= 0; }

/// When `clock` shows `time`; the start of the run for all times before it.
RunTime runTimeAt(clockid_t clock, const timespec& time);
/// `time` from now.
RunTime runTimeIn(const timespec& time);

}  // namespace deadheat::rt
