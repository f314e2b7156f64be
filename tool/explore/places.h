// Places in the code where threads use what they share: where it may matter that a thread waits.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat {

class SharedPlaces {
 public:
  /// Takes over what the run's steps show. Later runs add to earlier ones.
  void learn(const std::vector<protocol::TraceEntry>& trace);
  bool empty() const { return places_.empty(); }
  /// Any of them, as a run-time address.
  std::uint64_t draw(std::mt19937_64& random) const { return places_[random() % places_.size()]; }

 private:
  std::vector<std::uint64_t> places_;  ///< Sorted.
};

}  // namespace deadheat
