// Waiting in the kernel, for the runtime's own use.
#pragma once

#include <linux/futex.h>

#include <ctime>

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {

/// Sleeps while `*word == expected`, until woken or for no reason at all.
inline void futexWait(const int* word, int expected) {
  rawSyscall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT_PRIVATE, expected, 0);
}

/// The same, for at most `micros` microseconds.
inline void futexWaitFor(const int* word, int expected, long micros) {
  timespec limit{micros / 1000000, micros % 1000000 * 1000};
  rawSyscall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT_PRIVATE, expected, reinterpret_cast<long>(&limit));
}

inline void futexWakeOne(const int* word) {
  rawSyscall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE_PRIVATE, 1);
}

inline void futexWakeAll(const int* word) {
  rawSyscall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE_PRIVATE, 0x7fffffff);
}

}  // namespace deadheat::rt
