// Judge: recordings in, verdicts out. Holds what is known of every finding over all runs, and collects what runs show
// that no check had suspected.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/confirm/trials.h"
#include "tool/predict/hazards.h"
#include "tool/run/dynamic_findings.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// The finding whose plan steered a run, and the shape the plan had.
struct SteeredBy {
  std::size_t finding = 0;
  const PlanShape* shape = nullptr;
};

class Judge {
 public:
  /// Where a proof is.
  struct Kept {
    std::string recording;
    std::string schedule;
  };
  /// Files the proof that the finding `seen` in a run is of `finding`, and returns where.
  using Keep = std::function<Kept(const Finding& finding, const Finding& seen)>;
  enum class Run : bool { Free, Controlled };

  /// Static findings start again as suspected.
  explicit Judge(std::vector<Finding> findings);

  /// Takes one run into account, a recording for each of its processes; `by` is none for a run that nothing steered. `keep`
  /// is called for all that has not been shown so well before; a run that can be replayed shows better.
  void hear(const std::vector<Recording>& run, const std::optional<SteeredBy>& by, const Keep& keep,
            Run kind = Run::Free);

  /// What a run predicts: of a suspected finding that it is likely; what nobody suspected becomes a finding to try.
  void adoptPredicted(const PredictedHazards& hazards, const Recording& run);

  /// Lock cycles that only the runs so far have shown, and that did not close, become findings to try.
  void adoptPredicted();

  void noteCrash(std::size_t finding) { ++trials_[finding].crashed; }
  void noteTimeLimit(std::size_t finding) { ++trials_[finding].timedOut; }
  /// It will not be tried, for this reason.
  void notRun(std::size_t finding, std::string reason);
  /// Runs cannot be directed at it, and the `runs` that were made did not show it, or none was made.
  void onlyChecked(std::size_t finding, std::size_t runs);

  const std::vector<Finding>& findings() const { return findings_; }
  const Trials& trials(std::size_t finding) const { return trials_[finding]; }
  bool proved(std::size_t finding) const { return findings_[finding].verdict.kind == Verdict::Kind::Confirmed; }
  /// No run could show it better: caught in the act, and it can be replayed.
  bool settled(std::size_t finding) const;
  /// Every finding that has a schedule, suspected ones first.
  void eachReplayable(const std::function<void(Finding&)>& visit);
  std::size_t provedCount() const;

  /// The findings with their verdicts, then those that only runs showed. `targets` has one for each of `findings()`.
  std::vector<Finding> conclude(const std::vector<SteeringTarget>& targets) &&;

 private:
  struct Seen {
    DynamicFinding dynamic;
    bool told = false;  ///< A suspected finding is the same.
  };
  bool tellSuspected(const DynamicFinding& seen, const std::optional<SteeredBy>& by, const Keep& keep, Run kind);
  void remember(DynamicFinding seen, bool told, const Keep& keep, Run kind);
  void explainApart(const Recording& recording, std::size_t finding);

  Symbolizer symbolizer_;
  std::vector<Finding> findings_;
  std::vector<Trials> trials_;
  std::vector<Seen> seen_;
  std::map<std::string, std::size_t> seenIndex_;  ///< By fingerprint.
};

}  // namespace deadheat
