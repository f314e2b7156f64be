// Uses of variables that are no more, in a controlled run: of frames that were left, of stacks and thread-local
// variables of threads that ended. Only what the user learned of from nobody counts.
#pragma once

#include "runtime/schedule/event.h"
#include "runtime/schedule/left_frames.h"

namespace deadheat::rt {

/// Before the first step.
void startFrameWatch();
/// `self`, which has the turn, leaves a frame; everything below `end` was its own. `pc` is a return address in it.
void leaveFrame(Thread* self, Address end, Address pc);
/// Where the frame of the innermost function ends whose stack pointer is `stackPointer`; that itself if it cannot be
/// told. Cost: a look at each word of the frame.
Address endOfFrame(Thread* self, Address stackPointer);
/// `self` ends, and its stack and its thread-local variables with it.
void leaveStack(Thread* self);
/// The process ends: what main() had is no more, which matters to nobody.
void keepFrames();
/// These pages are somebody else's now.
void replaceStacks(Address begin, std::size_t size);

/// Cost: a comparison for memory outside all stacks, else a look at each thread.
Lent lentTo(const Event& event);
/// Reports an access to what is gone. `event` is about to happen.
void watchFrames(const Event& event);

}  // namespace deadheat::rt
