#include "tool/run/run.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
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
    if (temporary) llvm::sys::fs::remove(path);
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

/// What to exit with: the program's own code unless there are findings or a signal ended it.
int exitCodeOf(const RunOptions& options, const ProcessOutcome& outcome, bool findings) {
  if (findings && options.exitCode) return *options.exitCode;
  if (outcome.signal) return 128 + outcome.signal;
  if (findings && outcome.exitCode == 0) return protocol::kExitWithReports;
  return outcome.exitCode;
}

void addNotes(RunReport& report, const Target& target, const ProcessOutcome& outcome, const Recording& recording) {
  if (outcome.timedOut || outcome.signal) report.notes.push_back("'" + target.program + "' was " + describe(outcome));
  if (recording.dropped)
    report.notes.push_back("the recording was full: " + std::to_string(recording.dropped) + " reports are missing");
  if (recording.truncated) report.notes.push_back("the recording was cut short: reports at its end are missing");
  for (const std::string& note : recording.notes) report.notes.push_back(note);
}

}  // namespace

llvm::Expected<RunReport> runProgram(const RunOptions& options) {
  auto target = openTarget(options.command);
  if (!target) return target.takeError();
  auto place = placeFor(options);
  if (!place) return place.takeError();
  ProcessRequest request = requestFor(*target, {place->path, {}}, options.runtimeOptions);
  request.timeLimit = options.timeLimit;
  request.streams = ProcessRequest::Streams::Inherit;
  auto outcome = runProcess(request);
  if (!outcome) return outcome.takeError();
  auto recording = recordingOf(*target, place->path);
  if (!recording) return recording.takeError();

  RunReport report;
  Symbolizer symbolizer;
  for (DynamicFinding& found : dynamicFindings(*recording, symbolizer)) {
    if (!options.recordingPath.empty()) found.finding.verdict.recording = place->path;
    report.findings.push_back(std::move(found.finding));
  }
  report.exitCode = exitCodeOf(options, *outcome, !report.findings.empty());
  addNotes(report, *target, *outcome, *recording);
  return report;
}

}  // namespace deadheat
