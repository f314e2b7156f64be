// Handlers of signals: what they must not do, and what orders them.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "stories.h"

namespace {

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(number, &action, nullptr);
}

void* volatile block;

void allocates() {
  handle(SIGUSR1, [](int) { block = std::malloc(8); });
  raise(SIGUSR1);
}

void spoilsErrno() {
  handle(SIGUSR1, [](int) { errno = ENOSPC; });
  raise(SIGUSR1);
}

void keepsErrno() {
  handle(SIGUSR1, [](int) {
    int before = errno;
    errno = ENOSPC;
    errno = before;
  });
  raise(SIGUSR1);
}

volatile sig_atomic_t seen;
int set;

/// What was done before the handler was installed comes before it, in whatever thread it runs.
void installingOrders() {
  static std::atomic<bool> ready{false};
  std::thread waiter([] {
    ready.store(true, std::memory_order_relaxed);
    while (seen == 0) usleep(1000);
  });
  while (!ready.load(std::memory_order_relaxed)) usleep(1000);
  set = 7;
  handle(SIGUSR1, [](int) { seen = set; });
  pthread_kill(waiter.native_handle(), SIGUSR1);
  waiter.join();
}

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
volatile sig_atomic_t woken;

/// Everybody waits, but a timer's handler will wake the one.
void timerWakes() {
  handle(SIGALRM, [](int) {
    woken = 1;
    pthread_cond_signal(&condition);
  });
  itimerval soon{};
  soon.it_value.tv_usec = soon.it_interval.tv_usec = 20000;
  setitimer(ITIMER_REAL, &soon, nullptr);
  pthread_mutex_lock(&mutex);
  while (woken == 0) pthread_cond_wait(&condition, &mutex);
  pthread_mutex_unlock(&mutex);
  soon = {};
  setitimer(ITIMER_REAL, &soon, nullptr);
}

sigjmp_buf out;

/// After siglongjmp the thread is in no handler any more.
void jumpsOut() {
  handle(SIGUSR1, [](int) { siglongjmp(out, 1); });
  if (sigsetjmp(out, 1) == 0) raise(SIGUSR1);
  block = std::malloc(8);
  std::free(block);
}

/// Whoever asks is told of the program's own handler.
void handlerReadsBack() {
  auto own = [](int) {};
  handle(SIGUSR2, own);
  struct sigaction found {};
  sigaction(SIGUSR2, nullptr, &found);
  if (found.sa_handler != static_cast<void (*)(int)>(own) || (found.sa_flags & SA_SIGINFO) != 0) std::abort();
  if (signal(SIGUSR2, SIG_IGN) != static_cast<void (*)(int)>(own)) std::abort();
  if (signal(SIGUSR2, SIG_DFL) != SIG_IGN) std::abort();
}

const Story kStories[] = {
    {"allocates", allocates},   {"spoilsErrno", spoilsErrno}, {"keepsErrno", keepsErrno},
    {"installingOrders", installingOrders}, {"timerWakes", timerWakes},   {"jumpsOut", jumpsOut},
    {"handlerReadsBack", handlerReadsBack},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
