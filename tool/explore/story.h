// A schedule in words.
#pragma once

#include <string>
#include <vector>

#include "tool/explore/schedule_runner.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// One line a deviation: who stops before what, and who goes on. `main stops before bank.cpp:31 (Bank::move); thread 1 goes
/// on`.
std::vector<std::string> storyOf(const Recording& recording, Symbolizer& symbolizer);

}  // namespace deadheat
