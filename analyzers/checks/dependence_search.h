// A solution of a system of comparisons, looked for by trying numbers.
#pragma once

#include <vector>

#include "analyzers/checks/dependence.h"

namespace deadheat {

/// Whether whole numbers that solve all of `comparisons` (none NotEqual) were found within a bounded number of steps.
bool hasSolution(const std::vector<Comparison>& comparisons);

}  // namespace deadheat
