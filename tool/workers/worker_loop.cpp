#include "tool/workers/worker_loop.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "llvm/Support/ErrorHandling.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEADHEAT_UNDER_ASAN 1
#endif
#endif

namespace deadheat {
namespace {

/// A worker that has grown to this part of its limit leaves after its job, so that the next one starts with all of it.
constexpr std::uint64_t kLeaveAt = 4;

[[noreturn]] void runOutOfMemory() { _exit(kOutOfMemory); }

void limitMemory(std::uint64_t bytes) {
  std::set_new_handler(runOutOfMemory);
  llvm::install_bad_alloc_error_handler([](void*, const char*, bool) { runOutOfMemory(); });
#ifndef DEADHEAT_UNDER_ASAN  // whose shadow counts as data
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_DATA, &limit);
#endif
}

/// The caller's streams, signals and life are not the worker's.
void settle(const WorkerEnds& ends) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != ends.parent) _exit(kLeft);
  std::signal(SIGINT, SIG_IGN);  // the caller hears it too and ends its workers
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, 0);
  dup2(nothing, 1);
  dup2(ends.complaints >= 0 ? ends.complaints : nothing, 2);
  const rlimit noCore{0, 0};
  setrlimit(RLIMIT_CORE, &noCore);
}

/// Whether all of it went through.
bool transfer(auto operation, int descriptor, auto* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t part = operation(descriptor, bytes, size);
    if (part <= 0) return false;
    bytes += part;
    size -= static_cast<std::size_t>(part);
  }
  return true;
}

std::uint64_t residentBytes() {
  unsigned long total = 0;
  unsigned long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (!file) return 0;
  const bool read = std::fscanf(file, "%lu %lu", &total, &resident) == 2;
  std::fclose(file);
  return read ? std::uint64_t{resident} * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

void serveJobs(const WorkerEnds& ends, const Job& job, const JobLimits& limits) {
  settle(ends);
  limitMemory(limits.memoryBytes);
  std::uint64_t number = 0;
  while (transfer(::read, ends.socket, reinterpret_cast<char*>(&number), sizeof number)) {
    const std::string output = job(number);
    const std::uint64_t size = output.size();
    if (!transfer(::write, ends.socket, reinterpret_cast<const char*>(&size), sizeof size)) break;
    if (!transfer(::write, ends.socket, output.data(), output.size())) break;
    if (residentBytes() > limits.memoryBytes / kLeaveAt) break;
  }
  _exit(kLeft);
}

}  // namespace deadheat
