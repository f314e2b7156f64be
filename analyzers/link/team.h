// Team: what the threads of a team and the tasks they start do to memory, seen from one function.
#pragma once

#include <map>

#include "analyzers/link/scope.h"

namespace deadheat {

/// One function with a construct that several threads or tasks run, in itself or below.
struct Team {
  FunctionIndex frame = FunctionIndex::None;
  bool called = false;   ///< A team calls the function.
  bool assumed = false;  ///< So it does, or it may, because nobody is seen to call the function.
  Scope scope;           ///< One actor, who stands for all; accesses made in regions or beside tasks.
  std::vector<AcquireFact> acquires;
  std::map<PathId, PathSetId> tasksAtEnd;
  std::map<PathId, ContextId> homes;
};

}  // namespace deadheat
