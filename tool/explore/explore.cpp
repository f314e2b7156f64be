#include "tool/explore/explore.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <thread>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/confirm/workspace.h"
#include "tool/explore/failures.h"
#include "tool/explore/focus.h"
#include "tool/explore/portfolio.h"
#include "tool/explore/shrink.h"
#include "tool/explore/stored_schedule.h"
#include "tool/explore/story.h"
#include "tool/explore/systematic_jobs.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

namespace fs = llvm::sys::fs;
using Clock = std::chrono::steady_clock;

constexpr char kSystematic[] = "dfs";
constexpr std::size_t kMostShrinkTests = 300;
constexpr std::size_t kProfiledRuns = 4;    ///< The first ones.
constexpr std::size_t kMostFailures = 100;  ///< Kept; a program with more is not helped by the rest.

/// One exploration, from the first run to the files.
class Exploration {
 public:
  Exploration(const ExploreOptions& options, ScheduleRunner runner, Portfolio portfolio)
      : options_(options), runner_(std::move(runner)), portfolio_(std::move(portfolio)), reader_(options.expectedExit) {
    startSeconds_ = static_cast<std::uint64_t>(std::time(nullptr));
    width_ = options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
    start_ = Clock::now();
    random_.seed(options.seed);
    if (options.strategy == kSystematic) systematic_.emplace(options.bound);
  }

  llvm::Expected<ExploreResult> explore() {
    if (llvm::Error error = runAll()) return std::move(error);
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (llvm::Error error = finish(found_[i])) return std::move(error);
    if (systematic_) result_.coverage = systematic_->summary();
    result_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    for (Found& found : found_) result_.failures.push_back(std::move(found.failure));
    return std::move(result_);
  }

 private:
  /// A failure with the schedule it was first seen under.
  struct Found {
    ExploredFailure failure;
    StoredSchedule schedule;
  };
  struct Running {
    std::size_t member;
    std::string name;
    PlannedSchedule schedule;
  };

  PlannedSchedule settings() const {
    PlannedSchedule schedule;
    schedule.points = options_.points;
    schedule.mostSteps = options_.mostSteps;
    schedule.startSeconds = startSeconds_;
    schedule.expectedSteps = std::max<std::uint64_t>(profiledSteps_, 1);
    return schedule;
  }

  bool isOver() const {
    if (begun_ >= options_.runs || stopped_) return true;
    return options_.budget.count() != 0 && Clock::now() - start_ >= options_.budget;
  }

  /// The first run does the default everywhere: it tells how long runs are.
  std::optional<ScheduleJob> nextJob() {
    if (isOver()) return std::nullopt;
    if (systematic_) return nextSystematic();
    const std::size_t id = begun_++;
    Plan plan;
    plan.mode = protocol::PlanMode::Control;
    plan.seed = options_.seed * 0x9e3779b97f4a7c15ull + id;
    plan.schedule = settings();
    Running running{0, "default", {}};
    if (id != 0) {
      running.member = portfolio_.next();
      running.name = portfolio_[running.member].name();
      plan.schedule->strategy = portfolio_[running.member].strategy;
      plan.schedule->depth = portfolio_[running.member].depth;
      if (plan.schedule->strategy == protocol::ScheduleStrategy::Surw) focusOrLeave(*plan.schedule);
    }
    plan.schedule->records = id < kProfiledRuns ? protocol::kRecordProfile : 0;
    running.schedule = *plan.schedule;
    running_[id] = std::move(running);
    return ScheduleJob{id, std::move(plan)};
  }

  std::optional<ScheduleJob> nextSystematic() {
    std::optional<Plan> plan = systematic_->next(settings());
    if (!plan) return std::nullopt;
    running_[begun_] = {0, kSystematic, *plan->schedule};
    return ScheduleJob{begun_++, std::move(*plan)};
  }

  /// Where nothing is shared, as far as is known, there is nothing to focus on.
  void focusOrLeave(PlannedSchedule& schedule) {
    if (!focus_.empty()) return focus_.focus(schedule, random_);
    schedule.strategy = protocol::ScheduleStrategy::Pos;
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
    // How long runs are and what they share is known before the many begin.
    auto one = [&] { return begun_ < kProfiledRuns ? nextJob() : std::nullopt; };
    if (llvm::Error error = runner_.run(1, one, end)) return llvm::joinErrors(std::move(failed), std::move(error));
    if (llvm::Error error = runner_.run(width_, [&] { return nextJob(); }, end))
      return llvm::joinErrors(std::move(failed), std::move(error));
    return failed;
  }

  llvm::Error take(ScheduleRun run) {
    const Running how = std::move(running_.at(run.id));
    running_.erase(run.id);
    ++result_.runs;
    if (const auto& schedule = run.recordings.front().schedule) {
      result_.mostSteps = std::max(result_.mostSteps, schedule->steps);
      if ((how.schedule.records & protocol::kRecordProfile)) profiledSteps_ = result_.mostSteps;
      result_.mostThreads = std::max(result_.mostThreads, schedule->threads);
    }
    if ((how.schedule.records & protocol::kRecordProfile) && run.recordings.front().uses.size() > profileSize_) {
      profileSize_ = run.recordings.front().uses.size();
      focus_.learn(run.recordings.front().uses);
    }
    if (systematic_) systematic_->took(run.id, run.recordings.front(), options_.mostSteps);
    if (stopped_) return llvm::Error::success();
    std::vector<Finding> fresh = reader_.newFailures(run);
    if (!fresh.empty() && run.id != 0 && !systematic_) portfolio_.found(how.member);
    for (Finding& finding : fresh) {
      if (found_.size() >= kMostFailures) break;
      auto schedule = storedSchedule(run.recordings.front(), how.schedule);
      if (!schedule) return schedule.takeError();
      if (options_.stopAtFirst && finding.verdict.kind == Verdict::Kind::Confirmed) stopped_ = true;
      addFound(std::move(finding), std::move(*schedule), how, run.id);
    }
    if (options_.progress) options_.progress({result_.runs, options_.runs, found_.size()});
    return llvm::Error::success();
  }

  void addFound(Finding finding, StoredSchedule schedule, const Running& how, std::size_t id) {
    finding.verdict.attempts = static_cast<std::uint32_t>(id + 1);
    schedule.program = runner_.target().program;
    schedule.arguments = runner_.target().arguments;
    schedule.expectedExit = options_.expectedExit;
    schedule.check = finding.check;
    schedule.message = finding.message;
    schedule.key = failureKey(finding);
    dropPredicted(fingerprint(finding) + "-predicted");
    schedule.foundBy = systematic_ ? how.name : how.name + ", seed " + std::to_string(options_.seed);
    schedule.foundIn = id + 1;
    schedule.deviationsFound = schedule.schedule.deviations.size();
    ExploredFailure failure{std::move(finding), how.name, schedule.schedule.deviations.size(), 0, {}};
    found_.push_back({std::move(failure), std::move(schedule)});
  }

  /// What was only foreseen has happened.
  void dropPredicted(const std::string& key) {
    std::erase_if(found_, [&](const Found& found) { return found.schedule.key == key; });
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
    StoredSchedule& stored = found.schedule;
    if (options_.shortens && !stored.schedule.deviations.empty()) stored.schedule.deviations = shortened(stored);
    auto run = runner_.runOne(replayPlan(stored, /*strict=*/false));
    if (!run) return run.takeError();
    if (!shows(*run, stored.key)) {
      result_.notes.push_back("not seen again under its own schedule, so it depends on more than the schedule: " +
                              stored.message);
      return llvm::Error::success();
    }
    auto again = storedSchedule(run->recordings.front(), stored.schedule);
    if (!again) return again.takeError();
    stored.modules = again->modules;
    stored.schedule = again->schedule;
    stored.steps = again->steps;
    stored.hash = again->hash;
    stored.story = storyOf(run->recordings.front(), reader_.symbolizer());
    found.failure.deviationsLeft = stored.schedule.deviations.size();
    found.failure.story = stored.story;
    return write(found);
  }

  llvm::Error write(Found& found) {
    if (std::error_code error = fs::create_directories(options_.outputDirectory))
      return failure("cannot write to '", options_.outputDirectory, "': ", error.message());
    const std::string path = options_.outputDirectory + "/" + proofName(found.failure.finding) + ".schedule";
    found.failure.finding.verdict.recording = path;
    return writeStoredSchedule(found.schedule, path);
  }

  const ExploreOptions& options_;
  ScheduleRunner runner_;
  Portfolio portfolio_;                       ///< Empty when the search is systematic.
  std::optional<SystematicJobs> systematic_;
  FailureReader reader_;
  std::uint64_t startSeconds_ = 0;
  unsigned width_ = 1;
  Clock::time_point start_;
  std::size_t begun_ = 0;
  std::size_t taken_ = 0;  ///< The first run that has not been taken.
  std::uint64_t profiledSteps_ = 0;
  bool stopped_ = false;
  std::map<std::size_t, Running> running_;
  FocusTable focus_;
  std::size_t profileSize_ = 0;  ///< Of the best so far: runs that fail early know little.
  std::mt19937_64 random_;
  std::vector<Found> found_;
  ExploreResult result_;
};

}  // namespace

llvm::Expected<ExploreResult> explore(const ExploreOptions& options) {
  auto target = openTarget(options.command);
  if (!target) return target.takeError();
  auto portfolio = options.strategy == kSystematic ? Portfolio() : Portfolio::named(options.strategy);
  if (!portfolio) return portfolio.takeError();
  auto runner = ScheduleRunner::create(std::move(*target), options.timeLimit, options.runtimeOptions);
  if (!runner) return runner.takeError();
  return Exploration(options, std::move(*runner), std::move(*portfolio)).explore();
}

}  // namespace deadheat
