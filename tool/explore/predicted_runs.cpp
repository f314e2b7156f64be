#include "tool/explore/predicted_runs.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "tool/run/dynamic_findings.h"

namespace deadheat {
namespace {

constexpr unsigned kAttempts = 4;           ///< For each prediction; every second time the other thread goes first.
constexpr std::size_t kMostPredictions = 64;

std::string codeAt(const Recording& run, const RecordedStack& stack) {
  const std::uint64_t counter = stack.counters.empty() ? 0 : stack.counters.front();
  const RecordedModule* module = run.moduleAt(counter);
  if (!module) return {};
  return llvm::sys::path::filename(module->path).str() + "+" + llvm::utohexstr(counter - module->base);
}

HazardCode sorted(HazardCode code) {
  std::sort(code.begin(), code.end());
  return code;
}

HazardCode codeOf(const RecordedRace& race, const Recording& run) {
  return sorted({"race", codeAt(run, race.sides[0].stack), codeAt(run, race.sides[1].stack)});
}

HazardCode codeOf(const RecordedLockCycle& cycle, const Recording& run) {
  HazardCode code{"deadlock"};
  for (const RecordedLockEdge& edge : cycle.edges) code.push_back(codeAt(run, edge.wantedStack));
  return sorted(std::move(code));
}

HazardCode codeOf(const RecordedDeadlock& deadlock, const Recording& run) {
  HazardCode code{"deadlock"};
  for (const RecordedStuckThread& thread : deadlock.threads)
    if (thread.owner) code.push_back(codeAt(run, thread.stack));
  return sorted(std::move(code));
}

/// Puts code into a plan's terms.
class SiteWriter {
 public:
  explicit SiteWriter(const Recording& run) : run_(run) {}

  /// The operation at the top of the stack. What two sites have in common is one: it stands for several threads.
  std::optional<std::uint32_t> add(const RecordedStack& stack, protocol::SiteKind kind,
                                   std::optional<std::uint32_t> component = std::nullopt) {
    const std::uint64_t counter = stack.counters.empty() ? 0 : stack.counters.front();
    const RecordedModule* module = run_.moduleAt(counter);
    if (!module) return std::nullopt;
    const PlannedRange range{moduleNumber(*module), 0, {counter - module->base, counter - module->base + 1}};
    for (const PlannedRange& known : made_.ranges)
      if (known.module == range.module && known.code == range.code && alike(made_.sites[known.site].kind, kind)) {
        if (kind == protocol::SiteKind::Read) made_.sites[known.site].kind = kind;
        return known.site;
      }
    const auto number = static_cast<std::uint32_t>(made_.sites.size());
    made_.sites.push_back({kind, component.value_or(number)});
    made_.ranges.push_back({range.module, number, range.code});
    return number;
  }

  DirectedSites take(protocol::ScheduleStrategy strategy) && {
    made_.strategy = strategy;
    return std::move(made_);
  }

 private:
  static bool isAccess(protocol::SiteKind kind) {
    return kind == protocol::SiteKind::Read || kind == protocol::SiteKind::Write;
  }
  static bool alike(protocol::SiteKind a, protocol::SiteKind b) { return a == b || (isAccess(a) && isAccess(b)); }

  std::uint32_t moduleNumber(const RecordedModule& module) {
    const PlannedModule name{llvm::sys::path::filename(module.path).str(), module.buildId};
    auto known = std::find(made_.modules.begin(), made_.modules.end(), name);
    const auto number = static_cast<std::uint32_t>(known - made_.modules.begin());
    if (known == made_.modules.end()) made_.modules.push_back(name);
    return number;
  }

  const Recording& run_;
  DirectedSites made_;
};

}  // namespace

DirectedSites sitesOf(const RecordedRace& race, const Recording& run) {
  SiteWriter writer(run);
  for (const RecordedAccess& side : race.sides) {
    const bool writes = (side.flags & (protocol::kAccessWrite | protocol::kAccessFree)) != 0;
    if (!writer.add(side.stack, writes ? protocol::SiteKind::Write : protocol::SiteKind::Read)) return {};
  }
  return std::move(writer).take(protocol::ScheduleStrategy::Race);
}

DirectedSites sitesOf(const RecordedLockCycle& cycle, const Recording& run) {
  SiteWriter writer(run);
  std::vector<std::uint32_t> acquires;
  for (const RecordedLockEdge& edge : cycle.edges) {
    auto site = writer.add(edge.wantedStack, protocol::SiteKind::Acquire);
    if (!site) return {};
    acquires.push_back(*site);
  }
  for (std::size_t i = 0; i < acquires.size(); ++i) writer.add(cycle.edges[i].heldStack, protocol::SiteKind::Hold, acquires[i]);
  return std::move(writer).take(protocol::ScheduleStrategy::Deadlock);
}

void PredictedRuns::add(HazardCode code, DirectedSites where, const Recording& run, PredictedHazards hazard) {
  if (predictions_.size() >= kMostPredictions || where.ranges.empty() || !known_.insert(code).second) return;
  Prediction& added = predictions_.emplace_back();
  added.code = std::move(code);
  added.where = std::move(where);
  added.words.modules = run.modules;
  added.words.threads = run.threads;
  added.words.suppressions = run.suppressions;
  added.words.races = std::move(hazard.races);
  added.words.lockCycles = std::move(hazard.cycles);
}

void PredictedRuns::learn(const Recording& run) {
  if (predictions_.empty() && run.events.empty()) return;
  auto show = [&](HazardCode code) {
    known_.insert(code);
    shown_.insert(std::move(code));
  };
  for (const RecordedRace& race : run.races) show(codeOf(race, run));
  for (const RecordedDeadlock& deadlock : run.deadlocks) show(codeOf(deadlock, run));
  const PredictedHazards hazards = predictedHazards(run);
  for (const RecordedRace& race : hazards.races) add(codeOf(race, run), sitesOf(race, run), run, {{race}, {}});
  for (const RecordedLockCycle& cycle : hazards.cycles) add(codeOf(cycle, run), sitesOf(cycle, run), run, {{}, {cycle}});
}

bool PredictedRuns::direct(Plan& plan) {
  Prediction* next = nullptr;
  for (Prediction& each : predictions_)
    if (each.attempts < kAttempts && shown_.count(each.code) == 0 && (!next || each.attempts < next->attempts)) next = &each;
  if (!next) return false;
  plan.attempt = next->attempts++;
  plan.modules = next->where.modules;
  plan.sites = next->where.sites;
  plan.ranges = next->where.ranges;
  plan.schedule->strategy = next->where.strategy;
  plan.schedule->order = plan.attempt % 2;
  return true;
}

std::vector<Finding> PredictedRuns::notForced(Symbolizer& symbolizer) const {
  std::vector<Finding> findings;
  for (const Prediction& each : predictions_) {
    if (shown_.count(each.code) != 0) continue;
    for (DynamicFinding& found : dynamicFindings(each.words, symbolizer)) {
      found.finding.verdict.reason += ", but " + std::to_string(each.attempts) + " runs directed at it did not show it";
      found.finding.confidence = Confidence::Medium;
      found.finding.confidenceReason = "predicted, not forced";
      findings.push_back(std::move(found.finding));
    }
  }
  return findings;
}

}  // namespace deadheat
