// Runs a program under one schedule after another, several at a time, and hands back what each run recorded.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/confirm/plan.h"
#include "tool/explore/lane.h"
#include "tool/run/launch.h"

namespace deadheat {

/// One run to make; `id` is the caller's.
struct ScheduleJob {
  std::size_t id = 0;
  Plan plan;
};

/// How it went. Recordings of the program first, then of what it executed.
struct ScheduleRun {
  std::size_t id = 0;
  ProcessOutcome outcome;
  std::vector<Recording> recordings;
  std::string output;  ///< What it printed, if that is kept.
};

struct RunnerMeans {
  bool keepsOutput = false;  ///< What runs print is kept.
  bool forks = true;         ///< The program is copied for each run, if that can be.
};

class ScheduleRunner {
 public:
  /// Makes a working folder, in memory where there is one. From now on our processes, and so the program's, are laid out
  /// the same in every run. Error, one line: no place for the folder.
  static llvm::Expected<ScheduleRunner> create(Target target, std::chrono::milliseconds timeLimit,
                                               const std::string& runtimeOptions, const RunnerMeans& means = {});
  ScheduleRunner(ScheduleRunner&& other) noexcept;
  ScheduleRunner& operator=(ScheduleRunner&&) = delete;
  ~ScheduleRunner();

  /// Up to `width` runs side by side, each on a processor of its own as far as there are any, until `next` has nothing
  /// more. `done` gets the runs in order of ending, on this thread. Errors: a run could not be started or read.
  llvm::Error run(unsigned width, const std::function<std::optional<ScheduleJob>()>& next,
                  const std::function<void(ScheduleRun)>& done);

  /// One run.
  llvm::Expected<ScheduleRun> runOne(const Plan& plan);

  const Target& target() const { return settings_->target; }

 private:
  /// A lane and whose run it makes.
  struct Place {
    Lane lane;
    std::size_t id = 0;
  };

  ScheduleRunner() = default;
  llvm::Error addPlaces(unsigned count);
  llvm::Error finish(Place& place, const std::function<void(ScheduleRun)>& done);

  std::unique_ptr<Target> target_;
  std::unique_ptr<LaneSettings> settings_;
  std::string folder_;
  std::deque<Place> places_;
};

}  // namespace deadheat
