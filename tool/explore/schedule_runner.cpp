#include "tool/explore/schedule_runner.h"

#include <sys/personality.h>

#include <map>

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

}  // namespace

llvm::Expected<ScheduleRunner> ScheduleRunner::create(Target target, std::chrono::milliseconds timeLimit,
                                                      const std::string& runtimeOptions) {
  ScheduleRunner made;
  llvm::SmallString<256> folder;
  if (std::error_code error = makeFolder(folder)) return failure("cannot make a working folder: ", error.message());
  fixAddresses();
  made.target_ = std::move(target);
  made.timeLimit_ = timeLimit;
  // The exit code is to be the program's own.
  made.runtimeOptions_ = runtimeOptions.empty() ? "exitcode=0" : runtimeOptions + ":exitcode=0";
  made.folder_ = std::string(folder);
  return made;
}

ScheduleRunner::ScheduleRunner(ScheduleRunner&& other) noexcept
    : target_(std::move(other.target_)), timeLimit_(other.timeLimit_),
      runtimeOptions_(std::move(other.runtimeOptions_)), folder_(std::move(other.folder_)) {
  other.folder_.clear();
}

ScheduleRunner::~ScheduleRunner() {
  if (!folder_.empty()) fs::remove_directories(folder_);
}

llvm::Error ScheduleRunner::run(unsigned width, const std::function<std::optional<ScheduleJob>()>& next,
                                const std::function<void(ScheduleRun)>& done) {
  llvm::Error failed = llvm::Error::success();
  std::map<std::size_t, RunFiles> files;
  std::map<std::size_t, std::uint32_t> processors;
  std::vector<std::uint32_t> freeProcessors;
  for (unsigned i = width; i != 0; --i) freeProcessors.push_back(i - 1);
  bool stopped = false;

  auto start = [&]() -> std::optional<PoolJob> {
    std::optional<ScheduleJob> job = stopped ? std::nullopt : next();
    if (!job) return std::nullopt;
    const std::string path = folder_ + "/" + std::to_string(job->id);
    const RunFiles& now = files[job->id] = {path + ".rec", path + ".plan"};
    job->plan.schedule->processor = processors[job->id] = freeProcessors.back();
    freeProcessors.pop_back();
    if (llvm::Error error = writePlan(job->plan, now.plan)) {
      failed = llvm::joinErrors(std::move(failed), std::move(error));
      stopped = true;
      return std::nullopt;
    }
    PoolJob pooled{job->id, requestFor(target_, now, runtimeOptions_)};
    pooled.request.timeLimit = timeLimit_;
    pooled.request.grace = std::chrono::milliseconds(0);
    return pooled;
  };
  auto end = [&](std::size_t id, llvm::Expected<ProcessOutcome> outcome) {
    freeProcessors.push_back(processors[id]);
    processors.erase(id);
    const RunFiles now = files[id];
    files.erase(id);
    auto recordings = outcome ? recordingsOf(target_, now.recording) : outcome.takeError();
    for (const std::string& file : recordingFiles(now.recording)) fs::remove(file);
    fs::remove(now.plan);
    if (recordings) return done({id, *outcome, std::move(*recordings)});
    failed = llvm::joinErrors(std::move(failed), recordings.takeError());
    stopped = true;
  };
  runPool(width, start, end);
  return failed;
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
