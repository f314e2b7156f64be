// Generators past their range: an iterator of a generator used after it was found at the end on the way there, or after
// the generator was destroyed.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/checks/place_finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Adds what functions do with such iterators that must not be done. A class whose `operator++` resumes a coroutine is
/// taken for one. `check` is the id of the findings. Linear in the graph of each function that uses one, for each
/// iterator.
void findPastRange(const Program& program, std::string_view check, std::vector<Finding>& findings);

}  // namespace deadheat
