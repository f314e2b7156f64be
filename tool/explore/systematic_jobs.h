// The systematic search as runs to make: from its choices to plans, from recordings to what it learns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tool/confirm/plan.h"
#include "tool/explore/systematic.h"
#include "tool/symbols/recording.h"

namespace deadheat {

class SystematicJobs {
 public:
  explicit SystematicJobs(unsigned bound) : bound_(bound), search_(bound) {}

  /// `settings` with the deviations of the next run, as a plan whose replay is strict; nothing: there is none now. Runs are
  /// numbered from 0 in the order of the calls.
  std::optional<Plan> next(PlannedSchedule settings);
  /// What run `id` recorded.
  void took(std::size_t id, const Recording& recording, std::uint64_t mostSteps);
  /// Whether everything within the bound was done, for people: "all interleavings with at most 2 preemptions done: 310".
  std::string summary() const;

 private:
  bool canFollow(const Recording& recording, std::uint64_t mostSteps);

  unsigned bound_;
  SystematicSearch search_;
  std::vector<RecordedModule> modules_;  ///< Of the first run; addresses are the same in all.
  std::string trouble_;                  ///< Why a run could not be followed.
};

}  // namespace deadheat
