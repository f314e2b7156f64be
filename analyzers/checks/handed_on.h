// Tasks that somebody else gets, who may wait for their end where it is not seen.
#pragma once

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Whether the task that the call of a coroutine made is passed on, stored or returned: `whenAll(load(a), load(b))`.
/// What becomes of a task that only a variable of its maker has is known.
bool isHandedOn(const Program& program, const ThreadFact& thread);

/// How sure one can be of what such a task does after the function that made it: hardly, where that waits for
/// something.
Confidence confidenceInHandedOn(const Program& program, const ThreadFact& thread);

/// The reason to be less than sure about a task that is handed on.
constexpr const char* kHandedOn = "the task is handed on, and whoever has it may wait for its end";

}  // namespace deadheat
