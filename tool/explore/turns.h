// The turns of a controlled run: who went from where to where before somebody else did. What stories and lanes are made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// Operations in a row of one thread, or of one task in it.
struct Turn {
  std::uint32_t thread = 0;
  std::uint32_t task = 0;     ///< A coroutine or fiber; 0: none.
  SourcePoint from;           ///< The first operation of user code; no file: there is none.
  SourcePoint to;             ///< The last.
  std::string function;       ///< Of the last.
};

/// All turns of a run that recorded its trace, in order. Cost: a look-up for each operation.
std::vector<Turn> turnsOf(const Recording& recording, Symbolizer& symbolizer);

/// Who has turns.
struct ActorNames {
  std::vector<std::string> threads;          ///< By id.
  std::map<std::uint32_t, std::string> tasks;  ///< By number.
  /// `main`, `thread 'work'`; in a task `main, task 2 of 'serve'`.
  std::string of(const Turn& turn) const;
};

/// Threads of one name are numbered.
ActorNames actorNames(const Recording& recording, Symbolizer& symbolizer);

/// A line a turn: "main runs to cache.cpp:41 (Cache::get)", "thread 'work' runs cache.cpp:12 to 30 (refill)". Turns without
/// user code are left out, and the middle of a long story.
std::vector<std::string> tellTurns(const std::vector<Turn>& turns, const ActorNames& names);

/// The same side by side, a column a thread or task, the tasks of a thread beside it: the first line has the names.
std::vector<std::string> drawLanes(const std::vector<Turn>& turns, const ActorNames& names);

}  // namespace deadheat
