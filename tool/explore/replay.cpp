#include "tool/explore/replay.h"

#include <algorithm>

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
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

llvm::Expected<Target> targetOf(const StoredSchedule& stored, const ReplayOptions& options) {
  std::vector<std::string> command = options.command;
  if (command.empty()) {
    command = stored.arguments;
    if (!command.empty()) command.front() = stored.program;
  }
  auto target = openTarget(command);
  if (!target) return target.takeError();
  if (llvm::Error error = checkSameProgram(stored, *target)) return std::move(error);
  return target;
}

/// What a run that did not end as recorded did instead; empty if it was the same.
std::string difference(const StoredSchedule& stored, const ScheduleRun& run, Symbolizer& symbolizer) {
  const Recording& recording = run.recordings.front();
  if (!recording.schedule) return "the run recorded no schedule";
  if (std::string other = divergenceFrom(stored.trail, stored.modules, recording, symbolizer); !other.empty()) return other;
  if (recording.state == protocol::RunState::Diverged)
    return recording.notes.empty() ? "the run diverged" : recording.notes.back();
  if (recording.schedule->steps == stored.steps && recording.schedule->hash == stored.hash) return {};
  return "the run ended after " + std::to_string(recording.schedule->steps) + " steps, expected " +
         std::to_string(stored.steps) + ", and took others after its last recorded one";
}

}  // namespace

std::string findSchedule(const std::string& id, const std::string& folder) {
  namespace fs = llvm::sys::fs;
  if (fs::exists(id)) return id;
  if (const std::string named = folder + "/" + id + ".schedule"; fs::exists(named)) return named;
  std::error_code error;
  std::string found;
  for (fs::directory_iterator entry(folder, error), end; entry != end && !error; entry.increment(error)) {
    const llvm::StringRef name = llvm::sys::path::filename(entry->path());
    if (name.ends_with(".schedule") && name.contains(id)) found = found.empty() ? entry->path() : id;
  }
  return found.empty() ? id : found;
}

llvm::Expected<int> replayInGdb(const ReplayOptions& options) {
  auto stored = readStoredSchedule(findSchedule(options.file, options.folder));
  if (!stored) return stored.takeError();
  auto target = targetOf(*stored, options);
  if (!target) return target.takeError();
  auto gdb = llvm::sys::findProgramByName("gdb");
  if (!gdb) return failure("there is no gdb in PATH");
  llvm::SmallString<128> folder;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory("deadheat-replay", folder))
    return failure("cannot make a working folder: ", error.message());
  const std::string base(folder);
  if (llvm::Error error = writePlan(replayPlan(*stored, /*strict=*/true), base + "/plan")) return std::move(error);
  ProcessRequest request = requestFor(*target, {base + "/rec", base + "/plan"}, stored->runtimeOptions + ":exitcode=0");
  request.program = *gdb;
  request.arguments = {"gdb", "-q", "-ex", "set startup-with-shell off", "-ex", "set breakpoint pending on", "-ex",
                       "break deadheat_on_failure", "-ex", "run", "-ex", "bt", "--args", target->program};
  request.arguments.insert(request.arguments.end(), target->arguments.begin() + 1, target->arguments.end());
  request.streams = ProcessRequest::Streams::Inherit;
  auto outcome = runProcess(request);
  llvm::sys::fs::remove_directories(base);
  if (!outcome) return outcome.takeError();
  return outcome->exitCode;
}

llvm::Expected<ReplayResult> replay(const ReplayOptions& options) {
  ReplayResult result;
  auto stored = readStoredSchedule(findSchedule(options.file, options.folder));
  if (!stored) return stored.takeError();
  auto target = targetOf(*stored, options);
  if (!target) return target.takeError();
  auto expected = readExpectation(stored->expectedExit, stored->expectedOutput);
  if (!expected) return expected.takeError();
  auto runner = ScheduleRunner::create(std::move(*target), options.timeLimit, stored->runtimeOptions,
                                       {expected->output.has_value()});
  if (!runner) return runner.takeError();
  FailureReader reader(std::move(*expected));
  Plan plan = replayPlan(*stored, /*strict=*/true);
  if (stored->steps < kMostTraced) plan.schedule->records = protocol::kRecordTrace;
  for (; result.runs < options.times; ++result.runs) {
    auto run = runner->runOne(plan);
    if (!run) return run.takeError();
    std::vector<Finding> findings = reader.allFailures(*run);
    std::string other = difference(*stored, *run, reader.symbolizer());
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
