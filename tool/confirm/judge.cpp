#include "tool/confirm/judge.h"

#include <algorithm>

#include "tool/confirm/match.h"

namespace deadheat {
namespace {

/// How much a verdict says; a stronger one replaces a weaker one.
int strength(const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::Predicted) return 1;
  if (verdict.kind != Verdict::Kind::Confirmed) return 0;
  return verdict.proof == Verdict::Proof::Caught ? 3 : 2;
}

/// A race between sites of the plan is the finding's whatever the symbols say.
bool shows(const DynamicFinding& seen, const Finding& suspected, std::size_t index,
           const std::optional<SteeredBy>& by) {
  if (by && by->finding == index && seen.what == DynamicFinding::What::Race && seen.atPlannedSites) return true;
  return showsTheSame(seen, suspected);
}

}  // namespace

Judge::Judge(std::vector<Finding> findings) : findings_(std::move(findings)), trials_(findings_.size()) {
  for (Finding& finding : findings_)
    if (finding.origin != Finding::Origin::Dynamic) finding.verdict = {};
}

void Judge::hear(const std::vector<Recording>& run, const std::optional<SteeredBy>& by, const Keep& keep) {
  if (by) trials_[by->finding].count(run, *by->shape);
  std::string file;
  const Keep filed = [&](const Finding& finding) {
    if (file.empty()) file = keep(finding);
    return file;
  };
  for (const Recording& recording : run) {
    for (DynamicFinding& seen : dynamicFindings(recording, symbolizer_)) {
      const bool told = tellSuspected(seen, by, filed);
      remember(std::move(seen), told, filed);
    }
  }
}

/// Gives the verdict to every suspected finding that `seen` shows; whether there is one.
bool Judge::tellSuspected(const DynamicFinding& seen, const std::optional<SteeredBy>& by, const Keep& filed) {
  bool told = false;
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    Finding& finding = findings_[i];
    if (!shows(seen, finding, i, by)) continue;
    told = true;
    if (finding.origin == Finding::Origin::Static) finding.origin = Finding::Origin::Both;
    if (strength(seen.finding.verdict) <= strength(finding.verdict)) continue;
    finding.verdict = seen.finding.verdict;
    finding.verdict.recording = filed(finding);
  }
  return told;
}

/// Keeps what a run showed, once, with its strongest verdict.
void Judge::remember(DynamicFinding seen, bool told, const Keep& filed) {
  auto [known, added] = seenIndex_.try_emplace(fingerprint(seen.finding), seen_.size());
  if (added) {
    if (!told) seen.finding.verdict.recording = filed(seen.finding);
    seen_.push_back({std::move(seen), told});
    return;
  }
  Seen& before = seen_[known->second];
  before.told |= told;
  Verdict& verdict = before.dynamic.finding.verdict;
  if (before.told || strength(seen.finding.verdict) <= strength(verdict)) return;
  verdict = seen.finding.verdict;
  verdict.recording = filed(seen.finding);
}

void Judge::adoptPredicted() {
  for (Seen& seen : seen_) {
    if (seen.told || seen.dynamic.what != DynamicFinding::What::LockCycle) continue;
    seen.told = true;
    findings_.push_back(seen.dynamic.finding);
    trials_.emplace_back();
  }
}

void Judge::notRun(std::size_t finding, std::string reason) {
  Verdict& verdict = findings_[finding].verdict;
  if (strength(verdict) > 0) return;
  verdict.kind = Verdict::Kind::NotRun;
  verdict.reason = std::move(reason);
}

std::size_t Judge::provedCount() const {
  return std::count_if(findings_.begin(), findings_.end(),
                       [](const Finding& finding) { return finding.verdict.kind == Verdict::Kind::Confirmed; });
}

std::vector<Finding> Judge::conclude(const std::vector<SteeringTarget>& targets) && {
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    Verdict& verdict = findings_[i].verdict;
    verdict.attempts = trials_[i].finished;
    verdict.reached = trials_[i].reachedAll;
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
