// Runs that are to make happen what earlier runs predict: directed at the very code, one prediction after the other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/confirm/plan.h"
#include "tool/predict/hazards.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// Code that takes part, each as "module+offset", sorted: what is the same there is the same hazard.
using HazardCode = std::vector<std::string>;

/// Places to direct a run at.
struct DirectedSites {
  protocol::ScheduleStrategy strategy = protocol::ScheduleStrategy::Race;
  std::vector<PlannedModule> modules;
  std::vector<PlannedSite> sites;
  std::vector<PlannedRange> ranges;
};
/// Empty where the code is in no module.
DirectedSites sitesOf(const RecordedRace& race, const Recording& run);
DirectedSites sitesOf(const RecordedLockCycle& cycle, const Recording& run);

class PredictedRuns {
 public:
  /// Takes over what the run predicts, and, however it came about, what it shows: that needs no run any more. Cost: as
  /// predictedHazards, if the run has events.
  void learn(const Recording& run);

  /// Directs the plan at the prediction with the fewest attempts so far. False: there is none left to try.
  bool direct(Plan& plan);

  std::size_t size() const { return predictions_.size(); }

  /// What no run has shown, with the reason in the verdict.
  std::vector<Finding> notForced(Symbolizer& symbolizer) const;

 private:
  struct Prediction {
    HazardCode code;
    DirectedSites where;
    Recording words;  ///< As the run would have told.
    unsigned attempts = 0;
  };
  void add(HazardCode code, DirectedSites where, const Recording& run, PredictedHazards hazard);

  std::vector<Prediction> predictions_;  ///< In order of prediction.
  std::set<HazardCode> known_;           ///< Predicted or shown.
  std::set<HazardCode> shown_;
};

}  // namespace deadheat
