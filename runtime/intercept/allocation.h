// What the malloc family keeps for a thread.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// Frees the blocks that `self` freed and that were kept. Before its state is given up.
void freeKeptBlocks(Thread* self);

}  // namespace deadheat::rt
