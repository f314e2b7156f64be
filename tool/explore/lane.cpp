#include "tool/explore/lane.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "tool/symbols/failure.h"

namespace deadheat {

namespace fs = llvm::sys::fs;

Lane::Lane(const LaneSettings& settings, std::string folder, unsigned processor)
    : settings_(settings), folder_(std::move(folder)), processor_(processor), forks_(settings.forks) {
  if (settings.keepsOutput) output_ = open((folder_ + "/output").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

Lane::Lane(Lane&& other) noexcept
    : settings_(other.settings_), folder_(std::move(other.folder_)), processor_(other.processor_),
      output_(std::exchange(other.output_, -1)), busy_(other.busy_), forks_(other.forks_), plan_(std::move(other.plan_)),
      server_(std::move(other.server_)), child_(std::move(other.child_)), deadline_(other.deadline_) {}

Lane::~Lane() {
  if (output_ >= 0) close(output_);
}

std::string Lane::takeOutput() {
  if (output_ < 0) return {};
  auto text = llvm::MemoryBuffer::getFile(folder_ + "/output");
  return text ? (*text)->getBuffer().str() : std::string();
}

llvm::Error Lane::begin(Plan plan) {
  plan.schedule->processor = processor_;
  plan_ = encodePlan(plan);
  if (output_ >= 0 && ftruncate(output_, 0) != 0) return failure("cannot empty the file for output in '", folder_, "'");
  if (forks_ && !server_)
    if (llvm::Error error = startServer()) return error;
  if (server_ && beginServed()) return llvm::Error::success();
  return execute();
}

llvm::Error Lane::startServer() {
  auto server = ForkServer::start(settings_.target, recordingPath(), settings_.runtimeOptions, processor_, output_);
  if (!server) return server.takeError();
  if (*server) {
    server_.emplace(std::move(**server));
  } else {
    forks_ = false;
    fs::remove(recordingPath());
  }
  return llvm::Error::success();
}

bool Lane::beginServed() {
  busy_ = server_->request(plan_);
  deadline_ = Clock::now() + settings_.timeLimit;
  return busy_;
}

llvm::Error Lane::execute() {
  server_.reset();
  forks_ = false;
  for (const std::string& file : recordingFiles(recordingPath())) fs::remove(file);
  const RunFiles files{recordingPath(), folder_ + "/plan"};
  std::ofstream(files.plan, std::ios::binary) << plan_;
  ProcessRequest request = requestFor(settings_.target, files, settings_.runtimeOptions);
  request.timeLimit = settings_.timeLimit;
  request.output = output_;
  request.grace = std::chrono::milliseconds(0);
  auto child = Child::start(request);
  if (!child) return child.takeError();
  child_.emplace(std::move(*child));
  busy_ = true;
  return llvm::Error::success();
}

int Lane::handle() const { return server_ ? server_->handle() : child_->handle(); }

Lane::Clock::time_point Lane::deadline() const { return server_ ? deadline_ : child_->deadline(); }

bool Lane::ended() {
  if (!server_) return child_->ended();
  pollfd answer{server_->handle(), POLLIN, 0};
  if (poll(&answer, 1, 0) == 1) return true;
  if (Clock::now() < deadline_) return false;
  server_->endRun();
  deadline_ = Clock::now() + std::chrono::milliseconds(100);
  return false;
}

llvm::Expected<LaneResult> Lane::finish() {
  busy_ = false;
  if (server_) {
    if (std::optional<ProcessOutcome> outcome = server_->finish()) return finishServed(*outcome);
    // The server is gone or out of processes: the run is made anew, and waited for.
    if (llvm::Error error = execute()) return std::move(error);
    while (!child_->ended()) waitForAny({&*child_});
    busy_ = false;
  }
  const ProcessOutcome outcome = child_->finish();
  child_.reset();
  auto recordings = recordingsOf(settings_.target, recordingPath());
  if (!recordings) return recordings.takeError();
  return LaneResult{outcome, std::move(*recordings), takeOutput()};
}

llvm::Expected<LaneResult> Lane::finishServed(ProcessOutcome outcome) {
  auto own = parseRecording(server_->recording(), recordingPath());
  if (!own) return own.takeError();
  LaneResult result{outcome, {}, takeOutput()};
  result.recordings.push_back(std::move(*own));
  for (const std::string& file : recordingFiles(recordingPath())) {
    if (file == recordingPath()) continue;
    auto executed = readRecording(file);
    fs::remove(file);
    if (!executed) return executed.takeError();
    result.recordings.push_back(std::move(*executed));
  }
  return result;
}

}  // namespace deadheat
