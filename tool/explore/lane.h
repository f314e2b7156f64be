// One processor's share of an exploration: a place where one run at a time goes on, forked where the program can be, executed
// where it cannot.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "llvm/Support/Error.h"
#include "tool/confirm/plan.h"
#include "tool/explore/fork_server.h"
#include "tool/run/launch.h"

namespace deadheat {

/// What all lanes have in common.
struct LaneSettings {
  const Target& target;
  std::string runtimeOptions;
  std::chrono::milliseconds timeLimit;
  bool keepsOutput = false;  ///< What runs print is kept.
  bool forks = true;         ///< Use a fork server if that can be.
};

/// How a run went. Recordings of the program first, then of what it executed.
struct LaneResult {
  ProcessOutcome outcome;
  std::vector<Recording> recordings;
  std::string output;  ///< What it printed, if that is kept.
};

class Lane {
 public:
  using Clock = Child::Clock;

  /// `folder` exists and is the lane's own; `processor` counts those we may use.
  Lane(const LaneSettings& settings, std::string folder, unsigned processor);
  Lane(Lane&& other) noexcept;
  Lane& operator=(Lane&&) = delete;
  ~Lane();

  /// Begins a run. Errors: it cannot be started. REQUIRES: none is going on.
  llvm::Error begin(Plan plan);
  bool busy() const { return busy_; }
  /// Of the run: becomes readable when it has ended,
  int handle() const;
  /// and when it must be asked again at the latest.
  Clock::time_point deadline() const;
  /// Whether it ended; ends it when its time is over. Never blocks.
  bool ended();
  /// REQUIRES: it ended. Errors: there is no recording, or none that can be read.
  llvm::Expected<LaneResult> finish();

 private:
  llvm::Error execute();
  std::string takeOutput();
  llvm::Error startServer();
  bool beginServed();
  llvm::Expected<LaneResult> finishServed(ProcessOutcome outcome);
  std::string recordingPath() const { return folder_ + "/recording"; }

  const LaneSettings& settings_;
  std::string folder_;
  unsigned processor_;
  int output_ = -1;  ///< File that runs append to.
  bool busy_ = false;
  bool forks_;
  std::string plan_;  ///< Encoded; of the run that goes on.
  std::optional<ForkServer> server_;
  std::optional<Child> child_;
  Clock::time_point deadline_;
};

}  // namespace deadheat
