#include "tool/workers/worker_pool.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <set>
#include <thread>
#include <vector>

#include "tool/workers/worker.h"

namespace deadheat {
namespace {

/// How often limits of time are looked at.
constexpr timespec kTick{0, 100'000'000};

volatile std::sig_atomic_t caught = 0;

/// While it lives, the signals by which people end programs are only noted, and only while `wait` waits.
class SignalWatch {
 public:
  SignalWatch() {
    caught = 0;
    sigset_t set;
    sigemptyset(&set);
    struct sigaction note {};
    note.sa_handler = [](int signal) { caught = signal; };
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
      sigaddset(&set, kSignals[i]);
      sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &note, nullptr);
    }
    sigprocmask(SIG_BLOCK, &set, &mask_);
  }
  ~SignalWatch() {
    sigprocmask(SIG_SETMASK, &mask_, nullptr);  // a second signal that waits is only noted, too
    for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  void wait(std::vector<pollfd>& descriptors) { ppoll(descriptors.data(), descriptors.size(), &kTick, &mask_); }
  int signal() const { return caught; }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before_[std::size(kSignals)];
  sigset_t mask_;
};

/// The queue and those who work on it.
class Pool {
 public:
  Pool(std::size_t count, const JobLimits& limits, const Job& job, const JobDone& done)
      : limits_(limits), job_(job), done_(done), left_(count) {
    for (std::size_t i = 0; i < count; ++i) queue_.push_back(i);
    const unsigned wanted = limits.workers ? limits.workers : std::max(1U, std::thread::hardware_concurrency());
    most_ = std::min<std::size_t>(wanted, count);
  }

  int run() {
    SignalWatch signals;
    while (left_ > 0 && signals.signal() == 0) {
      assign();
      std::vector<pollfd> descriptors;
      for (const Worker& worker : workers_) descriptors.push_back({worker.descriptor(), POLLIN, 0});
      signals.wait(descriptors);
      for (Worker& worker : workers_) attend(worker);
      std::erase_if(workers_, [](const Worker& worker) { return !worker.valid(); });
    }
    workers_.clear();
    return signals.signal();
  }

 private:
  void assign() {
    for (Worker& worker : workers_)
      if (!worker.job() && !queue_.empty()) give(worker);
    while (!queue_.empty() && workers_.size() < most_) {
      Worker worker = Worker::start(job_, limits_);
      if (!worker.valid()) return cannotStart();
      give(worker);
      workers_.push_back(std::move(worker));
    }
  }

  void give(Worker& worker) {
    worker.give(queue_.front());
    queue_.pop_front();
  }

  /// With some workers there are, the rest is slower; with none, there is nobody to do it.
  void cannotStart() {
    if (!workers_.empty()) {
      most_ = workers_.size();
      return;
    }
    finish(queue_.front(), {{}, "no process could be started for it"});
    queue_.pop_front();
  }

  void attend(Worker& worker) {
    const std::optional<std::size_t> job = worker.job();
    bool ended = false;
    if (auto output = worker.receive(ended)) finish(*job, {std::move(*output), {}});
    if (ended) return bury(worker);
    if (auto reason = worker.overtime(limits_)) {
      finish(*worker.job(), {{}, std::move(*reason)});
      Worker gone = std::move(worker);
    }
  }

  void bury(Worker& worker) {
    std::string reason = worker.bury(limits_);
    if (!worker.job()) return;
    const std::size_t job = *worker.job();
    // Not its fault if the worker had left, perhaps not if an earlier job had left little memory or spoilt it.
    const bool again = reason.empty() || (worker.given() > 1 && retried_.insert(job).second);
    again ? queue_.push_front(job) : finish(job, {{}, std::move(reason)});
  }

  void finish(std::size_t job, JobOutcome outcome) {
    --left_;
    done_(job, std::move(outcome));
  }

  const JobLimits& limits_;
  const Job& job_;
  const JobDone& done_;
  std::size_t left_;
  std::size_t most_;
  std::deque<std::size_t> queue_;
  std::set<std::size_t> retried_;
  std::vector<Worker> workers_;
};

}  // namespace

int runJobs(std::size_t count, const JobLimits& limits, const Job& job, const JobDone& done) {
  return Pool(count, limits, job, done).run();
}

}  // namespace deadheat
