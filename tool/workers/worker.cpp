#include "tool/workers/worker.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "tool/workers/worker_loop.h"

namespace deadheat {
namespace {

/// A job that waits rather than computes is given this many times its processor time.
constexpr double kClockPerCpu = 10;

double toSeconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// "0.3 s", "120 s".
std::string inSeconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  return text;
}

}  // namespace

Worker Worker::start(const Job& job, const JobLimits& limits) {
  Worker worker;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return worker;
  worker.socket_ = ends[0];
  worker.complaints_ = memfd_create("complaints", MFD_CLOEXEC);
  const pid_t parent = getpid();
  worker.pid_ = fork();
  if (worker.pid_ == 0) {
    ::close(ends[0]);
    serveJobs({.parent = parent, .socket = ends[1], .complaints = worker.complaints_}, job, limits);
  }
  ::close(ends[1]);
  return worker;
}

Worker::Worker(Worker&& other) noexcept { *this = std::move(other); }

Worker& Worker::operator=(Worker&& other) noexcept {
  close();
  pid_ = std::exchange(other.pid_, -1);
  socket_ = std::exchange(other.socket_, -1);
  complaints_ = std::exchange(other.complaints_, -1);
  job_ = std::exchange(other.job_, std::nullopt);
  given_ = other.given_;
  cpuBefore_ = other.cpuBefore_;
  started_ = other.started_;
  received_ = std::move(other.received_);
  return *this;
}

Worker::~Worker() { close(); }

void Worker::close() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  for (int* descriptor : {&socket_, &complaints_})
    if (*descriptor >= 0) ::close(std::exchange(*descriptor, -1));
}

double Worker::cpuSeconds() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return cpuBefore_;
  return toSeconds(time);
}

void Worker::give(std::size_t job) {
  job_ = job;
  ++given_;
  received_.clear();
  cpuBefore_ = cpuSeconds();
  started_ = Clock::now();
  const std::uint64_t number = job;
  // A worker that has just gone is found out by `receive`.
  send(socket_, &number, sizeof number, MSG_NOSIGNAL);
}

std::optional<std::string> Worker::receive(bool& ended) {
  char chunk[65536];
  const ssize_t size = recv(socket_, chunk, sizeof chunk, MSG_DONTWAIT);
  if (size < 0) {
    ended = errno != EAGAIN && errno != EINTR;
    return std::nullopt;
  }
  ended = size == 0;
  received_.append(chunk, static_cast<std::size_t>(size));
  std::uint64_t whole = 0;
  if (received_.size() < sizeof whole) return std::nullopt;
  std::memcpy(&whole, received_.data(), sizeof whole);
  if (received_.size() - sizeof whole < whole) return std::nullopt;
  job_.reset();
  return received_.substr(sizeof whole);
}

std::optional<std::string> Worker::overtime(const JobLimits& limits) const {
  if (!job_) return std::nullopt;
  if (cpuSeconds() - cpuBefore_ > limits.seconds)
    return "cut off: took more than " + inSeconds(limits.seconds) + " of processor time";
  const double waited = std::chrono::duration<double>(Clock::now() - started_).count();
  if (waited > kClockPerCpu * limits.seconds)
    return "cut off: not done after " + inSeconds(kClockPerCpu * limits.seconds);
  return std::nullopt;
}

std::string Worker::complaint() const {
  char text[2048];
  const ssize_t size = pread(complaints_, text, sizeof text, 0);
  llvm::StringRef rest(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!rest.empty()) {
    auto [line, next] = rest.split('\n');
    if (line.find_if([](char c) { return llvm::isAlpha(c); }) != llvm::StringRef::npos) return ": " + line.trim().str();
    rest = next;
  }
  return {};
}

std::string Worker::bury(const JobLimits& limits) {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
  pid_ = -1;
  if (WIFSIGNALED(status)) return "crashed (" + std::string(strsignal(WTERMSIG(status))) + ")" + complaint();
  const int code = WEXITSTATUS(status);
  if (code == kLeft) return {};
  if (code == kOutOfMemory)
    return llvm::formatv("cut off: needed more than {0} MB of memory", limits.memoryBytes >> 20).str();
  return "ended with exit code " + std::to_string(code) + complaint();
}

}  // namespace deadheat
