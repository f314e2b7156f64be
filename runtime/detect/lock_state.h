// What one thread knows of the locks it holds; a member of Thread, touched by its own thread only, except while that
// thread is blocked (its WaitState says so), when the deadlock reporter may read it.
//
// All-zero bytes are a valid start, so Thread needs no constructor for it.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// One held lock as the lock-order graph sees it.
struct Held {
  Address lock;
  Address pc;              ///< Where it was taken.
  std::uint64_t instance;  ///< Lifetime number of the lock.
  std::uint32_t node;      ///< Node of the lock-order graph.
  Context context;
  std::uint32_t recursion;
  Mode mode;
  LockClass kind;
  Address frame;        ///< Stack pointer of who took it, where calls are not told; else 0.
  std::uint64_t since;  ///< When it was taken, if contention is asked for.
  bool ofFiber = false;  ///< It goes with the fiber that took it (detect/fiber_locks.h).
};

struct LockState {
  static constexpr std::uint32_t kInline = 8;
  static constexpr std::uint32_t kRemembered = 256;

  Held inlineHeld[kInline];
  Held* spilled;  ///< Used instead of inlineHeld once capacity exceeds kInline.
  std::uint32_t count;
  std::uint32_t capacity;
  std::uint32_t seenTakenAway;  ///< Count of locks taken from their holders when this was last checked for them.
  /// Node of the fork-join order this thread is in now; 0: none yet, but it comes after those two.
  std::uint32_t segment;
  std::uint32_t before[2];
  std::uint32_t era;  ///< Of the order, which began anew since if this is another (detect/lock_order.cpp).
  /// Direct-mapped: hashes of (held set, wanted, segment) this thread already told the graph.
  std::uint64_t told[kRemembered];

  Held* held() { return spilled != nullptr ? spilled : inlineHeld; }
  const Held* held() const { return spilled != nullptr ? spilled : inlineHeld; }
};

}  // namespace deadheat::rt
