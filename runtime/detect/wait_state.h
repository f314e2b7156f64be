// What one thread is blocked on; a member of Thread. Written by its own thread under the wait graph's lock, read by
// whoever looks for a deadlock. All-zero bytes mean: not blocked.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct WaitState {
  bool blocked;
  bool asking;  ///< Still looks whether this is a deadlock, so is not asleep whatever the kernel says.
  Resource resource;
  bool retaking;  ///< Was woken from a condition, and now waits for resource.mutex.
  Address pc;       ///< The blocking call, for the report.
  Context context;
  int task;         ///< Kernel thread id.
  std::uint32_t index;       ///< In the picture of the wait-for graph being looked at.
  bool slept;                ///< First of two looks: the kernel had it asleep,
  std::uint64_t timesSlept;  ///< having slept that often.
  Thread* next;     ///< List of blocked threads.
  Thread* previous;
};

}  // namespace deadheat::rt
