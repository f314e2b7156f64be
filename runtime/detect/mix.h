// One 64-bit mixing step, for the hashes of the lock graph and the lock table.
#pragma once

#include <cstdint>

namespace deadheat::rt {

/// A bijection whose every output bit depends on every input bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  return x ^ (x >> 32);
}

}  // namespace deadheat::rt
