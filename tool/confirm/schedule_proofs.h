// Proofs that can be replayed: of every run under control that shows a finding, the schedule; shortened, told and filed
// once all runs are made.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"
#include "tool/explore/failures.h"
#include "tool/explore/schedule_runner.h"
#include "tool/explore/stored_schedule.h"

namespace deadheat {

class ScheduleProofs {
 public:
  /// `runner` must outlive it. Schedules go to `outputDirectory`.
  ScheduleProofs(ScheduleRunner& runner, std::string outputDirectory, int expectedExit);

  /// `run`, made by `plan`, shows that the finding `seen` in it is of `finding`. Returns the file that complete() will
  /// write; empty if the run has no schedule.
  std::string keep(const Finding& finding, const Finding& seen, const ScheduleRun& run, const Plan& plan,
                   const std::string& how);

  /// Shortens the finding's schedule, tries a race in both orders, and writes the file; sets schedule, effect,
  /// interleaving and lanes of the verdict. What does not show again under its schedule loses it. Cost: some hundred runs,
  /// or `limit`. Errors: a run could not be made, a file not written.
  llvm::Error complete(Finding& finding, std::chrono::milliseconds limit);

  /// Runs made so far.
  std::size_t runs() const { return runs_; }

 private:
  struct Proof {
    StoredSchedule stored;
    Plan plan;  ///< That found it.
  };
  llvm::Expected<ScheduleRun> make(const Plan& plan);
  bool shows(const ScheduleRun& run, const std::string& key, std::string* message = nullptr);
  std::vector<PlannedDeviation> shortened(const StoredSchedule& stored, std::chrono::milliseconds limit);
  llvm::Error tryBothOrders(Finding& finding, Proof& proof);
  std::string failureOf(const ScheduleRun& run);

  ScheduleRunner& runner_;
  const std::string outputDirectory_;
  const int expectedExit_;
  FailureReader reader_;
  std::map<std::string, Proof> proofs_;  ///< By file.
  std::size_t runs_ = 0;
};

}  // namespace deadheat
