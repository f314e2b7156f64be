#include "runtime/schedule/fork_server.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/shadow_map.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/thread_registry.h"
#include "runtime/platform/descriptor.h"
#include "runtime/platform/environment.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/platform/text.h"
#include "runtime/protocol.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

GrowingArray<char> request;

/// What so many threads need is mapped before runs are forked, which costs a run less than to map it for itself.
constexpr std::uint32_t kThreadsKept = 4;

/// What the program executes is to run, not to serve.
void hideVariable(const char* name) {
  auto* kept = const_cast<char**>(environment());
  for (char** entry = kept; *entry != nullptr; ++entry) {
    char* only[] = {*entry, nullptr};
    if (environmentValue(only, name) == nullptr) *kept++ = *entry;
  }
  *kept = nullptr;
}

int descriptorIn(const char* digits) {
  int number = 0;
  while (*digits >= '0' && *digits <= '9') number = number * 10 + (*digits++ - '0');
  return number;
}

/// False when the other side is gone.
bool readAll(int socket, void* to, std::size_t size) {
  auto* at = static_cast<char*>(to);
  while (size != 0) {
    long got = rawSyscall(SYS_read, socket, reinterpret_cast<long>(at), static_cast<long>(size));
    if (got == -EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void reply(int socket, protocol::ServerWord word, int status) {
  protocol::ServerReply text{word, status};
  rawSyscall(SYS_write, socket, reinterpret_cast<long>(&text), sizeof(text));
}

bool takeRequest(int socket) {
  protocol::RunRequest header;
  if (!readAll(socket, &header, sizeof(header))) return false;
  request.clear();
  request.resize(header.planSize);
  return readAll(socket, request.begin(), request.size());
}

/// A group of its own, so that what it leaves behind can be ended with it; and it does not outlive the server.
void becomeRun(int socket) {
  rawSyscall(SYS_close, socket);
  rawSyscall(SYS_setpgid, 0, 0);
  rawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  ownThread->task = currentTask();
  recordingServed();
}

int awaitEnd(pid_t run) {
  siginfo_t end{};
  while (rawSyscall(SYS_waitid, P_PID, run, reinterpret_cast<long>(&end), WEXITED | WNOWAIT) == -EINTR) {
  }
  rawSyscall(SYS_kill, -run, SIGKILL);
  int status = 0;
  while (rawSyscall(SYS_wait4, run, reinterpret_cast<long>(&status), 0, 0) == -EINTR) {
  }
  return status;
}

}  // namespace

bool serverAsked() {
  const char* asked = environmentValue(environment(), protocol::kServerVariable);
  return asked != nullptr && *asked != 0;
}

ServedPlan standBy() {
  int socket = moveUp(descriptorIn(environmentValue(environment(), protocol::kServerVariable)));
  hideVariable(protocol::kServerVariable);
  const char* bindNow = environmentValue(environment(), protocol::kBindNowVariable);
  if (bindNow != nullptr && sameText(bindNow, protocol::kBindNowForServer)) hideVariable(protocol::kBindNowVariable);
  if (threadsMade() != 1 || taskCount() != 1) {
    reply(socket, protocol::ServerWord::CannotFork, 0);
    rawSyscall(SYS_exit_group, 0);
  }
  keepRecordingStart();
  keepRegions(kThreadsKept);
  keepThreadStates(kThreadsKept);
  reply(socket, protocol::ServerWord::Ready, 0);
  while (takeRequest(socket)) {
    rewindRecording();
    pid_t run = _Fork();
    if (run == 0) {
      becomeRun(socket);
      return {request.begin(), request.size()};
    }
    if (run < 0)
      reply(socket, protocol::ServerWord::CannotFork, 0);
    else
      reply(socket, protocol::ServerWord::Ended, awaitEnd(run));
  }
  rawSyscall(SYS_exit_group, 0);
  __builtin_unreachable();
}

}  // namespace deadheat::rt
