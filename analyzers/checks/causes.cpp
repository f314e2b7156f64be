#include "analyzers/checks/causes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "analyzers/checks/check.h"

namespace deadheat {
namespace {

using Line = std::pair<std::string, std::uint32_t>;
using Lines = std::set<Line>;

bool isOperation(const WitnessStep& step) {
  return step.kind != WitnessStep::Kind::Spawn && step.kind != WitnessStep::Kind::Call;
}

/// Where the operations of the hazard are.
Lines linesOf(const Finding& finding) {
  Lines lines{{finding.location.file, finding.location.line}};
  for (const auto* sites : {&finding.sites, &finding.places})
    for (const Site& site : *sites) lines.emplace(site.point.file, site.point.line);
  for (const WitnessThread& thread : finding.witness) {
    for (const WitnessStep& step : thread.steps) {
      if (isOperation(step)) lines.emplace(step.point.file, step.point.line);
    }
  }
  return lines;
}

bool meet(const Lines& a, const Lines& b) {
  return std::any_of(a.begin(), a.end(), [&](const Line& line) { return b.contains(line); });
}

bool absorbs(const Finding& teller, const Finding& told) {
  const Check* check = findCheck(teller.check);
  if (!check) return false;
  const auto& ids = check->info.absorbs;
  return std::find(ids.begin(), ids.end(), told.check) != ids.end();
}

/// Two accesses or acquisitions say more than where one thread looks and acts, or is given something.
bool isOneSided(const Finding& finding) {
  return std::any_of(finding.sites.begin(), finding.sites.end(),
                     [](const Site& site) { return site.kind == Site::Kind::Look || site.kind == Site::Kind::Lend; });
}

/// `told` says what `teller` says; what it knows better is kept.
void takeOver(Finding& teller, const Finding& told) {
  const bool surer = told.confidence > teller.confidence;
  if (!told.sites.empty() && (surer || teller.sites.empty() || isOneSided(teller))) {
    teller.sites = told.sites;
    teller.witness = told.witness;
  }
  if (!surer) return;
  teller.confidence = told.confidence;
  teller.confidenceReason = told.confidenceReason;
}

class Causes {
 public:
  explicit Causes(std::vector<Finding> findings) : findings_(std::move(findings)), told_(findings_.size()) {
    for (std::size_t i = 0; i < findings_.size(); ++i) {
      lines_.push_back(linesOf(findings_[i]));
      for (const std::string& subject : findings_[i].subjects) bySubject_[subject].push_back(i);
    }
  }

  std::vector<Finding> merge() {
    for (const auto& [subject, group] : bySubject_) {
      while (mergeOne(group)) {
      }
    }
    std::vector<Finding> kept;
    for (std::size_t i = 0; i < findings_.size(); ++i) {
      if (!told_[i]) kept.push_back(std::move(findings_[i]));
    }
    return kept;
  }

 private:
  /// Whether some finding of the group was absorbed: its lines then lead to others.
  bool mergeOne(const std::vector<std::size_t>& group) {
    bool any = false;
    for (std::size_t teller : group) {
      for (std::size_t told : group) {
        if (teller == told || told_[teller] || told_[told] || !absorbs(findings_[teller], findings_[told])) continue;
        if (!meet(lines_[teller], lines_[told])) continue;
        takeOver(findings_[teller], findings_[told]);
        lines_[teller].insert(lines_[told].begin(), lines_[told].end());
        told_[told] = any = true;
      }
    }
    return any;
  }

  std::vector<Finding> findings_;
  std::vector<bool> told_;
  std::vector<Lines> lines_;
  std::map<std::string, std::vector<std::size_t>> bySubject_;
};

}  // namespace

std::vector<Finding> oneForEachCause(std::vector<Finding> findings) { return Causes(std::move(findings)).merge(); }

}  // namespace deadheat
