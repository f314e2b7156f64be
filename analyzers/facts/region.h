// Regions: the parts of a function's body that are run in a way of their own, as a tree beside the control-flow graph.
//
// A region says who runs it (a team of threads, one of them, a task) or under which conditions on numbers (for each
// turn of a loop, where a comparison holds). Events name the innermost region they stand in. Bounds and conditions are
// Affine texts; unknown ones are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/facts/location.h"
#include "analyzers/facts/path.h"

namespace deadheat {

/// The values a loop variable takes: from the largest of `lower` to the smallest of `upper`, both included, as far as
/// they are known.
struct Range {
  std::string variable;
  std::vector<std::string> lower;
  std::vector<std::string> upper;
  std::uint32_t step = 1;  ///< Distance of two values; 0 is unknown.
  auto operator<=>(const Range&) const = default;
};

/// What a task needs or makes: two sibling tasks that name the same object run one after the other, unless both are In.
struct Dependence {
  enum class Kind : std::uint8_t { In, Out, Exclusive };
  Kind kind = Kind::In;
  Path object;
  auto operator<=>(const Dependence&) const = default;
};

struct Region {
  enum class Kind : std::uint8_t {
    Team,      ///< Every thread of a team runs it.
    League,    ///< Every team of a league runs it; locks do not reach from one team to another.
    Share,     ///< Threads of the team (or tasks) share out the values of `ranges`.
    Loop,      ///< One thread runs it for all values of `ranges`.
    Lanes,     ///< Like Loop, but up to `distance` values at a time.
    Guard,     ///< Runs only where `condition` compares with 0 as `relation` says.
    Single,    ///< One thread of the team runs it.
    Section,   ///< The same: one of the sections that are shared out.
    Task,      ///< Runs from here on until somebody waits for it.
    TaskGroup,
    Critical,  ///< One thread of the program at a time, among those of the same `name`.
    Ordered,   ///< The turns of the loop around run it one after the other.
  };
  enum class Relation : std::uint8_t { Equal, NotEqual, AtLeast };

  Kind kind = Kind::Guard;
  std::uint32_t parent = 0;  ///< Number of the region around; 0 is the function.
  Location location;
  std::string name;  ///< `omp parallel for`; Critical: its name.
  std::vector<Range> ranges;
  bool fixedShare = false;  ///< Share: equal ranges are shared out alike, whatever loop has them.
  bool keepsStep = false;   ///< Loop: the threads of the team meet at a barrier in each turn.
  bool repeats = false;     ///< Single: may be met again before the others have passed it.
  std::uint32_t distance = 0;  ///< Lanes: 0 is any.
  std::string condition;
  Relation relation = Relation::Equal;
  std::vector<Dependence> dependences;  ///< Task.
  auto operator<=>(const Region&) const = default;
};

}  // namespace deadheat
