#include "tool/confirm/schedule_proofs.h"

#include <algorithm>

#include "tool/confirm/workspace.h"
#include "tool/explore/decisive_pair.h"
#include "tool/explore/shrink.h"
#include "tool/explore/turns.h"

namespace deadheat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostShrinkTests = 200;
constexpr unsigned kPinnedRuns = 6;  ///< Of each order, to see whether it fails.

/// Failures of their own, not the hazard itself.
bool isConsequence(const Finding& finding) {
  for (const char* check : {"crash", "assertion", "exit-code", "output", "hang", "livelock", "deadlock", "lock-misuse"})
    if (finding.check == check) return true;
  return false;
}

}  // namespace

ScheduleProofs::ScheduleProofs(ScheduleRunner& runner, std::string outputDirectory, int expectedExit)
    : runner_(runner), outputDirectory_(std::move(outputDirectory)), expectedExit_(expectedExit),
      reader_(Expectation{expectedExit, std::nullopt}) {}

std::string ScheduleProofs::keep(const Finding& finding, const Finding& seen, const ScheduleRun& run, const Plan& plan,
                                 const std::string& how) {
  auto stored = storedSchedule(run.recordings.front(), plan);
  if (!stored) {
    llvm::consumeError(stored.takeError());
    return {};
  }
  stored->program = runner_.target().program;
  stored->arguments = runner_.target().arguments;
  stored->expectedExit = expectedExit_;
  stored->check = finding.check;
  stored->message = finding.message;
  stored->key = failureKey(seen);
  stored->foundBy = how;
  stored->foundIn = run.id + 1;
  stored->deviationsFound = stored->schedule.deviations.size();
  const std::string path = outputDirectory_ + "/" + proofName(finding) + ".schedule";
  proofs_[path] = {std::move(*stored), plan};
  return path;
}

llvm::Expected<ScheduleRun> ScheduleProofs::make(const Plan& plan) {
  ++runs_;
  return runner_.runOne(plan);
}

/// `message`, if it is asked for, is that of the failure.
bool ScheduleProofs::shows(const ScheduleRun& run, const std::string& key, std::string* message) {
  for (const Finding& failure : reader_.allFailures(run)) {
    if (failureKey(failure) != key) continue;
    if (message) *message = failure.message;
    return true;
  }
  return false;
}

std::vector<PlannedDeviation> ScheduleProofs::shortened(const StoredSchedule& stored, std::chrono::milliseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  StoredSchedule candidate = stored;
  const std::function<bool(const std::vector<PlannedDeviation>&)> fails =
      [&](const std::vector<PlannedDeviation>& kept) {
        if (Clock::now() > end) return false;
        candidate.schedule.deviations = kept;
        auto run = make(replayPlan(candidate, /*strict=*/false));
        if (run) return shows(*run, stored.key);
        llvm::consumeError(run.takeError());
        return false;
      };
  return shrink(stored.schedule.deviations, fails, kMostShrinkTests);
}

std::string ScheduleProofs::failureOf(const ScheduleRun& run) {
  for (const Finding& failure : reader_.allFailures(run))
    if (isConsequence(failure)) return failure.message;
  return {};
}

/// The run that found it, once more in each order; then further ones with the pair's order pinned until one fails.
llvm::Error ScheduleProofs::tryBothOrders(Finding& finding, Proof& proof) {
  std::string failures[2];
  unsigned made = 0;
  for (unsigned round = 0; round < kPinnedRuns && failures[0].empty() && failures[1].empty(); ++round) {
    for (std::uint32_t order : {0u, 1u}) {
      Plan plan = proof.plan;
      plan.schedule->order = order;
      plan.seed += round;
      auto run = make(plan);
      if (!run) return run.takeError();
      ++made;
      failures[order] = failureOf(*run);
      if (failures[order].empty() || !shows(*run, proof.stored.key)) continue;
      // What fails says more than what only might.
      auto stored = storedSchedule(run->recordings.front(), plan);
      if (!stored) return stored.takeError();
      proof.stored.modules = stored->modules;
      proof.stored.schedule = stored->schedule;
      proof.stored.deviationsFound = stored->schedule.deviations.size();
    }
  }
  const std::string& failure = failures[0].empty() ? failures[1] : failures[0];
  if (failure.empty())
    finding.verdict.effect = "both orders end well in " + std::to_string(made) + " runs, as far as the exit code tells";
  else
    finding.verdict.effect = "harmful: " + failure + (failures[0].empty() != failures[1].empty() ? " in one order; the other ends well"
                                                                                             : ", in both orders");
  return llvm::Error::success();
}

llvm::Error ScheduleProofs::complete(Finding& finding, std::chrono::milliseconds limit) {
  const std::string path = std::move(finding.verdict.schedule);
  finding.verdict.schedule.clear();
  auto found = proofs_.find(path);
  if (found == proofs_.end()) return llvm::Error::success();
  Proof& proof = found->second;
  if (proof.plan.schedule->strategy == protocol::ScheduleStrategy::Race)
    if (llvm::Error error = tryBothOrders(finding, proof)) return error;
  StoredSchedule& stored = proof.stored;
  stored.schedule.deviations = shortened(stored, limit);
  stored.schedule.records = protocol::kRecordTrace;
  auto run = make(replayPlan(stored, /*strict=*/false));
  if (!run) return run.takeError();
  std::string shown;
  if (!shows(*run, stored.key, &shown)) return llvm::Error::success();
  const Recording& recording = run->recordings.front();
  auto again = storedSchedule(recording, replayPlan(stored, /*strict=*/true));
  if (!again) return again.takeError();
  stored.modules = again->modules;
  stored.schedule = again->schedule;
  stored.schedule.records = 0;
  stored.trail = trailOf(recording, stored.modules);
  stored.anchors = anchorsOf(recording, reader_.symbolizer());
  stored.siteAnchors =
      siteAnchorsOf(stored.sites.size(), stored.ranges, stored.modules, recording, reader_.symbolizer());
  stored.steps = again->steps;
  stored.hash = again->hash;
  const std::vector<Turn> turns = turnsOf(recording, reader_.symbolizer());
  const ActorNames names = actorNames(recording, reader_.symbolizer());
  stored.story = tellTurns(turns, names);
  auto pair = decisivePair(stored, names.threads, reader_.symbolizer(), [&](const StoredSchedule& near) -> llvm::Expected<TriedSchedule> {
    Plan plan = replayPlan(near, /*strict=*/false);
    plan.schedule->records = protocol::kRecordTrace;
    auto tried = make(plan);
    if (!tried) return tried.takeError();
    const bool fails = shows(*tried, stored.key);
    return TriedSchedule{std::move(*tried), fails};
  });
  if (!pair) return pair.takeError();
  if (!pair->empty()) stored.story.push_back(*pair);
  if (const std::string failure = failureOf(*run); !failure.empty()) {
    if (!llvm::StringRef(finding.verdict.effect).starts_with("harmful")) finding.verdict.effect = "harmful: " + failure;
    stored.story.push_back("then: " + failure);
    stored.ending = failure;
  } else {
    stored.story.push_back("so: " + shown);
  }
  finding.verdict.schedule = path;
  finding.verdict.interleaving = stored.story;
  finding.verdict.lanes = drawLanes(turns, names);
  return writeStoredSchedule(stored, path);
}

}  // namespace deadheat
