// Places in the code with operations that race with another thread's, as far as some runs show: conflicting, and ordered by
// nothing else. Locks' takers race, what is used under the lock does not. Where it may matter that a thread waits.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat {

class RacingPlaces {
 public:
  /// Takes over what the run's steps show. Later runs add to earlier ones. Cost: as RaceFinder, of 100,000 steps at most.
  void learn(const std::vector<protocol::TraceEntry>& trace);
  bool empty() const { return places_.empty(); }
  /// Any of them, as a run-time address; each once before one comes again.
  std::uint64_t draw(std::mt19937_64& random);

 private:
  std::vector<std::uint64_t> places_;  ///< Sorted.
  std::vector<std::uint64_t> left_;    ///< Those that are still to come in this round.
};

}  // namespace deadheat
