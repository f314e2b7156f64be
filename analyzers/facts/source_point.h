// A place in a source file by the file's name: how places leave the file tables of translation units.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace deadheat {

/// A place in a named file. Line and column count from 1; 0 is unknown.
struct SourcePoint {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const SourcePoint&) const = default;
};

}  // namespace deadheat
