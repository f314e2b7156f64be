#include "tool/confirm/controlled_runs.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <tuple>

#include "llvm/Support/xxhash.h"
#include "tool/explore/portfolio.h"
#include "tool/explore/run_plans.h"

namespace deadheat {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned kBlindAttempts = 3;  ///< After so many a finding none of whose sites was ever reached is given up.
constexpr unsigned kRound = 2;          ///< Attempts at lines, then at columns, and so on.
constexpr std::uint64_t kMostSteps = 1'000'000;
constexpr milliseconds kLeastPerProof{2'000};
constexpr milliseconds kMostPerProof{10'000};
constexpr milliseconds kMostUnsuspected{2'000};  ///< For runs where no check suspects anything.

/// Hazards of locks need no accesses.
protocol::SchedulePoints pointsFor(protocol::ScheduleStrategy strategy) {
  const bool locksOnly =
      strategy == protocol::ScheduleStrategy::Deadlock || strategy == protocol::ScheduleStrategy::Block;
  return locksOnly ? protocol::SchedulePoints::Synchronisation : protocol::SchedulePoints::All;
}

}  // namespace

ControlledRuns::ControlledRuns(ScheduleRunner& runner, Judge& judge, const ControlledOptions& options)
    : runner_(runner), judge_(judge), options_(options), proofs_(runner, options.outputDirectory, 0),
      startSeconds_(static_cast<std::uint64_t>(std::time(nullptr))), begun_(Clock::now()) {}

Judge::Keep ControlledRuns::keeper(const ScheduleRun& run, const Plan& plan, const std::string& how) {
  return [&, how](const Finding& finding, const Finding& seen) {
    return Judge::Kept{{}, proofs_.keep(finding, seen, run, plan, how)};
  };
}

llvm::Expected<std::string> ControlledRuns::probe() {
  Plan plan;
  plan.mode = protocol::PlanMode::Control;
  plan.schedule.emplace();
  plan.schedule->mostSteps = kMostSteps;
  plan.schedule->startSeconds = startSeconds_;
  plan.schedule->records = protocol::kRecordEvents;
  auto run = runner_.runOne(plan);
  if (!run) return run.takeError();
  plan.schedule->records = 0;
  const Recording& recording = run->recordings.front();
  decides_ = recording.schedule && recording.schedule->steps != 0;
  if (run->outcome.timedOut) return std::string("it did not end within the time limit");
  if (!recording.schedule) return std::string("it is not the instrumented program itself that runs");
  if (recording.state == protocol::RunState::Livelocked) return std::string("it went on without getting anywhere");
  judge_.hear(run->recordings, std::nullopt, keeper(*run, plan, "default"), Judge::Run::Controlled);
  judge_.adoptPredicted(predictedHazards(recording), recording);
  return std::string();
}

bool ControlledRuns::isOver() const {
  return options_.budget > milliseconds(0) && Clock::now() - begun_ > options_.budget;
}

bool ControlledRuns::wanted(std::size_t finding) const {
  const Trials& trials = judge_.trials(finding);
  const bool blind = trials.finished >= kBlindAttempts && trials.everReached.empty();
  return (*targets_)[finding].obstacle.empty() && !judge_.settled(finding) && !blind &&
         started_[finding] < options_.attempts;
}

Plan ControlledRuns::planFor(std::size_t finding, unsigned attempt, const PlanShape*& shape) const {
  const SteeringTarget& target = (*targets_)[finding];
  shape = attempt / kRound % 2 == 0 ? &target.lines : &target.columns;
  Plan plan;
  plan.mode = protocol::PlanMode::Control;
  plan.seed = llvm::xxh3_64bits(fingerprint(judge_.findings()[finding])) ^ (options_.seed + attempt);
  plan.attempt = attempt;
  plan.sites = shape->sites;
  plan.modules = target.modules;
  plan.ranges = shape->ranges;
  plan.schedule.emplace();
  plan.schedule->strategy = target.strategy;
  plan.schedule->points = pointsFor(target.strategy);
  plan.schedule->order = attempt % 2;
  plan.schedule->mostSteps = kMostSteps;
  plan.schedule->startSeconds = startSeconds_;
  return plan;
}

/// The next attempt of the finding with the fewest so far; of those, of what is predicted, then of the surest.
std::optional<ScheduleJob> ControlledRuns::nextJob() {
  if (isOver()) return std::nullopt;
  std::optional<std::size_t> best;
  const auto rank = [&](std::size_t finding) {
    const Finding& known = judge_.findings()[finding];
    return std::tuple(started_[finding], known.verdict.kind != Verdict::Kind::Predicted, -static_cast<int>(known.confidence));
  };
  for (std::size_t i = 0; i < targets_->size(); ++i) {
    if (!wanted(i)) continue;
    if (!best || rank(i) < rank(*best)) best = i;
  }
  if (!best) return std::nullopt;
  Attempt attempt{*best, nullptr, {}};
  attempt.plan = planFor(*best, started_[*best]++, attempt.shape);
  attempts_.push_back(attempt);
  return ScheduleJob{attempts_.size() - 1, std::move(attempt.plan)};
}

void ControlledRuns::take(const ScheduleRun& run) {
  const Attempt attempt = attempts_[run.id];
  if (run.outcome.timedOut) judge_.noteTimeLimit(attempt.finding);
  StrategyChoice choice{attempt.plan.schedule->strategy, 0};
  judge_.hear(run.recordings, SteeredBy{attempt.finding, attempt.shape}, keeper(run, attempt.plan, choice.name()),
              Judge::Run::Controlled);
  if (options_.progress) options_.progress();
}

llvm::Error ControlledRuns::confirm(const std::vector<SteeringTarget>& targets) {
  targets_ = &targets;
  started_.assign(targets.size(), 0);
  if (llvm::Error error = runner_.run(options_.width, [&] { return nextJob(); }, [&](ScheduleRun run) { take(run); }))
    return error;
  return wantsMore() ? explore() : llvm::Error::success();
}

/// Where nothing is suspected, what only a run can show may still be there: for that the first runs are made.
bool ControlledRuns::wantsMore() const {
  if (explored_ >= options_.explored || isOver()) return false;
  const bool mayShow = decides_ && Clock::now() - begun_ < kMostUnsuspected;
  return judge_.findings().empty() ? mayShow : judge_.provedCount() != judge_.findings().size();
}

/// For what no place of the finding leads to: a wake-up that gets lost, a lock that is never given back.
llvm::Error ControlledRuns::explore() {
  ExploreOptions options;
  options.runs = options_.explored;
  options.seed = options_.seed;
  options.mostSteps = kMostSteps;
  auto plans = RunPlans::create(options);
  if (!plans) return plans.takeError();
  while (wantsMore()) {
    auto planned = plans->next();
    if (!planned) break;
    auto run = runner_.runOne(planned->plan);
    if (!run) return run.takeError();
    ++explored_;
    judge_.hear(run->recordings, std::nullopt, keeper(*run, planned->plan, planned->strategy), Judge::Run::Controlled);
    plans->took(*planned, run->recordings.front());
    if (options_.progress) options_.progress();
  }
  return llvm::Error::success();
}

llvm::Error ControlledRuns::complete() {
  llvm::Error failed = llvm::Error::success();
  std::size_t count = 0;
  judge_.eachReplayable([&](Finding&) { ++count; });
  const auto share = std::clamp(options_.budget / static_cast<long>(std::max<std::size_t>(count, 1)) / 4, kLeastPerProof, kMostPerProof);
  judge_.eachReplayable([&](Finding& finding) {
    if (llvm::Error error = proofs_.complete(finding, share)) failed = llvm::joinErrors(std::move(failed), std::move(error));
  });
  return failed;
}

}  // namespace deadheat
