#include "tool/explore/run_plans.h"

#include <algorithm>
#include <ctime>

#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

constexpr char kSystematic[] = "dfs";
constexpr char kPortfolio[] = "portfolio";
constexpr std::size_t kProfiledRuns = 4;  ///< The first ones.

}  // namespace

llvm::Expected<RunPlans> RunPlans::create(const ExploreOptions& options) {
  RunPlans plans(options);
  plans.startSeconds_ = static_cast<std::uint64_t>(std::time(nullptr));
  plans.random_.seed(options.seed);
  if (options.strategy == kSystematic) {
    if (options.shard.count != 1) return failure("a systematic search (dfs) cannot be divided into shards");
    if (options.resumes) return failure("a systematic search (dfs) cannot be resumed");
    plans.systematic_.emplace(options.bound);
    return plans;
  }
  auto portfolio = Portfolio::named(options.strategy);
  if (!portfolio) return portfolio.takeError();
  plans.portfolio_ = std::move(*portfolio);
  plans.predicts_ = options.strategy == kPortfolio;
  return plans;
}

void RunPlans::setSites(std::vector<PlannedModule> modules, std::vector<PlannedSite> sites,
                        std::vector<PlannedRange> ranges) {
  shape_.modules = std::move(modules);
  shape_.sites = std::move(sites);
  shape_.ranges = std::move(ranges);
}

std::size_t RunPlans::runsOneByOne() const { return systematic_ ? 1 : kProfiledRuns; }

std::size_t RunPlans::numberOf(std::size_t made) const {
  if (made < kProfiledRuns) return made;
  return kProfiledRuns + (made - kProfiledRuns) * options_->shard.count + options_->shard.index;
}

PlannedSchedule RunPlans::settings() const {
  PlannedSchedule schedule;
  schedule.points = options_->points;
  schedule.spurious = options_->spurious;
  schedule.mostSteps = options_->mostSteps;
  schedule.startSeconds = startSeconds_;
  schedule.expectedSteps = std::max<std::uint64_t>(profiledSteps_, 1);
  return schedule;
}

std::optional<PlannedRun> RunPlans::next() {
  if (made_ == kProfiledRuns && made_ < resumed_) made_ = resumed_;
  PlannedRun run{numberOf(made_), "default", shape_};
  if (run.number >= options_->runs) return std::nullopt;
  run.plan.mode = protocol::PlanMode::Control;
  run.plan.seed = options_->seed * 0x9e3779b97f4a7c15ull + run.number;
  run.plan.schedule = settings();
  if (systematic_) {
    if (!systematic_->next(run.plan)) return std::nullopt;
    run.strategy = kSystematic;
  } else {
    if (run.number != 0 && !direct(run)) choose(run);  // The first run does the default everywhere.
    if (made_ < kProfiledRuns) run.plan.schedule->records = protocol::kRecordProfile | protocol::kRecordTrace;
    if (made_ < kProfiledRuns && predicts_) run.plan.schedule->records |= protocol::kRecordEvents;
  }
  ++made_;
  return run;
}

/// At something predicted, every second run at most: predictions may be many, and what they miss is to get its turn too.
bool RunPlans::direct(PlannedRun& run) {
  const bool due = predicts_ && made_ % 2 == 1 && (made_ < kProfiledRuns || resumed_ <= kProfiledRuns);
  if (!due || !predicted_.direct(run.plan)) return false;
  run.strategy = StrategyChoice{run.plan.schedule->strategy, 0}.name();
  return true;
}

void RunPlans::choose(PlannedRun& run) {
  const StrategyChoice& choice = portfolio_.next();
  PlannedSchedule& schedule = *run.plan.schedule;
  run.strategy = choice.name();
  schedule.strategy = choice.strategy;
  schedule.depth = choice.depth;
  constexpr unsigned kOutOf = 4;  // Of so many runs that stall, one does so where it may.
  if (choice.strategy == protocol::ScheduleStrategy::Stall && !places_.empty() && random_() % kOutOf != 0)
    schedule.focus = places_.draw(random_);
  if (choice.strategy != protocol::ScheduleStrategy::Surw) return;
  // Where nothing is shared, as far as is known, there is nothing to focus on.
  if (focus_.empty())
    schedule.strategy = protocol::ScheduleStrategy::Pos;
  else
    focus_.focus(schedule, random_);
}

void RunPlans::took(const PlannedRun& run, const Recording& recording) {
  if (systematic_) return systematic_->took(run.number, recording, options_->mostSteps);
  if (predicts_) predicted_.learn(recording);
  if ((run.plan.schedule->records & protocol::kRecordProfile) == 0) return;
  if (recording.schedule) profiledSteps_ = std::max(profiledSteps_, recording.schedule->steps);
  places_.learn(recording.trace);
  if (recording.uses.size() <= profileSize_) return;
  profileSize_ = recording.uses.size();
  focus_.learn(recording.uses);
}

void RunPlans::found(const std::string& strategy) {
  if (!systematic_) portfolio_.found(strategy);
}

}  // namespace deadheat
