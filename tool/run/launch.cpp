#include "tool/run/launch.h"

#include <cstdlib>
#include <cstring>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/compiler/instrument.h"
#include "tool/compiler/wrapper.h"
#include "tool/symbols/failure.h"

namespace deadheat {

namespace fs = llvm::sys::fs;

namespace {

using Check = llvm::Error (*)(const std::string& path, const BinaryInfo& binary);

llvm::Expected<Target> open(const std::vector<std::string>& command, Check check) {
  if (command.empty()) return failure("no program to run: name it after '--'");
  auto program = findProgram(command.front());
  if (!program) return program.takeError();
  auto binary = inspectBinary(*program);
  if (!binary) return binary.takeError();
  if (llvm::Error error = check(*program, *binary)) return std::move(error);
  return Target{*program, command, *binary};
}

}  // namespace

llvm::Expected<Target> openTarget(const std::vector<std::string>& command) { return open(command, checkInstrumented); }

llvm::Expected<Target> openPlainTarget(const std::vector<std::string>& command) {
  return open(command, checkPreloadable);
}

std::string noteOn(const Target& target) {
  if (!target.binary.isTargeted) return {};
  return "'" + target.program +
         "' is a targeted build: only races among the places of the findings it was built for are " +
         "seen; that there is no report says nothing of others";
}

llvm::Expected<std::string> preloadOfLocks() {
  auto directory = runtimeDirectory();
  if (!directory) return directory.takeError();
  std::string library = *directory + "/" + kLocksLibrary;
  if (!fs::exists(library)) return failure("there is no '", library, "'; DEADHEAT_RUNTIME_DIR names another folder");
  if (llvm::StringRef(library).find_first_of(" :") != llvm::StringRef::npos)
    return failure("'", library, "' has a space or colon in its path, which LD_PRELOAD cannot name");
  const char* before = std::getenv("LD_PRELOAD");
  return before != nullptr && *before != 0 ? library + ":" + before : library;
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

std::vector<std::string> recordingFiles(const std::string& path) {
  std::vector<std::string> files;
  if (fs::exists(path)) files.push_back(path);
  std::error_code error;
  const std::string prefix = path + ".";
  for (fs::directory_iterator entry(llvm::sys::path::parent_path(path), error), end; entry != end && !error;
       entry.increment(error)) {
    llvm::StringRef suffix = entry->path();
    if (suffix.consume_front(prefix) && llvm::all_of(suffix, llvm::isDigit)) files.push_back(entry->path());
  }
  return files;
}

llvm::Expected<std::vector<Recording>> recordingsOf(const Target& target, const std::string& path) {
  std::vector<Recording> recordings;
  for (const std::string& file : recordingFiles(path)) {
    auto recording = readRecording(file);
    if (!recording) return recording.takeError();
    recordings.push_back(std::move(*recording));
  }
  if (recordings.empty())
    return failure("'", target.program, "' made no recording: neither it nor what it runs is instrumented; build with "
                   "'deadheat cc' or 'deadheat c++' as the compiler");
  return recordings;
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
