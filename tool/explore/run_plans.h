// What each run of an exploration is to do: which strategy, by what draws, looking at what; and what runs teach about the next.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "tool/explore/explore.h"
#include "tool/explore/focus.h"
#include "tool/explore/places.h"
#include "tool/explore/portfolio.h"
#include "tool/explore/predicted_runs.h"
#include "tool/explore/schedule_runner.h"
#include "tool/explore/systematic_jobs.h"

namespace deadheat {

/// A run to be made.
struct PlannedRun {
  std::size_t number = 0;  ///< Among the runs of all shards, from 0; what is drawn depends on it.
  std::string strategy;    ///< `default`, `pos`, `pct3`.
  Plan plan;
};

class RunPlans {
 public:
  /// Errors: no such strategy; one that cannot be divided or resumed.
  static llvm::Expected<RunPlans> create(const ExploreOptions& options);

  /// The next run; nothing: there is none, or none yet. The first runs of every shard are the same: they tell how long runs
  /// are and what is shared.
  std::optional<PlannedRun> next();
  /// Runs that must have been taken before further ones are planned side by side.
  std::size_t runsOneByOne() const;
  /// What a run recorded, in the order of planning.
  void took(const PlannedRun& run, const Recording& recording);
  /// The run had a failure that none before had.
  void found(const PlannedRun& run) { found(run.strategy); }
  void found(const std::string& strategy);

  /// Runs before `made` (of this shard) were made by an earlier exploration.
  void resumeAfter(std::size_t made) { resumed_ = made; }
  std::size_t made() const { return made_; }
  /// Accesses that are points, if not all are.
  void setSites(std::vector<PlannedModule> modules, std::vector<PlannedSite> sites, std::vector<PlannedRange> ranges);

  /// What the first runs predict and none has shown.
  std::vector<Finding> notForced(Symbolizer& symbolizer) const { return predicted_.notForced(symbolizer); }

  /// What was searched to its end, of a systematic search.
  std::string coverage() const { return systematic_ ? systematic_->summary() : std::string(); }

 private:
  explicit RunPlans(const ExploreOptions& options) : options_(&options) {}
  std::size_t numberOf(std::size_t made) const;
  PlannedSchedule settings() const;
  void choose(PlannedRun& run);
  bool direct(PlannedRun& run);

  const ExploreOptions* options_;
  Portfolio portfolio_;
  std::optional<SystematicJobs> systematic_;
  FocusTable focus_;
  RacingPlaces places_;
  PredictedRuns predicted_;
  bool predicts_ = false;          ///< The portfolio does, a single strategy is on its own.
  std::mt19937_64 random_;
  Plan shape_;                     ///< Sites and their code.
  std::size_t made_ = 0;           ///< Runs planned, of this shard.
  std::size_t resumed_ = 0;
  std::uint64_t startSeconds_ = 0;
  std::uint64_t profiledSteps_ = 0;
  std::size_t profileSize_ = 0;    ///< Of the best so far: runs that fail early know little.
};

}  // namespace deadheat
