// The frames of one thread's stack that were left in a controlled run.
//
// All of a stack below a frame's end is gone once the frame is left. A later frame in the same place is told from it by
// the order of events: whoever was given an address in the later one was told of it after the earlier one had ended.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/clock.h"

namespace deadheat::rt {

/// The end of one frame, or of a thread.
struct LeftFrame {
  Address end;      ///< Everything below it in the stack was the frame's or deeper.
  Epoch epoch;      ///< Of its thread, then.
  Context context;  ///< Where that was,
  Address pc;
};

/// The frames that a thread has left, but for those that one left later lies above. Plain data.
struct LeftFrames {
  static constexpr std::uint32_t kMost = 32;  ///< Deeper ones are not remembered.
  LeftFrame frames[kMost];                    ///< The end falls, so the last is the latest.
  std::uint32_t count;

  void add(const LeftFrame& left);
  /// The latest that held `address`, or null.
  const LeftFrame* at(Address address) const;
};

}  // namespace deadheat::rt
