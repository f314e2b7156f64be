// A place in a source file of a translation unit.
#pragma once

#include <compare>
#include <cstdint>

namespace deadheat {

/// `file` indexes TuFacts::files (0 is "no file"); line and column count from 1, columns in bytes as Clang counts them.
struct Location {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Location&) const = default;
  bool valid() const { return file != 0; }
};

}  // namespace deadheat
