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

  /// Makes `plan` that of the next run: a strict replay of its deviations. False: there is none now. Runs are numbered from
  /// 0 in the order of the calls.
  bool next(Plan& plan);
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
