// The fork server: a program that stands by, loaded and brought up, and forks a copy of itself for each run asked for.
//
// A run then costs a fork in place of an exec: no loading, no relocations, no search for the functions that are intercepted,
// no constructors of libraries (libgcc's asks the processor what it can do, which a virtual machine answers slowly). Copies
// begin before the program's own constructors, so each is a whole run of what it is made of.
#pragma once

#include <cstddef>

namespace deadheat::rt {

/// The plan of the run that this process is a copy for.
struct ServedPlan {
  const char* bytes;
  std::size_t size;
};

/// True if the environment asks for a server.
bool serverAsked();

/// Makes the calling process one and returns in its copies only, once each, with the run's plan. The server ends with the
/// other side of its socket. Where it cannot be one, because there are threads or were, it says so and ends. REQUIRES: it
/// was asked for; the recording is open; nothing of the program's own has run.
ServedPlan standBy();

}  // namespace deadheat::rt
