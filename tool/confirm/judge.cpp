#include "tool/confirm/judge.h"

#include <algorithm>

#include "tool/confirm/match.h"

namespace deadheat {
namespace {

/// How much a verdict says; a stronger one replaces a weaker one.
constexpr int kMostStrength = 7;
int strength(const Verdict& verdict, bool replayable) {
  if (verdict.kind == Verdict::Kind::Predicted) return 1;
  if (verdict.kind != Verdict::Kind::Confirmed) return 0;
  return (verdict.proof == Verdict::Proof::Caught ? 6 : 4) + (replayable ? 1 : 0);
}
int strength(const Verdict& verdict) { return strength(verdict, !verdict.schedule.empty()); }

/// `seen` replaces `verdict`; a schedule that shows it stays good.
void replace(Verdict& verdict, const Verdict& seen, const Judge::Kept& kept) {
  std::string schedule = std::move(verdict.schedule);
  verdict = seen;
  verdict.recording = kept.recording;
  verdict.schedule = kept.schedule.empty() ? std::move(schedule) : kept.schedule;
}

/// A race between sites of the plan is the finding's whatever the symbols say.
bool shows(const DynamicFinding& seen, const Finding& suspected, std::size_t index,
           const std::optional<SteeredBy>& by) {
  if (by && by->finding == index && seen.atPlannedSites) return true;
  return showsTheSame(seen, suspected);
}

}  // namespace

Judge::Judge(std::vector<Finding> findings) : findings_(std::move(findings)), trials_(findings_.size()) {
  for (Finding& finding : findings_)
    if (finding.origin != Finding::Origin::Dynamic) finding.verdict = {};
}

void Judge::hear(const std::vector<Recording>& run, const std::optional<SteeredBy>& by, const Keep& keep, Run kind) {
  if (by) trials_[by->finding].count(run, *by->shape);
  for (const Recording& recording : run) {
    if (by) explainApart(recording, by->finding);
    for (DynamicFinding& seen : dynamicFindings(recording, symbolizer_)) {
      const bool told = tellSuspected(seen, by, keep, kind);
      remember(std::move(seen), told, keep, kind);
    }
    if (auto crash = crashIn(recording, symbolizer_)) tellSuspected(*crash, by, keep, kind);
  }
}

void Judge::explainApart(const Recording& recording, std::size_t finding) {
  if (recording.apart.empty() || !trials_[finding].apart.empty()) return;
  const RecordedApart& apart = recording.apart.front();
  if (apart.reason == protocol::ApartReason::Ordered) {
    trials_[finding].apart = "ordered by create and join: the acquisitions are never made at the same time";
    return;
  }
  const std::string name = symbolizer_.variableAt(recording, apart.lock.address);
  trials_[finding].apart =
      "gate lock" + (name.empty() ? "" : " '" + name + "'") + ": each acquisition is made under it, so no two at the same time";
}

bool Judge::settled(std::size_t finding) const { return strength(findings_[finding].verdict) == kMostStrength; }

void Judge::eachReplayable(const std::function<void(Finding&)>& visit) {
  for (Finding& finding : findings_)
    if (!finding.verdict.schedule.empty()) visit(finding);
  for (Seen& seen : seen_)
    if (!seen.told && !seen.dynamic.finding.verdict.schedule.empty()) visit(seen.dynamic.finding);
}

/// Gives the verdict to every suspected finding that `seen` shows; whether there is one.
bool Judge::tellSuspected(const DynamicFinding& seen, const std::optional<SteeredBy>& by, const Keep& keep, Run kind) {
  bool told = false;
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    Finding& finding = findings_[i];
    if (!shows(seen, finding, i, by)) continue;
    told = true;
    if (finding.origin == Finding::Origin::Static) finding.origin = Finding::Origin::Both;
    if (strength(seen.finding.verdict, kind == Run::Controlled) <= strength(finding.verdict)) continue;
    replace(finding.verdict, seen.finding.verdict, keep(finding, seen.finding));
    if (by && by->finding == i) trials_[i].untilShown = trials_[i].finished;
  }
  return told;
}

/// Keeps what a run showed, once, with its strongest verdict.
void Judge::remember(DynamicFinding seen, bool told, const Keep& keep, Run kind) {
  auto [known, added] = seenIndex_.try_emplace(fingerprint(seen.finding), seen_.size());
  if (added) {
    if (!told) replace(seen.finding.verdict, Verdict(seen.finding.verdict), keep(seen.finding, seen.finding));
    seen_.push_back({std::move(seen), told});
    return;
  }
  Seen& before = seen_[known->second];
  before.told |= told;
  Verdict& verdict = before.dynamic.finding.verdict;
  if (before.told || strength(seen.finding.verdict, kind == Run::Controlled) <= strength(verdict)) return;
  replace(verdict, seen.finding.verdict, keep(seen.finding, seen.finding));
}

void Judge::adoptPredicted() {
  for (Seen& seen : seen_) {
    if (seen.told || seen.dynamic.what != DynamicFinding::What::LockCycle) continue;
    seen.told = true;
    findings_.push_back(seen.dynamic.finding);
    trials_.emplace_back();
  }
}

void Judge::adoptPredicted(const PredictedHazards& hazards, const Recording& run) {
  Recording words;
  words.modules = run.modules;
  words.threads = run.threads;
  words.suppressions = run.suppressions;
  words.races = hazards.races;
  words.lockCycles = hazards.cycles;
  for (DynamicFinding& predicted : dynamicFindings(words, symbolizer_)) {
    bool known = false;
    for (Finding& finding : findings_) {
      if (!showsTheSame(predicted, finding)) continue;
      known = true;
      if (strength(finding.verdict) == 0) finding.verdict = predicted.finding.verdict;
    }
    if (known) continue;
    trials_.emplace_back();
    // What a run has shown already may be shown better.
    if (auto seen = seenIndex_.find(fingerprint(predicted.finding)); seen != seenIndex_.end()) {
      Seen& shown = seen_[seen->second];
      findings_.push_back(shown.dynamic.finding);
      shown.told = true;
      continue;
    }
    predicted.finding.confidence = Confidence::Medium;
    predicted.finding.confidenceReason = "predicted from a run";
    findings_.push_back(std::move(predicted.finding));
  }
}

void Judge::notRun(std::size_t finding, std::string reason) {
  Verdict& verdict = findings_[finding].verdict;
  if (strength(verdict) > 0) return;
  verdict.kind = Verdict::Kind::NotRun;
  verdict.reason = std::move(reason);
}

void Judge::onlyChecked(std::size_t finding, std::size_t runs) {
  Verdict& verdict = findings_[finding].verdict;
  if (strength(verdict) > 0) return;
  verdict.reason = "told by `check` only: " + std::string(kUndirected);
  if (runs != 0) verdict.reason += ", and the " + std::to_string(runs) + " runs made did not show it";
}

std::size_t Judge::provedCount() const {
  return std::count_if(findings_.begin(), findings_.end(),
                       [](const Finding& finding) { return finding.verdict.kind == Verdict::Kind::Confirmed; });
}

std::vector<Finding> Judge::conclude(const std::vector<SteeringTarget>& targets) && {
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    Verdict& verdict = findings_[i].verdict;
    // Those that were under way besides count for nothing.
    verdict.attempts = verdict.kind == Verdict::Kind::Confirmed && trials_[i].untilShown != 0 ? trials_[i].untilShown
                                                                                              : trials_[i].finished;
    verdict.reached = trials_[i].reachedAll;
    if (verdict.kind == Verdict::Kind::Predicted && trials_[i].finished != 0)
      verdict.reason += ", but runs directed at it did not show it: " + whyNotReproduced(trials_[i], targets[i]);
    if (strength(verdict) > 0 || verdict.kind == Verdict::Kind::NotRun || trials_[i].finished == 0) continue;
    verdict.kind = Verdict::Kind::NotReproduced;
    verdict.reason = whyNotReproduced(trials_[i], targets[i]);
  }
  std::vector<Finding> out = std::move(findings_);
  const std::size_t suspected = out.size();
  for (Seen& seen : seen_) {
    const bool nothingNew = std::any_of(out.begin(), out.begin() + suspected, [&](const Finding& finding) {
      return finding.verdict.kind == Verdict::Kind::Confirmed && partOf(seen.dynamic, finding);
    });
    if (!seen.told && !nothingNew) out.push_back(std::move(seen.dynamic.finding));
  }
  return out;
}

}  // namespace deadheat
