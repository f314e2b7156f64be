// Team: what the threads of a team and the tasks they start do to memory, seen from one function.
#pragma once

#include <map>

#include "analyzers/link/scope.h"

namespace deadheat {

/// One function with a construct that several threads or tasks run, in itself or below.
struct Team {
  FunctionIndex frame = FunctionIndex::None;
  bool assumed = false;  ///< The function may be called by several threads of a team that it does not see.
  Scope scope;           ///< One actor, who stands for all; accesses made in regions or beside tasks.
  std::map<PathId, PathSetId> tasksAtEnd;
  std::map<PathId, ContextId> homes;
};

}  // namespace deadheat
