// A running child process and its way to its end; the mechanics below process.h.
#pragma once

#include <sys/types.h>

#include <chrono>

#include "llvm/Support/Error.h"
#include "tool/run/process.h"

namespace deadheat {

class Child {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts the program; returns once it is running. Errors: it could not be started.
  static llvm::Expected<Child> start(const ProcessRequest& request);

  /// Looks whether it ended, and moves on past deadlines that are over: time limit, then grace. Never blocks.
  bool ended();

  /// When `ended` must be asked again at the latest; far away if there is no limit.
  Clock::time_point deadline() const { return deadline_; }

  /// Becomes readable when the process ends; -1 where the kernel has no such handle.
  int handle() const { return handle_; }

  pid_t pid() const { return pid_; }

  /// Ends it and its group by force and reaps it. Instead of `finish`.
  void stop();

  /// Reaps it. REQUIRES: `ended` said so.
  ProcessOutcome finish();

 private:
  enum class Phase { Running, Terminated, Killed };
  pid_t pid_ = 0;
  int handle_ = -1;
  bool terminal_ = false;  ///< It has our terminal; we take it back.
  bool discard_ = false;
  Phase phase_ = Phase::Running;
  std::chrono::milliseconds grace_{0};
  Clock::time_point started_;
  Clock::time_point deadline_;
};

/// Sleeps until one of the children ended or reached its deadline.
void waitForAny(const std::vector<Child*>& children);

}  // namespace deadheat
