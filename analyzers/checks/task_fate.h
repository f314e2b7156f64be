// Task fates: what becomes of a task that is not awaited where it is made, as far as the function that makes it, and
// those that it gives the task to, tell.
#pragma once

#include "analyzers/link/function_view.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// In the order in which a task outlives its function more surely.
enum class Fate : std::uint8_t {
  Kept,      ///< In a variable of the function only.
  PassedOn,  ///< To code that may wait for it.
  Returned,
  Stored,    ///< Where it outlives the function.
  Detached,  ///< Runs on its own.
};

/// Whether `thread` is a coroutine, or a handler that an executor runs.
bool isTask(const Program& program, const ThreadFact& thread);

/// Whether the path stands for the task, or for what keeps it.
bool namesTask(const PathTable& paths, const ThreadFact& thread, PathId path);

/// Whether the call is a part of awaiting, which says nothing of who has the task.
bool isPartOfAwaiting(const EventKind& what);

/// The strongest that any step of `view`, which starts `thread`, says of the task.
Fate fateOf(const Program& program, const FunctionView& view, const ThreadFact& thread);

/// Whether the step after which it stands may run tasks: it waits, or calls what resumes coroutines.
bool mayRunTasks(const Program& program, const StepView& step);

}  // namespace deadheat
