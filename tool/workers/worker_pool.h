// Worker pool: many independent jobs in a few forked processes, so that one that crashes, hangs or eats the memory is cut
// off and costs nobody else.
//
// A worker does one job after the other, so what they share (libraries, models, texts of files) is loaded once. One that
// fails a job is gone and a fresh one takes its place. The caller's process stays single-threaded and small meanwhile;
// workers end with it, whatever ends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace deadheat {

/// What one job may take.
struct JobLimits {
  unsigned workers = 0;                        ///< Processes at a time; 0: one a core.
  double seconds = 120;                        ///< Of processor time; ten times as much on the clock.
  std::uint64_t memoryBytes = 4ULL << 30;      ///< Of a worker's data.
};

struct JobOutcome {
  std::string output;   ///< What the job returned.
  std::string failure;  ///< Why there is no output: one clause, "crashed (Segmentation fault)". Empty: it did not fail.
};

/// Runs in a worker. Has everything the caller has as of the fork; what it changes is lost but for what it returns.
using Job = std::function<std::string(std::size_t)>;
/// Runs in the caller, for each job once, as they come to an end.
using JobDone = std::function<void(std::size_t, JobOutcome)>;

/// Does jobs 0 … count-1 and returns 0; or the number of the signal (SIGINT, SIGTERM, SIGHUP) that came meanwhile, and
/// then all workers have ended. REQUIRES: the process has one thread.
int runJobs(std::size_t count, const JobLimits& limits, const Job& job, const JobDone& done);

}  // namespace deadheat
