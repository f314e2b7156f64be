// The contention of a run as a table for people: who waited for which lock, and who held it longest.
#pragma once

#include <string>
#include <vector>

#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// A heading and at most twenty lines, those most waited for first; empty when no lock was waited for or held.
std::vector<std::string> contentionTable(const Recording& recording, Symbolizer& symbolizer);

}  // namespace deadheat
