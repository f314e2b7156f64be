// The fork server: a program that stands by, loaded and brought up, and forks a copy of itself for each run asked for.
//
// A run then costs a fork in place of an exec: no loading, no relocations, no search for the functions that are intercepted.
// Copies begin before the program's constructors, so each is a whole run.
#pragma once

#include <cstddef>

namespace deadheat::rt {

/// The plan of the run that this process is a copy for.
struct ServedPlan {
  const char* bytes;
  std::size_t size;
};

/// True if the environment asks for a server; then the calling process becomes one and this returns in its copies only, once
/// each, with the plan in `plan`. The server ends with the other side of its socket. Where it cannot be one, because there
/// are threads already, it says so and ends. REQUIRES: the recording is open; nothing of the program has run.
bool standBy(ServedPlan& plan);

}  // namespace deadheat::rt
