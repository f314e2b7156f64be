// Handle fields: members that keep threads, and what the program does with them anywhere.
#pragma once

#include <set>
#include <utility>

#include "analyzers/link/program.h"

namespace deadheat {

/// Members that threads are started into, and those that somebody ends, each by class and name.
struct HandleFields {
  std::set<FieldName> started;
  std::set<FieldName> ended;  ///< Joined, detached, or moved on for somebody else to end.
  std::set<FieldName> moved;  ///< Moved on.

  /// What the function `body` does.
  void gather(const PathTable& paths, const Body& body);
};

/// What the methods of the class do that keeps `thread` in a member.
HandleFields methodsAbout(const Program& program, const ThreadFact& thread);

/// Whether one of the class's methods moves the threads of that member on, so that they may be joined by another name.
bool movesOn(const Program& program, const ThreadFact& thread);

/// Whether one of them ends these threads in any way.
bool endsElsewhere(const Program& program, const ThreadFact& thread);

}  // namespace deadheat
