// One race, told, silenced, asked about; and misuse that is no lock's.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "stories.h"

extern "C" {
int __tsan_get_report_data(void* report, const char** kind, int* count, int* stacks, int* accesses, int* places,
                           int* locks, int* threads, int* unique, void** sleep, unsigned long sleepSize);
const char* __tsan_locate_address(void* address, char* name, size_t nameSize, void** begin, size_t* size);
void AnnotateIgnoreWritesBegin(const char* file, int line);

/// Called by the runtime.
void __tsan_on_report(void* report) {
  const char* kind = nullptr;
  int count, stacks, accesses, places, locks, threads, unique;
  void* sleep[1];
  __tsan_get_report_data(report, &kind, &count, &stacks, &accesses, &places, &locks, &threads, &unique, sleep, 1);
  std::printf("told of %s with %d accesses\n", kind, accesses);
  std::fflush(stdout);
}
}

int racyCounter;

__attribute__((noinline)) void bumpFirst() { *static_cast<volatile int*>(&racyCounter) = 1; }
__attribute__((noinline)) void bumpSecond() { *static_cast<volatile int*>(&racyCounter) = 2; }

namespace {

void pause() { usleep(50000); }

void race() {
  std::thread first(bumpFirst);
  pause();
  bumpSecond();
  first.join();
}

pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;

/// The earlier access held two locks that are free again when the later one comes.
void raceUnderLocks() {
  std::thread first([] {
    pthread_setname_np(pthread_self(), "careful");
    pthread_mutex_lock(&outer);
    pthread_mutex_lock(&inner);
    bumpFirst();
    pthread_mutex_unlock(&inner);
    pthread_mutex_unlock(&outer);
    pause();
  });
  usleep(20000);
  bumpSecond();
  first.join();
}

void* quiet(void*) { return nullptr; }

void leaksThreads() {
  pthread_t thread;
  for (int i = 0; i < 3; ++i) pthread_create(&thread, nullptr, quiet, nullptr);
  pause();
}

void detachesThreads() {
  pthread_t thread;
  for (int i = 0; i < 3; ++i) {
    pthread_create(&thread, nullptr, quiet, nullptr);
    pthread_detach(thread);
  }
  pause();
}

void endsIgnoring() {
  std::thread([] { AnnotateIgnoreWritesBegin(__FILE__, __LINE__); }).join();
}

void locksDestroyed() {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_destroy(&mutex);
  pthread_mutex_lock(&mutex);
}

/// Freed under the same lock that the user takes: ordered, and wrong all the same.
void usedAfterOrderedFree() {
  static int* block = new int(1);
  std::thread([] {
    pthread_mutex_lock(&outer);
    delete block;
    pthread_mutex_unlock(&outer);
  }).join();
  pthread_mutex_lock(&outer);
  *static_cast<volatile int*>(block) = 2;
  pthread_mutex_unlock(&outer);
}

std::atomic<int*> published;

/// Nothing orders the allocation before the other thread's write.
void handsOverFreshMemory() {
  std::thread writer([] {
    int* block = nullptr;
    while ((block = published.load(std::memory_order_relaxed)) == nullptr) sched_yield();
    *static_cast<volatile int*>(block) = 1;
  });
  published.store(static_cast<int*>(std::malloc(64)), std::memory_order_relaxed);
  writer.join();
}

void handsOverFreshMemoryInOrder() {
  std::thread writer([] {
    int* block = nullptr;
    while ((block = published.load(std::memory_order_acquire)) == nullptr) sched_yield();
    *static_cast<volatile int*>(block) = 1;
  });
  published.store(static_cast<int*>(std::malloc(64)), std::memory_order_release);
  writer.join();
}

/// The signaller may still be in the condition that goes away.
void conditionEndsInUse() {
  auto* condition = new pthread_cond_t;
  pthread_cond_init(condition, nullptr);
  std::thread signaller([condition] { pthread_cond_signal(condition); });
  pause();
  delete condition;
  signaller.join();
}

void locate() {
  static int variable;
  int local = 0;
  int* block = new int[5];
  void* addresses[] = {&variable, &local, block};
  for (void* address : addresses) {
    char name[64];
    void* begin = nullptr;
    size_t size = 0;
    const char* place = __tsan_locate_address(address, name, sizeof(name), &begin, &size);
    std::printf("%s of %d\n", place, begin == address ? static_cast<int>(size) : 0);
  }
  delete[] block;
}

struct Farewell {
  ~Farewell() { bumpSecond(); }
};

/// The destructor of a static object races; its stack tells how it came to be called.
void raceAtExit() {
  static Farewell farewell;
  std::thread(bumpFirst).detach();
  pause();
}

std::atomic<long> spun;

/// Children of processes with threads, made in ways that pthread_atfork does not hear of.
void clones() {
  std::atomic<bool> stop{false};
  std::thread spinner([&] {
    while (!stop) spun.fetch_add(1);
  });
  alignas(16) static char stack[1 << 16];
  for (int i = 0; i < 10; ++i) {
    int child = i % 2 == 0 ? vfork() : clone([](void*) -> int {
      for (int n = 0; n < 100; ++n) spun.fetch_add(1);
      _exit(3);
    }, stack + sizeof(stack), SIGCHLD, nullptr);
    if (child == 0) _exit(3);
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 3) std::abort();
  }
  stop = true;
  spinner.join();
}

const Story kStories[] = {
    {"race", race},
    {"raceUnderLocks", raceUnderLocks},
    {"leaksThreads", leaksThreads},
    {"detachesThreads", detachesThreads},
    {"endsIgnoring", endsIgnoring},
    {"locksDestroyed", locksDestroyed},
    {"usedAfterOrderedFree", usedAfterOrderedFree},
    {"handsOverFreshMemory", handsOverFreshMemory},
    {"handsOverFreshMemoryInOrder", handsOverFreshMemoryInOrder},
    {"conditionEndsInUse", conditionEndsInUse},
    {"locate", locate},
    {"raceAtExit", raceAtExit},
    {"clones", clones},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
