// Sleep sets: what need not be tried on one way of a systematic search, since another way has it.
//
// After Godefroid: Partial-Order Methods for the Verification of Concurrent Systems (1996). Where a run lets another
// thread go before the one that had the turn, every run on that has the latter's operation before anything that depends
// on it is one that began with that operation, in another order.
//
// With a bound on preemptions that holds only for the thread that had the turn and could have kept it: to let it go
// first costs nothing, and never more later. (Of two threads that both took the turn away, either order may be the
// dearer.) What a run does after an operation of the set is looked through as ever: that may show where another turn
// would have cost nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat {

/// Along one run. Plain value: copied where ways part.
class SleepSet {
 public:
  /// The operation `entry`, which the run has next; `instead` is what the turn's holder would have done, if the run has
  /// something else, or null.
  void performed(const protocol::TraceEntry& entry, const protocol::TraceEntry* instead);

  /// Its next operation leads to what another way has.
  bool has(std::uint32_t thread) const;

 private:
  std::vector<protocol::TraceEntry> asleep_;
};

}  // namespace deadheat
