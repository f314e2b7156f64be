#include "tool/confirm/confirm.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "llvm/Support/xxhash.h"
#include "tool/confirm/controlled_runs.h"
#include "tool/confirm/judge.h"
#include "tool/confirm/steering.h"
#include "tool/confirm/workspace.h"
#include "tool/run/launch.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Attempts after which a finding none of whose sites was ever reached is given up.
constexpr unsigned kBlindAttempts = 3;

/// Attempts come in rounds in which the runtime holds each side in turn. Holds double with every round, so many times:
/// what is seconds apart meets too, and what is near costs little.
constexpr unsigned kRound = 3;
constexpr unsigned kMostDoublings = 3;

/// Whether holding threads in a free run can show it.
bool canBeHeld(protocol::ScheduleStrategy strategy) {
  return strategy == protocol::ScheduleStrategy::Race || strategy == protocol::ScheduleStrategy::Deadlock;
}

/// One confirmation from the free run to the verdicts.
class Confirmation {
 public:
  Confirmation(std::vector<Finding> findings, const ConfirmOptions& options, Target target, Workspace workspace)
      : options_(options), target_(std::move(target)), workspace_(std::move(workspace)), judge_(std::move(findings)) {}

  llvm::Expected<ConfirmResult> run() {
    if (std::string note = noteOn(target_); !note.empty()) result_.notes.push_back(std::move(note));
    if (llvm::Error error = freeRun()) return std::move(error);
    judge_.adoptPredicted();
    if (llvm::Error error = takeControl()) return std::move(error);
    targets_ = findTargets(judge_.findings(), modules_);
    started_.resize(targets_.size());
    for (std::size_t i = 0; i < targets_.size(); ++i)
      if (!targets_[i].obstacle.empty() && !isUndirected(i)) judge_.notRun(i, targets_[i].obstacle);
    begun_ = Clock::now();
    if (controlled_)
      if (llvm::Error error = controlled_->confirm(targets_)) loseControl(llvm::toString(std::move(error)));
    runPool(jobs(), [&] { return nextJob(); },
            [&](std::size_t id, llvm::Expected<ProcessOutcome> outcome) { finish(id, std::move(outcome)); });
    if (controlled_)
      if (llvm::Error error = controlled_->complete()) result_.notes.push_back(llvm::toString(std::move(error)));
    noteUntried();
    noteUndirected();
    noteCrashes();
    result_.findings = std::move(judge_).conclude(targets_);
    return std::move(result_);
  }

 private:
  struct Attempt {
    std::size_t finding;
    unsigned number;
    const PlanShape* shape;
    RunFiles files;
  };

  unsigned jobs() const { return options_.jobs ? options_.jobs : std::max(1u, std::thread::hardware_concurrency()); }

  llvm::Error freeRun() {
    RunFiles files = workspace_.filesFor("free");
    files.plan.clear();
    ProcessRequest request = requestFor(target_, files);
    request.timeLimit = options_.freeRunLimit;
    auto outcome = runProcess(request);
    if (!outcome) return outcome.takeError();
    auto recordings = recordingsOf(target_, files.recording);
    if (!recordings) return recordings.takeError();
    if (outcome->timedOut || outcome->signal) {
      result_.notes.push_back("'" + target_.program + "' was " + describe(*outcome) + " in a free run");
      result_.incomplete = true;
    }
    freeRunTime_ = outcome->timedOut ? milliseconds(0) : outcome->elapsed;
    chooseModules(*recordings);
    judge_.hear(*recordings, std::nullopt, keeper(files, [](const Finding&) { return std::string("free-run"); }));
    return llvm::Error::success();
  }

  /// One run under control, which also predicts; none further if the program cannot be run so. Errors: the working folder
  /// cannot be made.
  llvm::Error takeControl() {
    if (!options_.controls) return llvm::Error::success();
    auto runner = ScheduleRunner::create(target_, controlledLimit(), "");
    if (!runner) return runner.takeError();
    runner_.emplace(std::move(*runner));
    controlledOptions_.attempts = options_.attempts;
    controlledOptions_.width = jobs();
    controlledOptions_.seed = options_.seed;
    controlledOptions_.budget = options_.budget / 2;
    controlledOptions_.outputDirectory = options_.outputDirectory;
    controlledOptions_.progress = [this] { tellProgress(); };
    controlled_.emplace(*runner_, judge_, controlledOptions_);
    auto obstacle = controlled_->probe();
    const std::string trouble = obstacle ? *obstacle : llvm::toString(obstacle.takeError());
    if (!trouble.empty()) loseControl(trouble);
    return llvm::Error::success();
  }

  void loseControl(const std::string& trouble) {
    result_.notes.push_back("'" + target_.program + "' cannot be run under control: " + trouble +
                            "; its threads are held in free runs instead");
    controlled_.reset();
  }

  milliseconds controlledLimit() const {
    if (options_.attemptLimit > milliseconds(0)) return options_.attemptLimit;
    return std::clamp(20 * freeRunTime_, milliseconds(5000), milliseconds(60000));
  }

  /// Runs in which threads are held; fewer where directed ones have been made.
  unsigned heldAttempts() const { return controlled_ ? (options_.attempts + 1) / 2 : options_.attempts; }

  /// Where sites are looked for: what the compiler wrapper built, or at least the program itself.
  void chooseModules(const std::vector<Recording>& run) {
    std::set<std::string> paths;
    for (const Recording& recording : run)
      for (const RecordedModule& module : recording.modules)
        if (module.instrumented && paths.insert(module.path).second) modules_.push_back({module.path, module.buildId});
    if (modules_.empty()) modules_.push_back({target_.program, target_.binary.buildId});
  }

  milliseconds attemptLimit() const {
    if (options_.attemptLimit > milliseconds(0)) return options_.attemptLimit;
    return std::max(milliseconds(5000), 5 * freeRunTime_ + 2 * milliseconds(options_.totalHoldMillis));
  }

  bool overBudget() const { return options_.budget > milliseconds(0) && Clock::now() - begun_ > options_.budget; }

  bool wanted(std::size_t finding) const {
    const Trials& trials = judge_.trials(finding);
    const bool blind = trials.finished >= kBlindAttempts && trials.everReached.empty();
    const bool possible = targets_[finding].obstacle.empty() && canBeHeld(targets_[finding].strategy);
    return possible && !judge_.proved(finding) && !blind && started_[finding] < heldAttempts();
  }

  /// The next attempt of the finding with the fewest so far.
  std::optional<PoolJob> nextJob() {
    if (overBudget()) return std::nullopt;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < targets_.size(); ++i)
      if (wanted(i) && (!best || started_[i] < started_[*best])) best = i;
    if (!best) return std::nullopt;
    const std::size_t id = attempts_.size();
    const unsigned number = started_[*best]++;
    attempts_.push_back({*best, number, shapeFor(*best, number), workspace_.filesFor(std::to_string(id))});
    const Attempt& attempt = attempts_.back();
    if (llvm::Error error = writePlan(planFor(attempt), attempt.files.plan))
      result_.notes.push_back(llvm::toString(std::move(error)));
    ProcessRequest request = requestFor(target_, attempt.files);
    request.timeLimit = attemptLimit();
    return PoolJob{id, std::move(request)};
  }

  /// Lines and columns round by round, so that a crowded line does not spoil all attempts; columns no more once they
  /// turned out not to be where the compiler put the operations.
  const PlanShape* shapeFor(std::size_t finding, unsigned attempt) const {
    const SteeringTarget& target = targets_[finding];
    return attempt / kRound % 2 == 0 || missed_.count(finding) ? &target.lines : &target.columns;
  }

  Plan planFor(const Attempt& attempt) const {
    const SteeringTarget& target = targets_[attempt.finding];
    const std::uint64_t seed =
        llvm::xxh3_64bits(fingerprint(judge_.findings()[attempt.finding])) ^ (options_.seed + attempt.number);
    const std::uint32_t hold = options_.holdMillis << std::min(attempt.number / kRound, kMostDoublings);
    return {target.mode,
            seed,
            hold,
            std::max(options_.totalHoldMillis, 2 * hold),
            attempt.number,
            attempt.shape->sites,
            target.modules,
            attempt.shape->ranges,
            std::nullopt};
  }

  void finish(std::size_t id, llvm::Expected<ProcessOutcome> outcome) {
    const Attempt& attempt = attempts_[id];
    if (!outcome) return failed(llvm::toString(outcome.takeError()));
    auto recordings = recordingsOf(target_, attempt.files.recording);
    if (!recordings) return failed(llvm::toString(recordings.takeError()));
    if (outcome->timedOut) judge_.noteTimeLimit(attempt.finding);
    if (outcome->signal && !outcome->timedOut) noteCrash(attempt, *outcome);
    const unsigned reachedBefore = judge_.trials(attempt.finding).reachedAll;
    judge_.hear(*recordings, SteeredBy{attempt.finding, attempt.shape},
                keeper(attempt.files, proofName));
    const bool reached = judge_.trials(attempt.finding).reachedAll > reachedBefore;
    if (!reached && attempt.shape == &targets_[attempt.finding].columns) missed_.insert(attempt.finding);
    workspace_.discard(attempt.files);
    tellProgress();
  }

  /// Files the run's recording at the first proof in it.
  template <typename Name>
  Judge::Keep keeper(const RunFiles& files, Name name) const {
    return [this, files, name, kept = std::string()](const Finding& finding, const Finding&) mutable {
      if (kept.empty()) kept = workspace_.keep(files, name(finding));
      return Judge::Kept{kept, {}};
    };
  }

  void failed(std::string reason) {
    if (failures_.insert(reason).second) result_.notes.push_back("a steered run failed: " + reason);
    result_.incomplete = true;
  }

  void noteCrash(const Attempt& attempt, const ProcessOutcome& outcome) {
    judge_.noteCrash(attempt.finding);
    ++crashes_[describe(outcome)];
  }

  void noteCrashes() {
    for (const auto& [how, count] : crashes_)
      result_.notes.push_back("the program was " + how + " in " + std::to_string(count) + " of " +
                              std::to_string(attempts_.size()) + " steered runs");
  }

  bool isUndirected(std::size_t finding) const { return targets_[finding].obstacle == kUndirected; }

  void noteUndirected() {
    const std::size_t runs = controlled_ ? controlled_->explored() : 0;
    for (std::size_t i = 0; i < targets_.size(); ++i)
      if (isUndirected(i)) judge_.onlyChecked(i, runs);
  }

  void noteUntried() {
    std::size_t untried = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (!targets_[i].obstacle.empty() || judge_.proved(i) || judge_.trials(i).finished) continue;
      judge_.notRun(i, overBudget() ? "the time budget was used up" : "no steered run of it could be made");
      ++untried;
    }
    if (untried == 0) return;
    result_.notes.push_back(std::to_string(untried) + " findings were not tried" +
                            (overBudget() ? ": the time budget was used up" : ""));
    result_.incomplete = true;
  }

  void tellProgress() const {
    if (!options_.progress) return;
    std::size_t finished = 0, planned = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      finished += judge_.trials(i).finished;
      planned += wanted(i) ? std::max<std::size_t>(options_.attempts, judge_.trials(i).finished + 1) : judge_.trials(i).finished;
    }
    options_.progress({finished, planned, judge_.provedCount()});
  }

  const ConfirmOptions& options_;
  Target target_;
  Workspace workspace_;
  Judge judge_;
  ConfirmResult result_;
  std::optional<ScheduleRunner> runner_;
  ControlledOptions controlledOptions_;
  std::optional<ControlledRuns> controlled_;  ///< Unless the program cannot be run under control.
  std::vector<PlannedModule> modules_;
  std::vector<SteeringTarget> targets_;  ///< One for each of the judge's findings.
  std::vector<unsigned> started_;        ///< Attempts begun, likewise.
  std::vector<Attempt> attempts_;        ///< By job id.
  std::set<std::size_t> missed_;  ///< Findings whose sites a run steered to their columns did not reach.
  std::set<std::string> failures_;
  std::map<std::string, int> crashes_;  ///< By how the program ended.
  milliseconds freeRunTime_{0};
  Clock::time_point begun_;
};

}  // namespace

llvm::Expected<ConfirmResult> confirmFindings(std::vector<Finding> findings, const ConfirmOptions& options) {
  auto target = openTarget(options.command);
  if (!target) return target.takeError();
  if (llvm::Error error = checkDebugInfo(target->program, target->binary)) return std::move(error);
  auto workspace = Workspace::create(options.outputDirectory);
  if (!workspace) return workspace.takeError();
  return Confirmation(std::move(findings), options, std::move(*target), std::move(*workspace)).run();
}

}  // namespace deadheat
