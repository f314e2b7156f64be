// Child processes: each in a process group of its own, with a time limit, and how they ended; one or a pool of them at
// a time. Knows nothing of plans and recordings.
//
// The pool is a loop over process handles, not threads: whoever judges the results needs no locks.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llvm/Support/Error.h"

namespace deadheat {

/// What to run and how long to let it.
struct ProcessRequest {
  std::string program;                 ///< Path of the executable.
  std::vector<std::string> arguments;  ///< argv, the program's own name first.
  /// Added to our environment; a name that is there already is replaced, an empty value removes it.
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds timeLimit{0};  ///< 0: none. Then SIGTERM to the group, and SIGKILL `grace` later.
  std::chrono::milliseconds grace{500};
  enum class Streams { Inherit, Discard };
  int output = -1;     ///< In Discard mode: a descriptor of ours that standard output goes to.
  int inherited = -1;  ///< A descriptor of ours that the program gets under the same number.
  /// Discard: all three are /dev/null, but standard input is our own from its beginning if that is a file. Inherit: ours,
  /// and our terminal.
  Streams streams = Streams::Discard;
};

/// How it ended.
struct ProcessOutcome {
  int exitCode = 0;  ///< Meaningful when `signal` is 0.
  int signal = 0;    ///< Non-zero: ended by this signal.
  bool timedOut = false;
  std::chrono::milliseconds elapsed{0};
};

/// Runs the program to its end. What it leaves behind in its group is killed in Discard mode. The child dies with us.
/// Errors: it could not be started.
llvm::Expected<ProcessOutcome> runProcess(const ProcessRequest& request);

/// A run of the pool; `id` is the caller's.
struct PoolJob {
  std::size_t id = 0;
  ProcessRequest request;
};

/// Keeps up to `width` processes going until `next` has nothing more and all have ended. `done` gets every outcome, in
/// order of ending, on this thread; `next` may depend on what `done` learnt.
void runPool(unsigned width, const std::function<std::optional<PoolJob>()>& next,
             const std::function<void(std::size_t id, llvm::Expected<ProcessOutcome>)>& done);

}  // namespace deadheat
