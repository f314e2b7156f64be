// EventPool: the events of a program once they are lowered, without most of what the facts say of them.
//
// An event of the facts is two thirds of a kilobyte, and a large program has tens of millions. When places, paths and
// values have become numbers, little is left of most, and that repeats: the same type read, the same function called, a
// lock of the same type taken. So each different one is kept once.
#pragma once

#include <deque>

#include "analyzers/facts/tu_facts.h"
#include "analyzers/link/id_index.h"

namespace deadheat {

class EventPool {
 public:
  /// `what`, the common kinds without their paths and values, which Step has. Stays valid as long as the pool, wherever
  /// that is moved.
  const EventKind* keep(EventKind&& what);
  /// `branch` without its paths, which LinkedBranch has.
  const Branch* keep(Branch&& branch);

 private:
  std::deque<EventKind> events_;
  std::deque<Branch> branches_;
  IdIndex index_;
  IdIndex branchIndex_;
};

}  // namespace deadheat
