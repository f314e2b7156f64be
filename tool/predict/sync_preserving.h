// What must have happened before some events can be next at the same time, in runs that take each lock in the recorded order.
//
// Sync-preserving ideals, after Mathur, Pavlogiannis, Viswanathan: Optimal Prediction of Synchronization-Preserving Races
// (POPL 2021), and Tunc, Mathur, Pavlogiannis, Viswanathan: Sound Dynamic Deadlock Prediction in Linear Time (PLDI 2023).
// Where the ideal has none of the events, its events in recorded order are a run after which all of them are next: what is
// predicted can happen (as far as the trace has all that orders threads).
#pragma once

#include <cstddef>

#include "tool/predict/trace_order.h"

namespace deadheat {

class SyncPreservingIdeal {
 public:
  /// `order` must outlive it.
  explicit SyncPreservingIdeal(const TraceOrder& order) : order_(order), set_(order.threads()) {}

  /// The event is to be next: all before it is in. An ideal only grows, so a search that goes on to later events of the same
  /// threads keeps it.
  void makeNext(std::size_t event) { order_.addBefore(set_, event); }

  /// Of two sections of a lock that begin within, the first ends within. False: it never ends, so nothing is possible.
  /// Cost: a round for each section that has to be ended, of all locks times their threads.
  bool close();

  bool has(std::size_t event) const { return order_.has(set_, event); }
  /// Looks at locks so far.
  std::size_t work() const { return work_; }

 private:
  enum class Closing { Unchanged, Grown, Impossible };
  Closing close(const std::vector<LockUse>& lock);
  const CriticalSection* last(const std::vector<CriticalSection>& sections) const;

  const TraceOrder& order_;
  TraceClock set_;
  std::size_t work_ = 0;
};

}  // namespace deadheat
