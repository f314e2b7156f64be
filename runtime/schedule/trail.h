// What a strict replay is to be, operation by operation: it stops at the first that is another.
#pragma once

#include "runtime/schedule/event.h"

namespace deadheat::rt {

/// A protocol::PlanTrailStep with a run-time program counter.
struct TrailStep {
  static constexpr Address kNotLoaded = ~Address{0};  ///< The code of a module that comes later; not looked at.

  std::uint64_t hash;
  ThreadId thread;
  Address pc;
};

/// Before the run. `steps`, each of the `stride`-th operation, must outlive it; none: every run is the recorded one.
void setTrail(const TrailStep* steps, std::size_t count, std::uint64_t stride);

/// `chosen` is about to happen, and `hash` is that of all before. The recorded operation if it is another; else null, also
/// where nothing is known. REQUIRES: called for each operation in order. Cost: a comparison.
const TrailStep* leavesTrail(const Event& chosen, std::uint64_t hash);
/// Number of the last operation, from 1.
std::uint64_t trailPosition();

}  // namespace deadheat::rt
