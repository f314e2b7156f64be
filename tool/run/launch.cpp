#include "tool/run/launch.h"

#include <cstring>

#include "llvm/Support/FileSystem.h"
#include "tool/symbols/failure.h"

namespace deadheat {

llvm::Expected<Target> openTarget(const std::vector<std::string>& command) {
  if (command.empty()) return failure("no program to run: name it after '--'");
  auto program = findProgram(command.front());
  if (!program) return program.takeError();
  auto binary = inspectBinary(*program);
  if (!binary) return binary.takeError();
  if (llvm::Error error = checkInstrumented(*program, *binary)) return std::move(error);
  return Target{*program, command, *binary};
}

ProcessRequest requestFor(const Target& target, const RunFiles& files, const std::string& runtimeOptions) {
  ProcessRequest request;
  request.program = target.program;
  request.arguments = target.arguments;
  request.environment = {{protocol::kRecordingVariable, files.recording},
                         {protocol::kPlanVariable, files.plan},
                         {protocol::kOptionsVariable, runtimeOptions}};
  return request;
}

llvm::Expected<Recording> recordingOf(const Target& target, const std::string& path) {
  if (!llvm::sys::fs::exists(path))
    return failure("'", target.program, "' made no recording; is what it runs built with 'deadheat cc' or 'deadheat c++'?");
  return readRecording(path);
}

std::string describe(const ProcessOutcome& outcome) {
  if (outcome.timedOut) return "stopped at the time limit";
  if (outcome.signal == 0) return "exited with code " + std::to_string(outcome.exitCode);
  const char* abbreviation = sigabbrev_np(outcome.signal);
  const char* meaning = sigdescr_np(outcome.signal);
  const std::string name = abbreviation ? "SIG" + std::string(abbreviation) : std::to_string(outcome.signal);
  return "killed by " + name + (meaning ? " (" + llvm::StringRef(meaning).lower() + ")" : "");
}

}  // namespace deadheat
