// Functions that the configuration says threads start in: the starts that the sources do not show.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

/// What Spawn::how is called for them.
inline constexpr std::string_view kConfiguredThread = "ThreadEntryPoints";

/// Adds, at the begin of the first main, or in a function of their own if there is none, two starts of each function
/// with `startsThread`: two stand for any number.
void startConfiguredThreads(std::vector<TuFacts>& units);

}  // namespace deadheat
