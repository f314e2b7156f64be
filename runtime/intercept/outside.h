// What comes from outside the process, or through the kernel: descriptors that become ready, children that end. In a
// controlled run other threads go on until it has come, and only then is the kernel asked, which answers at once.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// `self` is about to read from (POLLIN) or write to (POLLOUT) the descriptor. Returns when that would not block, or an
/// answer is due anyway: the descriptor is a file, does not block, is none, or `limitMillis` (negative: none) are over.
void awaitDescriptor(Thread* self, Address pc, int descriptor, short events, int limitMillis = -1);

}  // namespace deadheat::rt
