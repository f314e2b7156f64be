// Confirmation under the controlled scheduler: runs that are directed at a finding's places until its threads meet there,
// then runs that look at whatever is left, or, where nothing is suspected, at what comes. Each proof comes with its schedule.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/confirm/judge.h"
#include "tool/confirm/schedule_proofs.h"
#include "tool/confirm/steering.h"
#include "tool/explore/schedule_runner.h"

namespace deadheat {

struct ControlledOptions {
  unsigned attempts = 10;                     ///< Most directed runs a finding.
  unsigned explored = 60;                     ///< Runs directed at nothing, for findings that are not proved by then.
  unsigned width = 1;                         ///< Runs at a time.
  std::uint64_t seed = 1;
  std::chrono::milliseconds budget{0};        ///< For all of it; 0: no limit.
  std::string outputDirectory;
  std::function<void()> progress;             ///< After each run; may be empty.
};

class ControlledRuns {
 public:
  /// All must outlive it.
  ControlledRuns(ScheduleRunner& runner, Judge& judge, const ControlledOptions& options);

  /// One run in which nothing interferes; the judge hears what it predicts. Why the program cannot be run under control; empty: it can.
  llvm::Expected<std::string> probe();

  /// Directs runs at the targets, one for each of the judge's findings, those of high confidence first; then explores if a
  /// finding is not proved. REQUIRES: the probe went well. Errors: a run could not be made.
  llvm::Error confirm(const std::vector<SteeringTarget>& targets);

  /// Shortens, tells and files the schedules of all that was proved.
  llvm::Error complete();

  /// Directed runs for the finding of that number.
  unsigned attempts(std::size_t finding) const { return finding < started_.size() ? started_[finding] : 0; }
  std::size_t explored() const { return explored_; }

 private:
  struct Attempt {
    std::size_t finding;
    const PlanShape* shape;
    Plan plan;
  };
  bool isOver() const;
  bool wantsMore() const;
  bool wanted(std::size_t finding) const;
  std::optional<ScheduleJob> nextJob();
  Plan planFor(std::size_t finding, unsigned attempt, const PlanShape*& shape) const;
  void take(const ScheduleRun& run);
  llvm::Error explore();
  Judge::Keep keeper(const ScheduleRun& run, const Plan& plan, const std::string& how);

  ScheduleRunner& runner_;
  Judge& judge_;
  const ControlledOptions& options_;
  ScheduleProofs proofs_;
  const std::vector<SteeringTarget>* targets_ = nullptr;
  std::vector<unsigned> started_;  ///< By finding.
  std::vector<Attempt> attempts_;  ///< By job id.
  std::size_t explored_ = 0;
  bool decides_ = false;  ///< A run has anything to decide.
  std::uint64_t startSeconds_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace deadheat
