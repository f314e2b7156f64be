// The deviations that the replay strategy follows, and what it met instead.
#pragma once

#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// A protocol::PlanDeviation with a run-time program counter.
struct Deviation {
  protocol::DeviationKind kind;
  ThreadId chosen;
  DecisionKey key;
  std::uint64_t step;
  std::uint64_t hash;
};

/// Before kReplay.begin. Strict: the run must be the recorded one, step for step; otherwise a deviation is made wherever
/// its key is met, if it can be, so that a schedule still does something sensible when others are left out.
/// `deviations`, in the order they were made, must outlive the run.
void setDeviations(const Deviation* deviations, std::size_t count, bool strict);

/// What the replayed run did where the program left it open: an index below `count`.
std::uint32_t replayChoice(const DecisionKey& key, std::uint32_t count);

/// A strict replay that went another way: what was to come, and where the run was. Null as long as it has not.
struct Divergence {
  const Deviation* expected;
  std::uint64_t step;
  DecisionKey key;
};
const Divergence* divergence();

}  // namespace deadheat::rt
