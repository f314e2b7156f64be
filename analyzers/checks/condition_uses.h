// Condition uses: for each condition variable of a scope, who waits for it, for what, and who signals it.
#pragma once

#include <vector>

#include "analyzers/link/program.h"

namespace deadheat {

/// One wait and the memory that its predicate looks at.
struct WaitUse {
  const SharedOperation* operation = nullptr;
  const Wait* facts = nullptr;
  std::vector<PathId> states;  ///< Sorted.
};

struct ConditionUses {
  PathId condition = PathId::Unknown;
  std::vector<WaitUse> waits;
  std::vector<const SharedOperation*> signals;
};

/// The conditions that the scope names: its own and global ones, in a class those of the object. Elements of an array
/// count as one. In the order of their first use.
std::vector<ConditionUses> conditionsOf(const Program& program, const Scope& scope);

/// Whether `later` comes after `earlier` in the source of the function in which their ways part; the function, or None
/// if they do not run in one activation.
FunctionIndex functionWhereFollows(const Tables& tables, const Moment& earlier, const Moment& later);

/// Where `moment` is, seen from `function` on its way: the call in it, or itself.
Location placeIn(const Tables& tables, const Moment& moment, FunctionIndex function);

}  // namespace deadheat
