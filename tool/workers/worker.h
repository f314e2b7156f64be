// One worker process, from both sides of the socket. Used by worker_pool.cpp only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "tool/workers/worker_pool.h"

namespace deadheat {

/// The parent's end. Kills the process, if it is there, when it goes.
class Worker {
 public:
  /// Forks; the child runs jobs until the socket closes and never returns. Not valid if there is no process to be had.
  static Worker start(const Job& job, const JobLimits& limits);
  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&& other) noexcept;
  ~Worker();

  bool valid() const { return pid_ > 0; }
  int descriptor() const { return socket_; }
  const std::optional<std::size_t>& job() const { return job_; }
  /// Jobs given to it so far.
  std::size_t given() const { return given_; }

  void give(std::size_t job);
  /// Reads what has come; the output of the job once it is whole. `ended` when there is no more to come.
  std::optional<std::string> receive(bool& ended);
  /// The job has used up its time; says so in words.
  std::optional<std::string> overtime(const JobLimits& limits) const;
  /// Waits for the process and says in words how it ended; empty if it left of its own will.
  std::string bury(const JobLimits& limits);

 private:
  Worker() = default;
  double cpuSeconds() const;
  std::string complaint() const;
  void close();

  using Clock = std::chrono::steady_clock;
  pid_t pid_ = -1;
  int socket_ = -1;
  int complaints_ = -1;  ///< A file with what the child said on stderr.
  std::optional<std::size_t> job_;
  std::size_t given_ = 0;
  double cpuBefore_ = 0;
  Clock::time_point started_;
  std::string received_;
};

}  // namespace deadheat
