#include "tool/explore/explore.h"

#include <algorithm>
#include <map>
#include <thread>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/confirm/steering.h"
#include "tool/confirm/workspace.h"
#include "tool/explore/exploration_file.h"
#include "tool/explore/failures.h"
#include "tool/explore/run_plans.h"
#include "tool/explore/shrink.h"
#include "tool/explore/stored_schedule.h"
#include "tool/explore/story.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

namespace fs = llvm::sys::fs;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostShrinkTests = 300;
constexpr std::size_t kMostFailures = 100;  ///< Kept; a program with more is not helped by the rest.
constexpr std::chrono::seconds kSaveEvery{5};

std::string pointsName(protocol::SchedulePoints points) {
  switch (points) {
    case protocol::SchedulePoints::Synchronisation: return "sync";
    case protocol::SchedulePoints::Sites: return "sites";
    case protocol::SchedulePoints::All: return "all";
  }
  return "unknown";
}

/// That a thread ended and nobody joined it is no failure of a schedule: main that returns before the others has it in some.
std::string lookedFor(const std::string& runtimeOptions) {
  const std::string kept = "report_thread_leaks=0";
  return runtimeOptions.empty() ? kept : kept + ":" + runtimeOptions;
}

/// One exploration, from the first run to the files.
class Exploration {
 public:
  Exploration(const ExploreOptions& options, ScheduleRunner runner, RunPlans plans, Expectation expected)
      : options_(options), runner_(std::move(runner)), plans_(std::move(plans)), reader_(std::move(expected)) {
    width_ = options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
    start_ = saved_ = Clock::now();
  }

  llvm::Expected<ExploreResult> explore() {
    if (std::error_code error = fs::create_directories(options_.outputDirectory))
      return failure("cannot write to '", options_.outputDirectory, "': ", error.message());
    if (llvm::Error error = resume()) return std::move(error);
    if (llvm::Error error = findSites()) return std::move(error);
    if (llvm::Error error = runAll()) return std::move(error);
    for (Found& found : found_)
      if (llvm::Error error = finish(found)) return std::move(error);
    addNotForced();
    if (llvm::Error error = save()) return std::move(error);
    return summary();
  }

 private:
  /// A failure with the schedule it was first seen under; none: it is of an earlier exploration.
  struct Found {
    ExploredFailure failure;
    std::optional<StoredSchedule> schedule;
  };

  /// Goes on where an earlier exploration of the same program ended.
  llvm::Error resume() {
    if (!options_.resumes) return llvm::Error::success();
    auto before = readExploration(explorationPath(options_.outputDirectory, options_.shard));
    if (!before) return before.takeError();
    if (before->buildId != buildId() || before->strategy != options_.strategy || before->seed != options_.seed ||
        before->points != pointsName(options_.points) || before->shard != options_.shard)
      return failure("the exploration in '", options_.outputDirectory, "' was of another build, or with another strategy, "
                     "seed, shard or points: it cannot be resumed");
    plans_.resumeAfter(before->made);
    earlier_ = before->made;
    result_ = std::move(before->result);
    for (ExploredFailure& failure : result_.failures) {
      reader_.know(failure.finding);
      plans_.found(failure.strategy);
      found_.push_back({std::move(failure), std::nullopt});
    }
    result_.failures.clear();
    elapsedBefore_ = result_.elapsed;
    return llvm::Error::success();
  }

  /// Looks up the code of the findings' places, in the modules that a run has.
  llvm::Error findSites() {
    if (options_.points != protocol::SchedulePoints::Sites) return llvm::Error::success();
    Plan plan;
    plan.mode = protocol::PlanMode::Control;
    plan.schedule.emplace().points = protocol::SchedulePoints::Synchronisation;
    plan.schedule->mostSteps = options_.mostSteps;
    auto run = runner_.runOne(plan);
    if (!run) return run.takeError();
    std::vector<PlannedModule> modules, names;
    for (const RecordedModule& module : run->recordings.front().modules)
      if (module.instrumented) modules.push_back({module.path, module.buildId});
    std::vector<PlannedSite> sites;
    std::vector<PlannedRange> ranges;
    for (const SteeringTarget& target : findTargets(options_.findings, modules)) {
      for (PlannedRange range : target.lines.ranges) {
        PlannedModule name{llvm::sys::path::filename(target.modules[range.module].path).str(),
                           target.modules[range.module].buildId};
        auto known = std::find(names.begin(), names.end(), name);
        range.module = static_cast<std::uint32_t>(known - names.begin());
        if (known == names.end()) names.push_back(std::move(name));
        range.site += static_cast<std::uint32_t>(sites.size());
        ranges.push_back(range);
      }
      sites.insert(sites.end(), target.lines.sites.begin(), target.lines.sites.end());
    }
    if (ranges.empty()) return failure("none of the findings' places are in '", runner_.target().program, "'");
    plans_.setSites(std::move(names), std::move(sites), std::move(ranges));
    return llvm::Error::success();
  }

  bool isOver() const {
    return stopped_ || (options_.budget.count() != 0 && Clock::now() - start_ >= options_.budget);
  }

  std::optional<ScheduleJob> nextJob() {
    if (isOver()) return std::nullopt;
    std::optional<PlannedRun> run = plans_.next();
    if (!run) return std::nullopt;
    ScheduleJob job{begun_++, run->plan};
    running_[job.id] = std::move(*run);
    return job;
  }

  llvm::Error runAll() {
    llvm::Error failed = llvm::Error::success();
    // Runs are taken in their order, so that what is found does not depend on which ends first.
    std::map<std::size_t, ScheduleRun> ended;
    auto end = [&](ScheduleRun run) {
      const std::size_t id = run.id;
      ended.emplace(id, std::move(run));
      for (auto next = ended.find(taken_); next != ended.end(); next = ended.find(taken_)) {
        if (llvm::Error error = take(std::move(next->second))) failed = llvm::joinErrors(std::move(failed), std::move(error));
        ended.erase(next);
        ++taken_;
      }
    };
    auto one = [&] { return begun_ < plans_.runsOneByOne() ? nextJob() : std::nullopt; };
    if (llvm::Error error = runner_.run(1, one, end)) return llvm::joinErrors(std::move(failed), std::move(error));
    if (llvm::Error error = runner_.run(width_, [&] { return nextJob(); }, end))
      return llvm::joinErrors(std::move(failed), std::move(error));
    return failed;
  }

  llvm::Error take(ScheduleRun run) {
    const PlannedRun how = std::move(running_.at(run.id));
    running_.erase(run.id);
    const Recording& recording = run.recordings.front();
    if (run.id >= std::min(earlier_, plans_.runsOneByOne())) ++result_.runs;  // Else made again, to learn from.
    if (recording.schedule) {
      result_.mostSteps = std::max(result_.mostSteps, recording.schedule->steps);
      result_.mostThreads = std::max(result_.mostThreads, recording.schedule->threads);
    }
    result_.recordedBytes += recording.bytes;
    plans_.took(how, recording);
    if (stopped_) return llvm::Error::success();
    std::vector<Finding> fresh = reader_.newFailures(run);
    if (!fresh.empty() && how.number != 0) plans_.found(how);
    for (Finding& finding : fresh) {
      if (found_.size() >= kMostFailures) break;
      auto schedule = storedSchedule(recording, how.plan);
      if (!schedule) return schedule.takeError();
      if (options_.stopAtFirst && finding.verdict.kind == Verdict::Kind::Confirmed) stopped_ = true;
      addFound(std::move(finding), std::move(*schedule), how);
    }
    if (options_.progress) options_.progress({result_.runs, options_.runs / options_.shard.count, found_.size()});
    return Clock::now() - saved_ < kSaveEvery ? llvm::Error::success() : save();
  }

  void addFound(Finding finding, StoredSchedule schedule, const PlannedRun& how) {
    finding.verdict.attempts = static_cast<std::uint32_t>(how.number + 1);
    schedule.program = runner_.target().program;
    schedule.arguments = runner_.target().arguments;
    schedule.expectedExit = options_.expectedExit;
    schedule.expectedOutput = options_.expectedOutput;
    schedule.runtimeOptions = lookedFor(options_.runtimeOptions);
    schedule.check = finding.check;
    schedule.message = finding.message;
    schedule.key = failureKey(finding);
    dropPredicted(schedule.key);
    schedule.foundBy = how.strategy + ", seed " + std::to_string(options_.seed);
    schedule.foundIn = how.number + 1;
    schedule.deviationsFound = schedule.schedule.deviations.size();
    ExploredFailure failure{std::move(finding), how.strategy, schedule.schedule.deviations.size(), 0, {}};
    found_.push_back({std::move(failure), std::move(schedule)});
  }

  /// What was only foreseen has happened.
  void dropPredicted(const std::string& key) {
    std::erase_if(found_, [&](const Found& found) {
      const std::string known = failureKey(found.failure.finding);
      return isPrediction(known) && keyOfConfirmed(known) == key;
    });
  }

  /// What is predicted and did not happen in any run, kept apart from what did.
  void addNotForced() {
    if (stopped_) return;
    for (Finding& finding : plans_.notForced(reader_.symbolizer())) {
      const std::string key = failureKey(finding);
      auto known = std::find_if(found_.begin(), found_.end(), [&](const Found& found) {
        const std::string other = failureKey(found.failure.finding);
        return other == key || other == keyOfConfirmed(key);
      });
      if (known == found_.end())
        found_.push_back({{std::move(finding), "prediction", 0, 0, {}}, std::nullopt});
      else if (known->failure.finding.verdict.kind == Verdict::Kind::Predicted)
        known->failure.finding.verdict.reason = finding.verdict.reason;
    }
  }

  bool shows(const ScheduleRun& run, const std::string& wanted) {
    std::vector<Finding> failures = reader_.allFailures(run);
    return std::any_of(failures.begin(), failures.end(),
                       [&](const Finding& finding) { return failureKey(finding) == wanted; });
  }

  /// Leaves out deviations that the failure does not need.
  std::vector<PlannedDeviation> shortened(const StoredSchedule& schedule) {
    StoredSchedule candidate = schedule;
    std::function<bool(const std::vector<PlannedDeviation>&)> fails = [&](const std::vector<PlannedDeviation>& kept) {
      candidate.schedule.deviations = kept;
      auto run = runner_.runOne(replayPlan(candidate, /*strict=*/false));
      if (run) return shows(*run, schedule.key);
      llvm::consumeError(run.takeError());
      return false;
    };
    return shrink(schedule.schedule.deviations, fails, kMostShrinkTests);
  }

  /// Shortens the schedule, runs what is left once more to see it step for step, and writes the file.
  llvm::Error finish(Found& found) {
    if (!found.schedule) return llvm::Error::success();
    StoredSchedule& stored = *found.schedule;
    if (options_.shortens && !stored.schedule.deviations.empty()) stored.schedule.deviations = shortened(stored);
    Plan plan = replayPlan(stored, /*strict=*/false);
    plan.schedule->records = stored.steps < kMostTraced ? protocol::kRecordTrace : 0u;
    auto run = runner_.runOne(plan);
    if (!run) return run.takeError();
    plan.schedule->records = 0;
    if (!shows(*run, stored.key)) {
      result_.notes.push_back("not seen again under its own schedule, so it depends on more than the schedule: " +
                              stored.message);
      return llvm::Error::success();
    }
    auto again = storedSchedule(run->recordings.front(), plan);
    if (!again) return again.takeError();
    stored.modules = again->modules;
    stored.schedule = again->schedule;
    stored.steps = again->steps;
    stored.hash = again->hash;
    stored.trail = trailOf(run->recordings.front(), stored.modules);
    stored.anchors = anchorsOf(run->recordings.front(), reader_.symbolizer());
    stored.siteAnchors =
        siteAnchorsOf(stored.sites.size(), stored.ranges, stored.modules, run->recordings.front(), reader_.symbolizer());
    stored.story = storyOf(run->recordings.front(), reader_.symbolizer());
    found.failure.deviationsLeft = stored.schedule.deviations.size();
    found.failure.story = stored.story;
    const std::string path = options_.outputDirectory + "/" + proofName(found.failure.finding) + ".schedule";
    found.failure.finding.verdict.recording = path;
    return writeStoredSchedule(stored, path);
  }

  std::string buildId() const { return llvm::toHex(runner_.target().binary.buildId, /*LowerCase=*/true); }

  ExploreResult summary() const {
    ExploreResult summary = result_;
    summary.coverage = plans_.coverage();
    summary.elapsed = elapsedBefore_ + std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    for (const Found& found : found_) summary.failures.push_back(found.failure);
    return summary;
  }

  /// What is done so far, for those who go on or put shards together.
  llvm::Error save() {
    saved_ = Clock::now();
    return writeExploration({runner_.target().program, buildId(), options_.strategy, pointsName(options_.points),
                             options_.seed, options_.shard, std::max(earlier_, plans_.made() - running_.size()), summary()},
                            explorationPath(options_.outputDirectory, options_.shard));
  }

  const ExploreOptions& options_;
  ScheduleRunner runner_;
  RunPlans plans_;
  FailureReader reader_;
  unsigned width_ = 1;
  Clock::time_point start_, saved_;
  std::chrono::milliseconds elapsedBefore_{0};
  std::size_t begun_ = 0;
  std::size_t taken_ = 0;    ///< The first run that has not been taken.
  std::size_t earlier_ = 0;  ///< Runs of the exploration that we go on with.
  bool stopped_ = false;
  std::map<std::size_t, PlannedRun> running_;
  std::vector<Found> found_;
  ExploreResult result_;
};

}  // namespace

llvm::Expected<ExploreResult> explore(const ExploreOptions& options) {
  auto target = openTarget(options.command);
  if (!target) return target.takeError();
  auto plans = RunPlans::create(options);
  if (!plans) return plans.takeError();
  auto expected = readExpectation(options.expectedExit, options.expectedOutput);
  if (!expected) return expected.takeError();
  std::string note = noteOn(*target);
  auto runner = ScheduleRunner::create(std::move(*target), options.timeLimit, lookedFor(options.runtimeOptions),
                                       {expected->output.has_value(), options.forks});
  if (!runner) return runner.takeError();
  auto result = Exploration(options, std::move(*runner), std::move(*plans), std::move(*expected)).explore();
  if (result && !note.empty()) result->notes.insert(result->notes.begin(), std::move(note));
  return result;
}

}  // namespace deadheat
