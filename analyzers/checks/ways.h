// Ways through one function: which blocks lead to which, what lies in a cycle, what every run comes to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/link/function_view.h"

namespace deadheat {

/// A step of a view.
struct StepPlace {
  std::uint32_t block = 0;
  std::uint32_t step = 0;
};

/// Answers questions about one view's graph, each linear in its edges.
class Ways {
 public:
  explicit Ways(const FunctionView& view) : view_(view) {}

  /// Whether control can get from the end of `from` to the start of `to`.
  bool leads(std::uint32_t from, std::uint32_t to) const;
  bool isInCycle(std::uint32_t block) const { return leads(block, block); }
  /// Whether `later` can run after `earlier`.
  bool follows(StepPlace earlier, StepPlace later) const;
  /// Whether some run gets from the entry to the exit without passing `block`.
  bool canAvoid(std::uint32_t block) const;
  /// The first step at `location`.
  std::optional<StepPlace> find(Location location) const;

 private:
  bool reaches(std::uint32_t from, std::uint32_t to, std::uint32_t except) const;
  const FunctionView& view_;
};

}  // namespace deadheat
