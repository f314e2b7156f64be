// The random numbers of a run: the same for the same seed, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/detect/mix.h"

namespace deadheat::rt {

class RandomNumbers {
 public:
  constexpr RandomNumbers() = default;
  void seed(std::uint64_t seed) { state_ = mix(seed + kStep); }
  std::uint64_t next() { return mix(state_ += kStep); }
  /// In [0, bound); 0 for a bound of 0. The bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(next()) * bound >> 64);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ull;
  std::uint64_t state_ = 0;
};

}  // namespace deadheat::rt
