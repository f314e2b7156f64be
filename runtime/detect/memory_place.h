// What an address is in: a block of the heap, a thread's stack or variables, a file descriptor. For reports.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

struct MemoryPlace {
  protocol::PlaceInfo info{};
  Context context = 0;  ///< With `pc`, the stack that made it, if info.hasStack.
  Address pc = 0;

  /// Takes the registry's lock. Cost: the threads, and the size of the block.
  explicit MemoryPlace(Address address);
};

}  // namespace deadheat::rt
