#include "tool/run/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "llvm/ADT/StringRef.h"
#include "tool/symbols/failure.h"

extern char** environ;

namespace deadheat {
namespace {

using std::chrono::milliseconds;

/// argv or envp: pointers into strings that outlive it, closed by null.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environmentOf(const ProcessRequest& request) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry; ++entry) {
    const llvm::StringRef name = llvm::StringRef(*entry).split('=').first;
    if (std::none_of(request.environment.begin(), request.environment.end(),
                     [&](const auto& added) { return added.first == name; }))
      out.emplace_back(*entry);
  }
  for (const auto& [name, value] : request.environment)
    if (!value.empty()) out.push_back(name + "=" + value);
  return out;
}

/// Gives the terminal to a group; from the background the kernel would stop us with SIGTTOU.
void setForeground(pid_t group) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTTOU);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  tcsetpgrp(STDIN_FILENO, group);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

struct Launch {
  const char* program;
  char* const* argv;
  char* const* envp;
  pid_t parent;
  bool discard;
  bool terminal;
  int output;
  int inherited;
  int errorPipe;
};

/// Our standard input from its beginning, with a position of its own, if it is a file; else -1. Async-signal-safe.
int reopenedInput() {
  struct stat input {};
  if (fstat(STDIN_FILENO, &input) != 0 || !S_ISREG(input.st_mode)) return -1;
  return open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
}

/// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void becomeProgram(const Launch& launch) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);
  if (launch.discard) {
    const int null = open("/dev/null", O_RDWR);
    const int input = reopenedInput();
    dup2(input < 0 ? null : input, STDIN_FILENO);
    for (int fd = 1; fd < 3; ++fd) dup2(null, fd);
    if (null > 2) close(null);
    if (launch.output >= 0) dup2(launch.output, 1);
  }
  if (launch.inherited >= 0) fcntl(launch.inherited, F_SETFD, 0);
  if (launch.terminal) setForeground(getpid());
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(launch.program, launch.argv, launch.envp);
  const int error = errno;
  (void)!write(launch.errorPipe, &error, sizeof(error));
  _exit(127);
}

/// Forks; returns the pid once the program runs, or minus the error number.
int spawn(Launch launch) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  launch.errorPipe = report[1];
  const pid_t child = fork();
  if (child == 0) becomeProgram(launch);
  int error = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    while (read(report[0], &error, sizeof(error)) < 0 && errno == EINTR) {
    }
    if (error) waitpid(child, nullptr, 0);
  }
  close(report[0]);
  return error ? -error : child;
}

}  // namespace

llvm::Expected<Child> Child::start(const ProcessRequest& request) {
  const std::vector<std::string> environment = environmentOf(request);
  const std::vector<char*> argv = pointers(request.arguments), envp = pointers(environment);
  Child child;
  child.discard_ = request.streams == ProcessRequest::Streams::Discard;
  child.terminal_ = !child.discard_ && isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
  child.grace_ = request.grace;
  child.started_ = Clock::now();
  const bool limited = request.timeLimit > milliseconds(0);
  child.deadline_ = child.started_ + (limited ? request.timeLimit : milliseconds(std::chrono::hours(24 * 365)));
  const int pid = spawn({request.program.c_str(), argv.data(), envp.data(), getpid(), child.discard_, child.terminal_,
                         request.output, request.inherited, -1});
  if (pid < 0) return failure("cannot start '", request.program, "': ", std::strerror(-pid));
  child.pid_ = pid;
  child.handle_ = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  return child;
}

bool Child::ended() {
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_)
    return true;
  if (Clock::now() < deadline_) return false;
  kill(-pid_, phase_ == Phase::Running ? SIGTERM : SIGKILL);
  phase_ = phase_ == Phase::Running ? Phase::Terminated : Phase::Killed;
  deadline_ = Clock::now() + (phase_ == Phase::Terminated ? grace_ : milliseconds(1000));
  return false;
}

void Child::stop() {
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (handle_ >= 0) close(handle_);
}

ProcessOutcome Child::finish() {
  ProcessOutcome outcome;
  outcome.timedOut = phase_ != Phase::Running;
  outcome.elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started_);
  // Before the child is reaped, so that its number cannot be another group's.
  if (discard_ || outcome.timedOut) kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (handle_ >= 0) close(handle_);
  if (terminal_) setForeground(getpgrp());
  if (WIFEXITED(status)) outcome.exitCode = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

void waitForAny(const std::vector<Child*>& children) {
  std::vector<pollfd> handles;
  auto until = Child::Clock::now() + std::chrono::seconds(60);
  for (const Child* child : children) {
    until = std::min(until, child->handle() >= 0 ? child->deadline() : Child::Clock::now() + milliseconds(2));
    if (child->handle() >= 0) handles.push_back({child->handle(), POLLIN, 0});
  }
  const auto left = std::chrono::ceil<milliseconds>(until - Child::Clock::now()).count();
  poll(handles.data(), handles.size(), static_cast<int>(std::max<long long>(left, 0)));
}

}  // namespace deadheat
