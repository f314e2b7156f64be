#include "tool/explore/schedule_runner.h"

#include <poll.h>
#include <sys/personality.h>

#include <algorithm>

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

namespace fs = llvm::sys::fs;

/// Addresses that change from run to run would change what programs do that hash or sort by them. Inherited over exec;
/// where it is forbidden, runs are as they are.
void fixAddresses() {
  const int now = personality(0xffffffff);
  if (now != -1) personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE);
}

std::error_code makeFolder(llvm::SmallString<256>& folder) {
  const std::string inMemory = "/dev/shm";
  if (fs::is_directory(inMemory) && !fs::createUniqueDirectory(inMemory + "/deadheat", folder)) return {};
  return fs::createUniqueDirectory("deadheat-explore", folder);
}

/// Sleeps until a run ended or reached its deadline.
void waitForAny(const std::vector<const Lane*>& busy) {
  std::vector<pollfd> handles;
  auto until = Lane::Clock::now() + std::chrono::seconds(60);
  for (const Lane* lane : busy) {
    until = std::min(until, lane->handle() >= 0 ? lane->deadline() : Lane::Clock::now() + std::chrono::milliseconds(2));
    if (lane->handle() >= 0) handles.push_back({lane->handle(), POLLIN, 0});
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Lane::Clock::now()).count();
  poll(handles.data(), handles.size(), static_cast<int>(std::max<long long>(left, 0)));
}

}  // namespace

llvm::Expected<ScheduleRunner> ScheduleRunner::create(Target target, std::chrono::milliseconds timeLimit,
                                                      const std::string& runtimeOptions,
                                                      const RunnerMeans& means) {
  ScheduleRunner made;
  llvm::SmallString<256> folder;
  if (std::error_code error = makeFolder(folder)) return failure("cannot make a working folder: ", error.message());
  fixAddresses();
  made.target_ = std::make_unique<Target>(std::move(target));
  // The exit code is to be the program's own.
  const std::string options = runtimeOptions.empty() ? "exitcode=0" : runtimeOptions + ":exitcode=0";
  made.settings_.reset(new LaneSettings{*made.target_, options, timeLimit, means.keepsOutput, means.forks});
  made.folder_ = std::string(folder);
  return made;
}

ScheduleRunner::ScheduleRunner(ScheduleRunner&& other) noexcept
    : target_(std::move(other.target_)), settings_(std::move(other.settings_)), folder_(std::move(other.folder_)),
      places_(std::move(other.places_)) {
  other.folder_.clear();
}

ScheduleRunner::~ScheduleRunner() {
  places_.clear();
  if (!folder_.empty()) fs::remove_directories(folder_);
}

llvm::Error ScheduleRunner::addPlaces(unsigned count) {
  while (places_.size() < count) {
    const auto number = static_cast<unsigned>(places_.size());
    const std::string own = folder_ + "/" + std::to_string(number);
    if (std::error_code error = fs::create_directories(own)) return failure("cannot make '", own, "': ", error.message());
    places_.push_back({Lane(*settings_, own, number)});
  }
  return llvm::Error::success();
}

llvm::Error ScheduleRunner::finish(Place& place, const std::function<void(ScheduleRun)>& done) {
  auto result = place.lane.finish();
  if (!result) return result.takeError();
  done({place.id, result->outcome, std::move(result->recordings), std::move(result->output)});
  return llvm::Error::success();
}

llvm::Error ScheduleRunner::run(unsigned width, const std::function<std::optional<ScheduleJob>()>& next,
                                const std::function<void(ScheduleRun)>& done) {
  width = std::max(width, 1u);
  if (llvm::Error error = addPlaces(width)) return error;
  llvm::Error failed = llvm::Error::success();
  bool stopped = false;
  auto keep = [&](llvm::Error error) {
    stopped |= static_cast<bool>(error);
    failed = llvm::joinErrors(std::move(failed), std::move(error));
  };
  while (true) {
    std::vector<const Lane*> busy;
    for (std::size_t i = 0; i < width; ++i) {
      Place& place = places_[i];
      if (!place.lane.busy() && !stopped)
        if (std::optional<ScheduleJob> job = next()) {
          place.id = job->id;
          keep(place.lane.begin(std::move(job->plan)));
        }
      if (place.lane.busy()) busy.push_back(&place.lane);
    }
    if (busy.empty()) return failed;
    waitForAny(busy);
    for (std::size_t i = 0; i < width; ++i)
      if (places_[i].lane.busy() && places_[i].lane.ended()) keep(finish(places_[i], done));
  }
}

llvm::Expected<ScheduleRun> ScheduleRunner::runOne(const Plan& plan) {
  std::optional<ScheduleRun> result;
  bool started = false;
  auto next = [&]() -> std::optional<ScheduleJob> {
    if (started) return std::nullopt;
    started = true;
    return ScheduleJob{0, plan};
  };
  if (llvm::Error error = run(1, next, [&](ScheduleRun run) { result = std::move(run); })) return std::move(error);
  return std::move(*result);
}

}  // namespace deadheat
