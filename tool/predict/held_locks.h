// Which locks a thread holds at an event, as numbers of sets: few sets, many events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "tool/predict/observed_trace.h"

namespace deadheat {

struct HeldLockOf {
  std::uint64_t lock = 0;
  bool shared = false;
  std::size_t acquire = 0;  ///< Where it was taken last in the trace; not part of what makes sets the same.
};
using HeldSet = std::vector<HeldLockOf>;  ///< By lock.

/// One holds what the other does, and not both as readers.
bool haveGate(const HeldSet& a, const HeldSet& b);

class HeldLocks {
 public:
  explicit HeldLocks(const ObservedTrace& trace);
  /// Number of the set held right before the event.
  std::uint32_t before(std::size_t event) const { return sets_[event]; }
  const HeldSet& operator[](std::uint32_t set) const { return distinct_[set]; }

 private:
  std::vector<std::uint32_t> sets_;  ///< By event.
  std::vector<HeldSet> distinct_;
};

}  // namespace deadheat
