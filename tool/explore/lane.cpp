#include "tool/explore/lane.h"

#include <poll.h>

#include <fstream>

#include "llvm/Support/FileSystem.h"
#include "tool/symbols/failure.h"

namespace deadheat {

namespace fs = llvm::sys::fs;

Lane::Lane(const LaneSettings& settings, std::string folder, unsigned processor)
    : settings_(settings), folder_(std::move(folder)), processor_(processor), forks_(settings.forks) {}

llvm::Error Lane::begin(Plan plan) {
  plan.schedule->processor = processor_;
  plan_ = encodePlan(plan);
  if (forks_ && !server_)
    if (llvm::Error error = startServer()) return error;
  if (server_ && beginServed()) return llvm::Error::success();
  return execute();
}

llvm::Error Lane::startServer() {
  auto server = ForkServer::start(settings_.target, recordingPath(), settings_.runtimeOptions, processor_);
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
  return LaneResult{outcome, std::move(*recordings)};
}

llvm::Expected<LaneResult> Lane::finishServed(ProcessOutcome outcome) {
  auto own = parseRecording(server_->recording(), recordingPath());
  if (!own) return own.takeError();
  LaneResult result{outcome, {}};
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
