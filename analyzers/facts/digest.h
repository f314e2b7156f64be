// Digest: 128 bits that stand for a text. Two texts of one digest are taken to be equal; not meant against people who
// construct collisions.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace deadheat {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Digest&) const = default;
  /// 32 hex digits.
  std::string text() const;
};

/// XXH3-128 of `bytes`, the same on every machine.
Digest digestOf(llvm::StringRef bytes);

/// Puts texts and digests together to one digest; where one part ends and the next begins counts.
class DigestBuilder {
 public:
  DigestBuilder& add(llvm::StringRef text);
  DigestBuilder& add(const Digest& digest);
  Digest finish() const { return digestOf(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace deadheat
