// Handlers of signals. They run where they always do, in the thread they interrupt and at once, behind a function of ours
// that says so: a handler comes after whoever installed it, must not allocate, and must leave errno as it was. Sending a
// signal to another thread is none of the operations that POSIX or C++ have synchronise memory, so it orders nothing. While the thread is in a table of the runtime's, a handler runs unobserved.
#include <signal.h>
#include <sys/time.h>

#include <cerrno>
#include <ctime>

#include "runtime/detect/misuse.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/record/options.h"

namespace deadheat::rt {
namespace {

/// The program's own handler of a signal.
struct Handler {
  void (*function)(int, siginfo_t*, void*);
  int flags;
};

Handler handlers[NSIG];
/// Which interval timers run: ITIMER_REAL and the like.
bool timersRun[3];
bool otherTimersRun;  ///< Of timer_create.

/// What orders a handler after what came before: a word a signal.
char signalWords[NSIG];

Address wordOf(int signal) { return addressOf(&signalWords[signal]); }
bool valid(int signal) { return signal > 0 && signal < NSIG; }

void call(const Handler& handler, int signal, siginfo_t* info, void* context) {
  if ((handler.flags & SA_SIGINFO) != 0)
    handler.function(signal, info, context);
  else
    reinterpret_cast<void (*)(int)>(reinterpret_cast<void*>(handler.function))(signal);
}

/// A thread in a handler. If that interrupted a wait, the thread counts as awake until it waits the next time: whether the
/// wait goes on after the handler is not known here.
class InHandler {
 public:
  InHandler(Thread* self, int signal, const void* frame) : self_(self), depth_(self->handlerDepth),
        outerSignal_(self->handlerSignal), outerFrame_(self->handlerFrame),
        ignoreDepth_(self->ignoreDepth), ignoreSyncDepth_(self->ignoreSyncDepth) {
    if (!inSignalHandler(self)) depth_ = 0;  // Outer ones were jumped out of.
    if (self->wait.blocked) blockEnd(self);
    self->ignoreDepth = options.races ? 0 : 1;
    self->ignoreSyncDepth = 0;
    self->handlerDepth = depth_ + 1;
    self->handlerSignal = signal;
    self->handlerFrame = addressOf(frame);
  }
  ~InHandler() {
    self_->ignoreDepth = ignoreDepth_;
    self_->ignoreSyncDepth = ignoreSyncDepth_;
    self_->handlerDepth = depth_;
    self_->handlerSignal = outerSignal_;
    self_->handlerFrame = outerFrame_;
  }
  InHandler(const InHandler&) = delete;
  InHandler& operator=(const InHandler&) = delete;

 private:
  Thread* self_;
  std::uint32_t depth_;
  int outerSignal_;
  Address outerFrame_;
  std::uint32_t ignoreDepth_;  ///< What the interrupted code asked to ignore is not the handler's.
  std::uint32_t ignoreSyncDepth_;
};

/// What the kernel calls for every signal with a handler.
void deliver(int signal, siginfo_t* info, void* context) {
  const Handler handler{__atomic_load_n(&handlers[signal].function, __ATOMIC_ACQUIRE),
                        __atomic_load_n(&handlers[signal].flags, __ATOMIC_RELAXED)};
  if (handler.function == nullptr) return;
  Thread* self = ownThread == nullptr ? nullptr : currentThread();
  if (self == nullptr) {
    RuntimeScope unobserved;  // Too early or late in the thread's life, or in the middle of the runtime's own work.
    return call(handler, signal, info, context);
  }
  const int before = errno;
  {
    InHandler scope(self, signal, __builtin_frame_address(0));
    acquire(self, wordOf(signal));
    call(handler, signal, info, context);
  }
  if (errno == before) return;
  const int after = errno;
  reportErrnoChanged(self, signal, reinterpret_cast<Address>(handler.function));
  errno = after;
}

bool isOurs(const struct sigaction& action) { return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == deliver; }

/// `action` as the program knows it.
void translateBack(int signal, const Handler& handler, struct sigaction& action) {
  if (!isOurs(action)) return;
  if ((handler.flags & SA_SIGINFO) == 0) action.sa_flags &= ~SA_SIGINFO;
  action.sa_sigaction = handler.function;
}

bool callsFunction(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

/// Signal by signal; the lock of whoever changes dispositions at the same time is the kernel's.
template <class Install>
int install(int signal, const struct sigaction* wanted, struct sigaction* old, Install real) {
  Handler before = handlers[signal];
  struct sigaction ours;
  if (wanted != nullptr) {
    ours = *wanted;
    if (callsFunction(*wanted)) {
      if (Thread* self = currentThread()) release(self, wordOf(signal));
      __atomic_store_n(&handlers[signal].flags, wanted->sa_flags, __ATOMIC_RELAXED);
      __atomic_store_n(&handlers[signal].function, wanted->sa_sigaction, __ATOMIC_RELEASE);
      ours.sa_sigaction = deliver;
      ours.sa_flags |= SA_SIGINFO;
    }
  }
  struct sigaction found;
  int result = real(signal, wanted == nullptr ? nullptr : &ours, &found);
  if (result != 0) {
    handlers[signal] = before;
    return result;
  }
  if (old != nullptr) {
    translateBack(signal, before, found);
    *old = found;
  }
  return 0;
}

}  // namespace

bool handlerMayWake() {
  constexpr int kSignals[] = {SIGALRM, SIGVTALRM, SIGPROF};
  for (int i = 0; i < 3; ++i)
    if (__atomic_load_n(&timersRun[i], __ATOMIC_RELAXED) && handlers[kSignals[i]].function != nullptr) return true;
  return __atomic_load_n(&otherTimersRun, __ATOMIC_RELAXED);
}

bool inSignalHandler(const Thread* self) {
  constexpr Address kMostStack = 1 << 20;
  return self->handlerDepth != 0 && self->handlerFrame - addressOf(__builtin_frame_address(0)) < kMostStack;
}

}  // namespace deadheat::rt

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(int, sigaction, (int signal, const struct sigaction* wanted, struct sigaction* old)) {
  auto real = [](int number, const struct sigaction* action, struct sigaction* found) {
    return real_sigaction(number, action, found);
  };
  return valid(signal) ? install(signal, wanted, old, real) : real_sigaction(signal, wanted, old);
}

namespace {

sighandler_t installSimple(int signal, sighandler_t handler, int flags) {
  struct sigaction wanted {};
  struct sigaction old {};
  wanted.sa_handler = handler;
  wanted.sa_flags = flags;
  if (!valid(signal)) {
    errno = EINVAL;
    return SIG_ERR;
  }
  auto real = [](int number, const struct sigaction* action, struct sigaction* found) {
    return real_sigaction(number, action, found);
  };
  return install(signal, &wanted, &old, real) == 0 ? old.sa_handler : SIG_ERR;
}

}  // namespace

DEADHEAT_INTERCEPT(sighandler_t, signal, (int signal, sighandler_t handler)) {
  return installSimple(signal, handler, SA_RESTART);
}

DEADHEAT_INTERCEPT(sighandler_t, sysv_signal, (int signal, sighandler_t handler)) {
  return installSimple(signal, handler, static_cast<int>(SA_RESETHAND | SA_NODEFER));
}

DEADHEAT_INTERCEPT(sighandler_t, __sysv_signal, (int signal, sighandler_t handler)) {
  return installSimple(signal, handler, static_cast<int>(SA_RESETHAND | SA_NODEFER));
}

DEADHEAT_INTERCEPT(int, setitimer, (int which, const itimerval* wanted, itimerval* old)) {
  if (wanted != nullptr && which >= 0 && which < 3)
    __atomic_store_n(&timersRun[which], wanted->it_value.tv_sec != 0 || wanted->it_value.tv_usec != 0, __ATOMIC_RELAXED);
  return real_setitimer(which, wanted, old);
}

DEADHEAT_INTERCEPT(unsigned, alarm, (unsigned seconds)) {
  __atomic_store_n(&timersRun[ITIMER_REAL], seconds != 0, __ATOMIC_RELAXED);
  return real_alarm(seconds);
}

DEADHEAT_INTERCEPT(int, timer_settime, (void* timer, int flags, const itimerspec* wanted, itimerspec* old)) {
  if (wanted->it_value.tv_sec != 0 || wanted->it_value.tv_nsec != 0)
    __atomic_store_n(&otherTimersRun, true, __ATOMIC_RELAXED);
  return real_timer_settime(timer, flags, wanted, old);
}
