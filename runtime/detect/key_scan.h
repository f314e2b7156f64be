// Keys side by side that say the same: a range mostly is what it was.
#pragma once

#include "runtime/detect/shadow_map.h"

namespace deadheat::rt {

/// Eight granules side by side are looked at at once.
class KeyScan {
 public:
  static constexpr std::size_t kAtOnce = 8;

  KeyScan(Key wanted, Key bits) : wanted_{wanted, wanted}, bits_{bits, bits} {}

  /// How many of `count` granules from the one of `first` certainly say in their first cells, or certainly in their
  /// second, what is wanted; a multiple of 8. Others may change keys meanwhile: each is read whole.
  std::size_t leadingAlike(const Key* first, std::size_t count) const {
    std::size_t at = 0;
    while (at + kAtOnce <= count && (alike(first + at) || alikeInSecond(first + at))) at += kAtOnce;
    return at;
  }

 private:
  using Pair __attribute__((vector_size(16), aligned(8), may_alias)) = Key;

  static bool none(Pair pair) { return (pair[0] | pair[1]) == 0; }
  bool alike(const Key* keys) const {
    const auto* pairs = reinterpret_cast<const Pair*>(keys);
    return none(((pairs[0] ^ wanted_) | (pairs[1] ^ wanted_) | (pairs[2] ^ wanted_) | (pairs[3] ^ wanted_)) & bits_);
  }
  bool alikeInSecond(const Key* keys) const {
    constexpr Pair kMore = {kKeyMore, kKeyMore};
    const auto* pairs = reinterpret_cast<const Pair*>(keys);
    return none(~(pairs[0] & pairs[1] & pairs[2] & pairs[3]) & kMore) &&
           alike(GranuleRef(const_cast<Key*>(keys)).key(1));
  }

  Pair wanted_, bits_;
};

}  // namespace deadheat::rt
