#include "tool/explore/verify_fix.h"

#include <algorithm>
#include <set>

#include "llvm/ADT/STLExtras.h"
#include "tool/explore/failures.h"
#include "tool/explore/replay.h"
#include "tool/explore/run_plans.h"
#include "tool/explore/schedule_runner.h"

namespace deadheat {
namespace {

constexpr unsigned kTracedRuns = 6;  ///< What operations the new program has is learnt from so many.

/// One verification, from the first run to the verdict.
class Verification {
 public:
  Verification(const VerifyOptions& options, StoredSchedule stored, ScheduleRunner runner, Expectation expected)
      : options_(options), runner_(std::move(runner)), reader_(std::move(expected)) {
    result_.stored = std::move(stored);
    for (const PlannedModule& module : result_.stored.modules)
      result_.sameProgram |= module.buildId == runner_.target().binary.buildId && !module.buildId.empty();
  }

  llvm::Expected<VerifyResult> run() {
    if (llvm::Error error = anchorAgain()) return std::move(error);
    auto failed = tryRun(again_);
    if (!failed) return failed.takeError();
    result_.oldFails = *failed;
    if (llvm::Error error = tryNeighbours()) return std::move(error);
    if (llvm::Error error = explore()) return std::move(error);
    return std::move(result_);
  }

 private:
  ExploreOptions exploring(std::size_t runs) const {
    ExploreOptions options;
    options.runs = runs;
    options.seed = options_.seed;
    options.points = result_.stored.schedule.points == protocol::SchedulePoints::Sites ? protocol::SchedulePoints::All
                                                                                       : result_.stored.schedule.points;
    options.mostSteps = result_.stored.schedule.mostSteps;
    return options;
  }

  /// The old schedule in the new program's terms.
  llvm::Error anchorAgain() {
    again_ = result_.stored;
    const ExploreOptions options = exploring(kTracedRuns);
    auto plans = RunPlans::create(options);
    if (!plans) return plans.takeError();
    std::vector<Recording> recordings;
    while (auto planned = plans->next()) {
      planned->plan.schedule->records |= protocol::kRecordTrace;
      auto run = runner_.runOne(planned->plan);
      if (!run) return run.takeError();
      plans->took(*planned, run->recordings.front());
      recordings.push_back(std::move(run->recordings.front()));
      if (recordings.size() >= kTracedRuns) break;
    }
    again_.modules.clear();
    Reanchored moved = reanchor(result_.stored.schedule, result_.stored.modules, result_.stored.anchors, recordings,
                                again_.modules, reader_.symbolizer());
    again_.schedule.deviations = std::move(moved.deviations);
    result_.applied = again_.schedule.deviations.size();
    result_.lost = std::move(moved.lost);
    ReanchoredSites sites = reanchorSites(result_.stored.ranges, result_.stored.modules, result_.stored.siteAnchors,
                                          recordings, again_.modules, reader_.symbolizer());
    again_.ranges = std::move(sites.ranges);
    result_.lostSites = std::move(sites.lost);
    return llvm::Error::success();
  }

  bool shows(const ScheduleRun& run) {
    bool shown = false;
    for (const Finding& failure : reader_.allFailures(run)) {
      const std::string key = failureKey(failure);
      const std::string& ending = result_.stored.ending;
      const bool again = key == result_.stored.key || (!ending.empty() && failure.message == ending);
      shown |= again;
      if (!again && failure.verdict.kind == Verdict::Kind::Confirmed && told_.insert(key).second)
        result_.others.push_back(failure.message);
    }
    return shown;
  }

  llvm::Expected<bool> tryRun(const StoredSchedule& schedule) {
    auto run = runner_.runOne(replayPlan(schedule, /*strict=*/false));
    if (!run) return run.takeError();
    return shows(*run);
  }

  /// Each switch left out, and each a little earlier or later at its place.
  std::vector<std::vector<PlannedDeviation>> neighbours() const {
    std::vector<std::vector<PlannedDeviation>> all;
    const std::vector<PlannedDeviation>& base = again_.schedule.deviations;
    for (std::size_t i = 0; i < base.size(); ++i) {
      auto& without = all.emplace_back(base);
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (const int shift : {1, -1, 2, -2})
      for (std::size_t i = 0; i < base.size(); ++i) {
        if (shift < 0 && base[i].occurrence < static_cast<std::uint64_t>(-shift)) continue;
        all.emplace_back(base)[i].occurrence += static_cast<std::uint64_t>(static_cast<std::int64_t>(shift));
      }
    if (all.size() > options_.neighbours) all.resize(options_.neighbours);
    return all;
  }

  llvm::Error tryNeighbours() {
    for (std::vector<PlannedDeviation>& deviations : neighbours()) {
      StoredSchedule near = again_;
      near.schedule.deviations = std::move(deviations);
      auto failed = tryRun(near);
      if (!failed) return failed.takeError();
      ++result_.neighbours;
      result_.neighboursFailing += *failed;
    }
    return llvm::Error::success();
  }

  /// Something may be told at the places of the finding only.
  void lookAtSites(Plan& plan) const {
    plan.modules = again_.modules;
    plan.sites = again_.sites;
    plan.ranges = again_.ranges;
  }

  llvm::Error explore() {
    const ExploreOptions options = exploring(options_.explored);
    auto plans = RunPlans::create(options);
    if (!plans) return plans.takeError();
    while (auto planned = plans->next()) {
      if (planned->plan.sites.empty() && planned->plan.modules.empty()) lookAtSites(planned->plan);
      auto run = runner_.runOne(planned->plan);
      if (!run) return run.takeError();
      plans->took(*planned, run->recordings.front());
      ++result_.explored;
      result_.exploredFailing += shows(*run);
    }
    return llvm::Error::success();
  }

  const VerifyOptions& options_;
  ScheduleRunner runner_;
  FailureReader reader_;
  StoredSchedule again_;  ///< As it is in the new program.
  std::set<std::string> told_;
  VerifyResult result_;
};

}  // namespace

bool VerifyResult::cannotTell() const {
  using protocol::SiteKind;
  static constexpr SiteKind kToldThere[] = {SiteKind::Look,       SiteKind::Act,  SiteKind::Rest,  SiteKind::Block,
                                            SiteKind::ThreadsOwn, SiteKind::Drop, SiteKind::Result};
  const bool toldThere =
      llvm::any_of(stored.sites, [](const PlannedSite& site) { return llvm::is_contained(kToldThere, site.kind); });
  return toldThere && stored.ending.empty() && !lostSites.empty();
}

llvm::Expected<VerifyResult> verifyFix(const VerifyOptions& options) {
  auto stored = readStoredSchedule(findSchedule(options.file, options.folder));
  if (!stored) return stored.takeError();
  auto target = openTarget(options.command);
  if (!target) return target.takeError();
  auto expected = readExpectation(stored->expectedExit, stored->expectedOutput);
  if (!expected) return expected.takeError();
  auto runner = ScheduleRunner::create(std::move(*target), options.timeLimit, stored->runtimeOptions,
                                       {.keepsOutput = expected->output.has_value()});
  if (!runner) return runner.takeError();
  return Verification(options, std::move(*stored), std::move(*runner), std::move(*expected)).run();
}

}  // namespace deadheat
