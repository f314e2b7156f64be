// Which of the blocked threads can never go on: the pure part of the wait-for graph.
#pragma once

#include <cstddef>
#include <cstdint>

namespace deadheat::rt {

/// A blocked thread. It goes on when all of `blockers` have let go, or, if `anyoneWakes`, when any thread that can go on
/// cares to wake it.
struct Waiter {
  const std::uint32_t* blockers;  ///< Indices of other waiters; threads that are not blocked are left out.
  std::uint32_t blockerCount;
  bool anyoneWakes;
  bool stuck;  ///< Result.
};

/// Marks the largest set of waiters of which none can go on before another of the set does. `othersLive` says whether
/// there is a thread outside `waiters` that can go on. Returns the size of the set. Cost: waiters times blockers, times
/// the length of the longest chain.
std::size_t markStuck(Waiter* waiters, std::size_t count, bool othersLive);

}  // namespace deadheat::rt
