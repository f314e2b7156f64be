#include "tool/explore/replay.h"

#include <algorithm>

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include "tool/explore/failures.h"
#include "tool/explore/schedule_runner.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

/// A program that was built anew has its code elsewhere: its old schedule means nothing.
llvm::Error checkSameProgram(const StoredSchedule& stored, const Target& target) {
  const llvm::StringRef name = llvm::sys::path::filename(target.program);
  for (const PlannedModule& module : stored.modules)
    if (module.path == name && module.buildId != target.binary.buildId)
      return failure("'", target.program, "' is not the program the schedule was made with (another build id): explore it "
                     "again");
  return llvm::Error::success();
}

/// What a run that did not end as recorded did instead; empty if it was the same.
std::string difference(const StoredSchedule& stored, const ScheduleRun& run) {
  const Recording& recording = run.recordings.front();
  if (recording.state == protocol::RunState::Diverged)
    return recording.notes.empty() ? "the run diverged" : recording.notes.back();
  if (!recording.schedule) return "the run recorded no schedule";
  if (recording.schedule->steps == stored.steps && recording.schedule->hash == stored.hash) return {};
  return "the run ended after " + std::to_string(recording.schedule->steps) + " steps, expected " +
         std::to_string(stored.steps) + ", and took others after its last recorded one";
}

}  // namespace

llvm::Expected<ReplayResult> replay(const ReplayOptions& options) {
  ReplayResult result;
  auto stored = readStoredSchedule(options.file);
  if (!stored) return stored.takeError();
  std::vector<std::string> command = options.command;
  if (command.empty()) {
    command = stored->arguments;
    if (!command.empty()) command.front() = stored->program;
  }
  auto target = openTarget(command);
  if (!target) return target.takeError();
  if (llvm::Error error = checkSameProgram(*stored, *target)) return std::move(error);
  auto expected = readExpectation(stored->expectedExit, stored->expectedOutput);
  if (!expected) return expected.takeError();
  auto runner = ScheduleRunner::create(std::move(*target), options.timeLimit, options.runtimeOptions,
                                       expected->output.has_value());
  if (!runner) return runner.takeError();
  FailureReader reader(std::move(*expected));
  const Plan plan = replayPlan(*stored, /*strict=*/true);
  for (; result.runs < options.times; ++result.runs) {
    auto run = runner->runOne(plan);
    if (!run) return run.takeError();
    std::vector<Finding> findings = reader.allFailures(*run);
    std::string other = difference(*stored, *run);
    const bool seen = llvm::any_of(findings, [&](const Finding& finding) { return failureKey(finding) == stored->key; });
    if (other.empty() && !seen) other = "the run took the same steps, but the failure did not show";
    if (other.empty()) ++result.reproduced;
    if (!other.empty() && !llvm::is_contained(result.notes, other)) result.notes.push_back(std::move(other));
    if (result.runs == 0) result.findings = std::move(findings);
  }
  result.stored = std::move(*stored);
  return result;
}

}  // namespace deadheat
