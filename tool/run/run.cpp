#include "tool/run/run.h"

#include <set>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "tool/run/contention.h"
#include "tool/run/dynamic_findings.h"
#include "tool/run/launch.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

/// Where the recording goes; a temporary is removed when this goes away.
struct RecordingPlace {
  std::string path;
  bool temporary = false;
  RecordingPlace() = default;
  RecordingPlace(RecordingPlace&& other) noexcept : path(std::move(other.path)), temporary(other.temporary) {
    other.temporary = false;
  }
  RecordingPlace& operator=(RecordingPlace&&) = delete;
  ~RecordingPlace() {
    if (!temporary) return;
    for (const std::string& file : recordingFiles(path)) llvm::sys::fs::remove(file);
  }
};

llvm::Expected<RecordingPlace> placeFor(const RunOptions& options) {
  RecordingPlace place;
  llvm::SmallString<128> path(options.recordingPath);
  std::error_code error;
  int file = -1;
  if (options.recordingPath.empty()) {
    error = llvm::sys::fs::createTemporaryFile("deadheat", "rec", file, path);
    place.temporary = !error;
  } else {
    error = llvm::sys::fs::make_absolute(path);
    if (!error) error = llvm::sys::fs::openFileForWrite(path, file);
  }
  if (error) return failure("cannot write the recording '", path, "': ", error.message());
  llvm::sys::Process::SafelyCloseFileDescriptor(file);
  llvm::sys::fs::remove(path);
  place.path = std::string(path);
  return place;
}

/// The runtime sees to the exit code itself: it alone knows that of a program that ends in a deadlock. What the user
/// gives comes last, so it holds.
std::string runtimeOptions(const RunOptions& options) {
  std::vector<std::string> all;
  if (options.mode == RunMode::Locks) all.push_back("races=0");
  if (options.contention) all.push_back("contention=1");
  if (!options.runtimeOptions.empty()) all.push_back(options.runtimeOptions);
  if (options.exitCode) all.push_back("exitcode=" + std::to_string(*options.exitCode));
  return llvm::join(all, ":");
}

void addNotes(RunReport& report, const Recording& recording) {
  if (recording.dropped)
    report.notes.push_back("the recording was full: " + std::to_string(recording.dropped) + " reports are missing");
  if (recording.truncated) report.notes.push_back("the recording was cut short: reports at its end are missing");
  for (const std::string& note : recording.notes) report.notes.push_back(note);
}

/// Findings of every process, each told once.
void addFindings(RunReport& report, const std::vector<Recording>& recordings, const std::string& kept) {
  Symbolizer symbolizer;
  std::set<std::string> told;
  for (const Recording& recording : recordings) {
    for (DynamicFinding& seen : dynamicFindings(recording, symbolizer)) {
      if (!told.insert(fingerprint(seen.finding)).second) continue;
      seen.finding.verdict.recording = kept;
      report.findings.push_back(std::move(seen.finding));
    }
    for (std::string& line : contentionTable(recording, symbolizer)) report.contention.push_back(std::move(line));
    addNotes(report, recording);
  }
}

}  // namespace

llvm::Expected<RunReport> runProgram(const RunOptions& options) {
  auto target = options.mode == RunMode::Locks ? openPlainTarget(options.command) : openTarget(options.command);
  if (!target) return target.takeError();
  auto place = placeFor(options);
  if (!place) return place.takeError();
  ProcessRequest request = requestFor(*target, {place->path, {}}, runtimeOptions(options));
  if (options.mode == RunMode::Locks && !target->binary.hasRuntime) {
    auto preload = preloadOfLocks();
    if (!preload) return preload.takeError();
    request.environment.push_back({"LD_PRELOAD", *preload});
  }
  request.timeLimit = options.timeLimit;
  request.streams = ProcessRequest::Streams::Inherit;
  auto outcome = runProcess(request);
  if (!outcome) return outcome.takeError();
  auto recordings = recordingsOf(*target, place->path);
  if (!recordings) return recordings.takeError();

  RunReport report;
  if (std::string note = noteOn(*target); !note.empty() && options.mode == RunMode::Detect)
    report.notes.push_back(std::move(note));
  addFindings(report, *recordings, options.recordingPath.empty() ? "" : place->path);
  report.exitCode = outcome->signal ? 128 + outcome->signal : outcome->exitCode;
  if (outcome->timedOut || outcome->signal)
    report.notes.insert(report.notes.begin(), "'" + target->program + "' was " + describe(*outcome));
  return report;
}

}  // namespace deadheat
