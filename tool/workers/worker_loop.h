// The child's side of a worker: what a process does from its fork to its end.
#pragma once

#include <sys/types.h>

#include "tool/workers/worker_pool.h"

namespace deadheat {

struct WorkerEnds {
  pid_t parent;
  int socket;      ///< Numbers of jobs come in, outputs go out, each with its length in front.
  int complaints;  ///< Takes the place of stderr.
};

/// Exit codes by which a worker says why it goes.
inline constexpr int kLeft = 114;  ///< Nothing more to do, or grown large: a fresh one is cheaper.
inline constexpr int kOutOfMemory = 113;

[[noreturn]] void serveJobs(const WorkerEnds& ends, const Job& job, const JobLimits& limits);

}  // namespace deadheat
