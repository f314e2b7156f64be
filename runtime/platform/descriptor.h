// Descriptors of our own in a process that counts its own up from 3.
#pragma once

#include <fcntl.h>

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {

/// Out of the way of the program's, and closed when it executes another. The descriptor itself where that cannot be.
inline int moveUp(long descriptor) {
  constexpr long kHigh = 500;
  long moved = rawSyscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, kHigh);
  if (moved < 0) return static_cast<int>(descriptor);
  rawSyscall(SYS_close, descriptor);
  return static_cast<int>(moved);
}

}  // namespace deadheat::rt
