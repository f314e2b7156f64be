// Misuse of locks, conditions, semaphores, barriers and threads beside its nearest correct use.
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <mutex>
#include <new>
#include <thread>

#include "stories.h"

namespace {

pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t c = PTHREAD_COND_INITIALIZER;
bool inside, go;

/// A thread of its own that is never waited for.
void apart(std::function<void()> body) { std::thread(std::move(body)).detach(); }

/// Returns once another thread waits for `condition` with m; nobody has to wake it.
void letWaiterIn(pthread_cond_t* condition) {
  apart([condition] {
    pthread_mutex_lock(&m);
    inside = true;
    while (!go) pthread_cond_wait(condition, &m);
    pthread_mutex_unlock(&m);
  });
  for (bool seen = false; !seen; usleep(1000)) {
    pthread_mutex_lock(&m);
    seen = inside;
    pthread_mutex_unlock(&m);
  }
}

timespec in(long milliseconds) {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += milliseconds * 1000000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

/// Runs while another thread holds `mutex`.
template <class Body>
void whileHeldElsewhere(pthread_mutex_t* mutex, Body body) {
  std::atomic<bool> held{false}, done{false};
  std::thread holder([&] {
    pthread_mutex_lock(mutex);
    held = true;
    while (!done) usleep(1000);
    pthread_mutex_unlock(mutex);
  });
  while (!held) usleep(1000);
  body(done);
  done = true;
  holder.join();
}

std::atomic<bool> sleeperMayEnd;

/// A thread that lives until sleeperMayEnd.
pthread_t sleeper() {
  pthread_t thread;
  auto sleep = [](void*) -> void* {
    while (!sleeperMayEnd) usleep(1000);
    return nullptr;
  };
  if (pthread_create(&thread, nullptr, sleep, nullptr) != 0) std::abort();
  return thread;
}

void waitFor(int milliseconds, pthread_mutex_t* mutex) {
  timespec until = in(milliseconds);
  pthread_cond_timedwait(&c, mutex, &until);
}

// ---- Ended while waited for -------------------------------------------------------------------------------------

void conditionDestroyed() {
  letWaiterIn(&c);
  pthread_cond_destroy(&c);
}

void conditionFreed() {
  void* memory = std::malloc(sizeof(pthread_cond_t));
  letWaiterIn(new (memory) pthread_cond_t(PTHREAD_COND_INITIALIZER));
  std::free(memory);
}

void semaphoreDestroyed() {
  static sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  apart([] { sem_wait(&semaphore); });
  usleep(500000);
  sem_destroy(&semaphore);
}

void barrierDestroyed() {
  static pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  apart([] { pthread_barrier_wait(&barrier); });
  usleep(500000);
  pthread_barrier_destroy(&barrier);
}

/// Who was woken is not in the way, even before it has run.
void destroyedOnceWoken() {
  for (int round = 0; round < 100; ++round) {
    pthread_cond_t* own = new pthread_cond_t(PTHREAD_COND_INITIALIZER);
    bool ready = false;
    int waiting = 0;
    auto wait = [&] {
      pthread_mutex_lock(&m);
      ++waiting;
      while (!ready) pthread_cond_wait(own, &m);
      pthread_mutex_unlock(&m);
    };
    std::thread one(wait), two(wait);
    for (bool all = false; !all; sched_yield()) {
      pthread_mutex_lock(&m);
      if ((all = waiting == 2)) {
        ready = true;
        pthread_cond_broadcast(own);
        pthread_cond_destroy(own);
      }
      pthread_mutex_unlock(&m);
    }
    one.join();
    two.join();
    delete own;
  }
}

// ---- Conditions and their mutexes ---------------------------------------------------------------------------------

void waitUnlocked() {
  waitFor(20, &m);
  pthread_mutex_unlock(&m);
}

/// Another thread holds the mutex, and not the one that waits.
void waitWithAnothersLock() {
  whileHeldElsewhere(&m, [](std::atomic<bool>& done) {
    std::thread later([&] {
      usleep(100000);
      done = true;
    });
    waitFor(20, &m);
    pthread_mutex_unlock(&m);
    later.join();
  });
}

void twoMutexes() {
  letWaiterIn(&c);
  pthread_mutex_lock(&other);
  waitFor(20, &other);
  pthread_mutex_unlock(&other);
}

void twoMutexesInTurn() {
  for (pthread_mutex_t* mutex : {&m, &other, &m}) {
    pthread_mutex_lock(mutex);
    waitFor(5, mutex);
    pthread_mutex_unlock(mutex);
  }
}

// ---- Not a mutex ----------------------------------------------------------------------------------------------------

void copiedWhileLocked() {
  pthread_mutex_lock(&m);
  pthread_mutex_t copy;
  std::memcpy(&copy, &m, sizeof(copy));
  pthread_mutex_lock(&copy);
}

void copiedFromEndedThread() {
  static pthread_mutex_t copy;
  std::thread([] {
    pthread_mutex_lock(&m);
    std::memcpy(&copy, &m, sizeof(copy));
    pthread_mutex_unlock(&m);
  }).join();
  pthread_mutex_lock(&copy);
}

void onlyItsWordSet() {
  void* memory = std::calloc(1, sizeof(pthread_mutex_t));
  std::memset(memory, 0xa5, sizeof(int));
  pthread_mutex_lock(static_cast<pthread_mutex_t*>(memory));
}

// ---- Held when its frame or main() returns --------------------------------------------------------------------------

__attribute__((noinline)) void lockInFrame() {
  std::mutex own;
  own.lock();
}
__attribute__((noinline)) void lockAndUnlockInFrame() {
  std::mutex own;
  own.lock();
  own.unlock();
}
void frameEndsHolding() {
  lockInFrame();
  pthread_mutex_lock(&m);
  pthread_mutex_unlock(&m);
}
/// The second mutex lies where the first did.
void framesAfterEachOther() {
  lockInFrame();
  lockAndUnlockInFrame();
}
void callerHoldsItsOwn() {
  std::mutex own;
  own.lock();
  lockAndUnlockInFrame();
  pthread_mutex_lock(&m);
  pthread_mutex_unlock(&m);
  own.unlock();
}
void mainReturnsHolding() { pthread_mutex_lock(&m); }

void neverInitialised() {
  auto* mutex = static_cast<pthread_mutex_t*>(std::malloc(sizeof(pthread_mutex_t)));
  std::memset(static_cast<void*>(mutex), 0xa5, sizeof(*mutex));
  if (pthread_mutex_lock(mutex) == 0) std::abort();
  std::free(mutex);
}

void usedAfterDestruction() {
  pthread_mutex_t own;
  pthread_mutex_init(&own, nullptr);
  pthread_mutex_destroy(&own);
  if (pthread_mutex_lock(&own) == 0) std::abort();
}

// ---- Threads --------------------------------------------------------------------------------------------------------

void* nothing(void*) { return nullptr; }

pthread_t made(const pthread_attr_t* attributes = nullptr) {
  pthread_t thread;
  if (pthread_create(&thread, attributes, nothing, nullptr) != 0) std::abort();
  return thread;
}

void joinTwice() {
  pthread_t thread = made();
  pthread_join(thread, nullptr);
  pthread_join(thread, nullptr);
}

/// The C library gives a joined thread's handle to the next that is created, whoever creates it.
void joinedByMany() {
  std::vector<std::thread> parents;
  for (int i = 0; i < 6; ++i)
    parents.emplace_back([] {
      for (int j = 0; j < 400; ++j) pthread_join(made(), nullptr);
    });
  for (std::thread& parent : parents) parent.join();
}

void joinedByTwo() {
  pthread_t thread = sleeper();
  std::thread first([=] { pthread_join(thread, nullptr); });
  usleep(300000);
  if (pthread_join(thread, nullptr) == 0) std::abort();
  sleeperMayEnd = true;
  first.join();
}

void joinDetached() {
  pthread_t thread = sleeper();
  pthread_detach(thread);
  if (pthread_join(thread, nullptr) == 0) std::abort();
  sleeperMayEnd = true;
}

void leaked() {
  made();
  usleep(100000);
}

void bornDetached() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 20; ++i) made(&attributes);
  pthread_attr_destroy(&attributes);
  usleep(100000);
}

// ---- Fork -----------------------------------------------------------------------------------------------------------

/// Exit code of a child that runs `body`.
template <class Body>
int inChild(Body body) {
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void heldAcrossFork() {
  whileHeldElsewhere(&m, [](std::atomic<bool>&) { std::printf("child %d\n", inChild([] { pthread_mutex_lock(&m); })); });
}

/// Other threads' locks that the child makes anew do no harm, and those the forking thread holds are its own.
void ownLockAcrossFork() {
  whileHeldElsewhere(&other, [](std::atomic<bool>&) {
    pthread_mutex_lock(&m);
    int code = inChild([] {
      pthread_mutex_unlock(&m);
      pthread_mutex_lock(&m);
      pthread_mutex_unlock(&m);
      pthread_mutex_init(&other, nullptr);
      pthread_mutex_lock(&other);
      pthread_mutex_unlock(&other);
    });
    pthread_mutex_unlock(&m);
    if (code != 0) std::abort();
  });
}

const Story kStories[] = {
    {"conditionDestroyed", conditionDestroyed}, {"conditionFreed", conditionFreed},
    {"semaphoreDestroyed", semaphoreDestroyed}, {"barrierDestroyed", barrierDestroyed},
    {"destroyedOnceWoken", destroyedOnceWoken}, {"waitUnlocked", waitUnlocked},
    {"waitWithAnothersLock", waitWithAnothersLock}, {"twoMutexes", twoMutexes},
    {"twoMutexesInTurn", twoMutexesInTurn}, {"copiedWhileLocked", copiedWhileLocked},
    {"copiedFromEndedThread", copiedFromEndedThread}, {"neverInitialised", neverInitialised},
    {"onlyItsWordSet", onlyItsWordSet}, {"frameEndsHolding", frameEndsHolding},
    {"framesAfterEachOther", framesAfterEachOther}, {"callerHoldsItsOwn", callerHoldsItsOwn},
    {"mainReturnsHolding", mainReturnsHolding}, {"usedAfterDestruction", usedAfterDestruction}, {"joinTwice", joinTwice},
    {"joinedByMany", joinedByMany}, {"joinedByTwo", joinedByTwo},
    {"joinDetached", joinDetached}, {"leaked", leaked}, {"bornDetached", bornDetached},
    {"heldAcrossFork", heldAcrossFork}, {"ownLockAcrossFork", ownLockAcrossFork},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
