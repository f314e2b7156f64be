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
  /// Files the recording of a proof of the given finding and returns where.
  using Keep = std::function<std::string(const Finding&)>;

  /// Static findings start again as suspected.
  explicit Judge(std::vector<Finding> findings);

  /// Takes one run into account, a recording for each of its processes; `by` is none for the free run. `keep` is called
  /// at most once, if the run shows something that has not been shown so well before.
  void hear(const std::vector<Recording>& run, const std::optional<SteeredBy>& by, const Keep& keep);

  /// Lock cycles that only the runs so far have shown, and that did not close, become findings to try.
  void adoptPredicted();

  void noteCrash(std::size_t finding) { ++trials_[finding].crashed; }
  void noteTimeLimit(std::size_t finding) { ++trials_[finding].timedOut; }
  /// It will not be tried, for this reason.
  void notRun(std::size_t finding, std::string reason);

  const std::vector<Finding>& findings() const { return findings_; }
  const Trials& trials(std::size_t finding) const { return trials_[finding]; }
  bool proved(std::size_t finding) const { return findings_[finding].verdict.kind == Verdict::Kind::Confirmed; }
  std::size_t provedCount() const;

  /// The findings with their verdicts, then those that only runs showed. `targets` has one for each of `findings()`.
  std::vector<Finding> conclude(const std::vector<SteeringTarget>& targets) &&;

 private:
  struct Seen {
    DynamicFinding dynamic;
    bool told = false;  ///< A suspected finding is the same.
  };
  bool tellSuspected(const DynamicFinding& seen, const std::optional<SteeredBy>& by, const Keep& filed);
  void remember(DynamicFinding seen, bool told, const Keep& filed);

  Symbolizer symbolizer_;
  std::vector<Finding> findings_;
  std::vector<Trials> trials_;
  std::vector<Seen> seen_;
  std::map<std::string, std::size_t> seenIndex_;  ///< By fingerprint.
};

}  // namespace deadheat
