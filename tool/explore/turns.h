// The turns of a controlled run: who went from where to where before somebody else did. What stories and lanes are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// One thread's operations in a row.
struct Turn {
  std::uint32_t thread = 0;
  SourcePoint from;           ///< The first operation of user code; no file: there is none.
  SourcePoint to;             ///< The last.
  std::string function;       ///< Of the last.
};

/// All turns of a run that recorded its trace, in order. Cost: a look-up for each operation.
std::vector<Turn> turnsOf(const Recording& recording, Symbolizer& symbolizer);

/// `main`, `thread 'work'`, by id; those of one name are numbered.
std::vector<std::string> threadNames(const Recording& recording, Symbolizer& symbolizer);

/// A line a turn: "main runs to cache.cpp:41 (Cache::get)", "thread 'work' runs cache.cpp:12 to 30 (refill)". Turns without
/// user code are left out, and the middle of a long story.
std::vector<std::string> tellTurns(const std::vector<Turn>& turns, const std::vector<std::string>& names);

/// The same side by side, a column a thread: the first line has the names.
std::vector<std::string> drawLanes(const std::vector<Turn>& turns, const std::vector<std::string>& names);

}  // namespace deadheat
