#include "runtime/intercept/outside.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/wait.h>

#include "runtime/intercept/cancellation.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/run_clock.h"
#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {
namespace {

RunTime limitOf(long millis) {
  return millis < 0 ? kNever : runTimeIn({millis / 1000, millis % 1000 * 1000000});
}

/// Waits until `ready(data)`, unless it is so already. False: the time was over first.
bool await(Thread* self, Address pc, Address object, bool (*ready)(void*), void* data, RunTime deadline) {
  scheduleAnnounce(self, pc, Operation::Input, object);
  if (ready(data)) return true;
  return cancellablePoint([=] { return scheduleWaitOutside(self, pc, ready, data, deadline); }, [] {});
}

/// Errors are answers too.
bool isReady(void* polled) { return rawSyscall(SYS_poll, reinterpret_cast<long>(polled), 1, 0) != 0; }

bool blocks(int descriptor) {
  long flags = rawSyscall(SYS_fcntl, descriptor, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

struct Polls {
  pollfd* first;
  nfds_t count;
};

/// On a copy of the results: the program's are for the call itself.
bool anyReady(void* data) {
  const auto* polls = static_cast<Polls*>(data);
  return rawSyscall(SYS_poll, reinterpret_cast<long>(polls->first), static_cast<long>(polls->count), 0) != 0;
}

struct Selection {
  int count;
  const fd_set* sets[3];
};

bool anySelected(void* data) {
  const auto* selection = static_cast<Selection*>(data);
  fd_set copies[3];
  long arguments[3];
  for (int i = 0; i < 3; ++i) {
    if (selection->sets[i] != nullptr) copies[i] = *selection->sets[i];
    arguments[i] = selection->sets[i] == nullptr ? 0 : reinterpret_cast<long>(&copies[i]);
  }
  timeval now{};
  return rawSyscall(SYS_select, selection->count, arguments[0], arguments[1], arguments[2], reinterpret_cast<long>(&now)) != 0;
}

/// Leaves the child to be waited for.
bool childEnded(void* data) {
  pid_t wanted = *static_cast<pid_t*>(data);
  siginfo_t info{};
  int kind = wanted > 0 ? P_PID : wanted == 0 || wanted < -1 ? P_PGID : P_ALL;
  long id = wanted < -1 ? -wanted : wanted > 0 ? wanted : 0;
  long result = rawSyscall(SYS_waitid, kind, id, reinterpret_cast<long>(&info), WEXITED | WSTOPPED | WNOHANG | WNOWAIT, 0);
  return result != 0 || info.si_pid != 0;
}

/// The calling thread, if this is a controlled run.
Thread* controlledSelf() { return scheduleControlled ? currentThread() : nullptr; }

void awaitChild(Address pc, pid_t wanted, int options) {
  Thread* self = (options & WNOHANG) == 0 ? controlledSelf() : nullptr;
  if (self != nullptr) await(self, pc, 0, childEnded, &wanted, kNever);
}

}  // namespace

void awaitDescriptor(Thread* self, Address pc, int descriptor, short events, int limitMillis) {
  if (!blocks(descriptor)) return scheduleAnnounce(self, pc, Operation::Input, static_cast<Address>(descriptor));
  pollfd polled{descriptor, events, 0};
  await(self, pc, static_cast<Address>(descriptor), isReady, &polled, limitOf(limitMillis));
}

}  // namespace deadheat::rt

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(int, poll, (pollfd * first, nfds_t count, int limit)) {
  Thread* self = limit == 0 ? nullptr : controlledSelf();
  if (self == nullptr) return real_poll(first, count, limit);
  Polls polls{first, count};
  await(self, DEADHEAT_CALLER_PC, addressOf(first), anyReady, &polls, limitOf(limit));
  return real_poll(first, count, 0);
}

DEADHEAT_INTERCEPT(int, ppoll, (pollfd * first, nfds_t count, const timespec* limit, const sigset_t* mask)) {
  Thread* self = controlledSelf();
  if (self == nullptr) return real_ppoll(first, count, limit, mask);
  Polls polls{first, count};
  await(self, DEADHEAT_CALLER_PC, addressOf(first), anyReady, &polls, limit == nullptr ? kNever : runTimeIn(*limit));
  constexpr timespec kNow{0, 0};
  return real_ppoll(first, count, &kNow, mask);
}

DEADHEAT_INTERCEPT(int, select, (int count, fd_set* in, fd_set* out, fd_set* other, timeval* limit)) {
  Thread* self = controlledSelf();
  if (self == nullptr) return real_select(count, in, out, other, limit);
  Selection selection{count, {in, out, other}};
  RunTime deadline = limit == nullptr ? kNever : runTimeIn({limit->tv_sec, limit->tv_usec * 1000});
  await(self, DEADHEAT_CALLER_PC, addressOf(in), anySelected, &selection, deadline);
  timeval now{0, 0};
  return real_select(count, in, out, other, &now);
}

DEADHEAT_INTERCEPT(pid_t, waitpid, (pid_t wanted, int* status, int options)) {
  awaitChild(DEADHEAT_CALLER_PC, wanted, options);
  return real_waitpid(wanted, status, options);
}

DEADHEAT_INTERCEPT(pid_t, wait, (int* status)) {
  awaitChild(DEADHEAT_CALLER_PC, -1, 0);
  return real_wait(status);
}

DEADHEAT_INTERCEPT(pid_t, wait4, (pid_t wanted, int* status, int options, void* usage)) {
  awaitChild(DEADHEAT_CALLER_PC, wanted, options);
  return real_wait4(wanted, status, options, usage);
}
