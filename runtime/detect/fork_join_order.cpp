#include "runtime/detect/fork_join_order.h"

namespace deadheat::rt {

Segment ForkJoinOrder::add(ThreadId thread, Segment before, Segment alsoBefore) {
  if (nodes_.size() == 0) nodes_.push({kNoThread, 0, 0, 0});
  nodes_.push({thread, before, alsoBefore, 0});
  return static_cast<Segment>(nodes_.size() - 1);
}

bool ForkJoinOrder::ordered(Segment first, Segment second) {
  if (first == second) return true;
  if (first == 0 || second == 0 || first > second) return false;
  ++visit_;
  stack_.clear();
  push(second, first);
  while (stack_.size() != 0) {
    const Node& node = nodes_[stack_.pop()];
    if (node.thread == nodes_[first].thread) return true;  // Numbers of one thread rise, and push() drops older ones.
    push(node.before, first);
    push(node.alsoBefore, first);
  }
  return false;
}

/// Arrows go from older to newer numbers, so nothing older than `first` leads back to it.
bool ForkJoinOrder::push(Segment segment, Segment first) {
  if (segment < first || nodes_[segment].visit == visit_) return false;
  nodes_[segment].visit = visit_;
  stack_.push(segment);
  return true;
}

}  // namespace deadheat::rt
