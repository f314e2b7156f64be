// Which stretches of which threads can run at the same time, as far as thread creation and join alone decide it.
//
// The lock-order graph needs this order and no other: an inversion that only a mutex or a condition kept apart in this
// run may meet in the next one, but an inversion on both sides of a join never does. A thread's life is cut into
// segments at each creation and join; segments form a graph whose arrows always go from older to newer numbers.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {

/// A stretch of one thread's life between two creations or joins. 0 is no segment.
using Segment = std::uint32_t;

/// The order of segments. Not synchronised: the caller holds a lock.
class ForkJoinOrder {
 public:
  /// A segment of `thread` that begins after `before` and, if not 0, after `alsoBefore` have ended.
  Segment add(ThreadId thread, Segment before, Segment alsoBefore);

  std::size_t size() const { return nodes_.size(); }
  /// Every segment ceases to be.
  void clear() { nodes_.clear(); }

  /// True if `first` ended before `second` began, or they are equal. Cost: the segments between the two at worst, one
  /// step when `first`'s thread is an ancestor of `second`'s.
  bool ordered(Segment first, Segment second);

  /// True if the two may run at the same time.
  bool concurrent(Segment a, Segment b) { return a < b ? !ordered(a, b) : !ordered(b, a); }

 private:
  struct Node {
    ThreadId thread;
    Segment before;
    Segment alsoBefore;
    std::uint32_t visit;
  };

  bool push(Segment segment, Segment first);

  GrowingArray<Node> nodes_;
  GrowingArray<Segment> stack_;
  std::uint32_t visit_ = 0;
};

}  // namespace deadheat::rt
