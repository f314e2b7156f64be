// What one thread is blocked on; a member of Thread. Written by its own thread under the wait graph's lock, read by
// whoever looks for a deadlock. All-zero bytes mean: not blocked.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct WaitState {
  bool blocked;
  Resource resource;
  Address pc;       ///< The blocking call, for the report.
  Context context;
  int osId;         ///< Kernel thread id; 0 until it first blocks.
  Thread* next;     ///< List of blocked threads.
  Thread* previous;
};

}  // namespace deadheat::rt
