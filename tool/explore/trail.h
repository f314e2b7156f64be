// The trail of a run: every operation at which threads could be switched, in order, so that a replay which goes another way
// is seen at the first step it does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tool/confirm/plan.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// Runs of more steps are compared at the places where they deviate, and at their end.
inline constexpr std::uint64_t kMostTraced = 200'000;

/// The trail of a run that recorded its trace: at most 4096 steps. Modules are added to `modules`.
Trail trailOf(const Recording& recording, std::vector<PlannedModule>& modules);

/// The first step that is not `expected`'s, in words: "diverged at step 17: expected main at queue.cpp:41, got thread 2 at
/// queue.cpp:30". Empty: there is none, as far as both go. A run that ends early is one.
std::string divergenceFrom(const Trail& expected, const std::vector<PlannedModule>& modules, const Recording& recording,
                           Symbolizer& symbolizer);

/// The module's number in `modules`; it is added if it is not there.
std::uint32_t moduleNumber(std::vector<PlannedModule>& modules, const RecordedModule& module);

}  // namespace deadheat
