// Wait stories: threads that can never go on, and threads that look like it but can.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <latch>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

using namespace std::chrono_literals;

std::mutex m;
std::condition_variable cv;

void lostWakeUp() {
  std::thread([] { cv.notify_one(); }).join();
  std::unique_lock<std::mutex> lock(m);
  cv.wait(lock);
}

/// One notify for two waiters; the second waits for ever, and main for it.
void oneWakeUpTooFew() {
  static bool go = false;
  static std::atomic<int> waiting{0};
  auto wait = [] {
    std::unique_lock<std::mutex> lock(m);
    ++waiting;
    while (!go) cv.wait(lock);
  };
  std::thread one(wait), two(wait);
  while (waiting < 2) std::this_thread::yield();
  {
    std::lock_guard<std::mutex> lock(m);
    go = true;
  }
  cv.notify_one();
  one.join();
  two.join();
}

void lastThreadLeaves() {
  std::thread([] {
    std::unique_lock<std::mutex> lock(m);
    cv.wait(lock);
  }).detach();
  std::thread([] { std::this_thread::sleep_for(50ms); }).detach();
  pthread_exit(nullptr);
}

void joinWhileHolding() {
  std::unique_lock<std::mutex> lock(m);
  std::thread t([] { std::lock_guard<std::mutex> inner(m); });
  t.join();
}

void waitHoldingAnother() {
  static std::mutex outer;
  static bool ready = false;
  std::thread waiter([] {
    std::lock_guard<std::mutex> keep(outer);
    std::unique_lock<std::mutex> lock(m);
    while (!ready) cv.wait(lock);
  });
  std::this_thread::sleep_for(50ms);
  {
    std::lock_guard<std::mutex> blocked(outer);
    ready = true;
  }
  cv.notify_all();
  waiter.join();
}

/// The waiter is woken, but main never lets go of the mutex it has to take again.
void joinAfterNotify() {
  static bool go = false;
  static std::atomic<bool> waiting{false};
  std::thread waiter([] {
    std::unique_lock<std::mutex> lock(m);
    waiting = true;
    while (!go) cv.wait(lock);
  });
  while (!waiting) std::this_thread::yield();
  std::unique_lock<std::mutex> lock(m);
  go = true;
  cv.notify_one();
  waiter.join();
}

void semaphoreNeverPosted() {
  sem_t s;
  sem_init(&s, 0, 0);
  sem_wait(&s);
}

void barrierOfThree() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 3);
  std::thread t([&] { pthread_barrier_wait(&barrier); });
  pthread_barrier_wait(&barrier);
  t.join();
}

void promiseNeverKept() {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  future.wait();
}

void latchNeverOpened() {
  std::latch latch(2);
  std::thread t([&] { latch.arrive_and_wait(); });
  t.join();
}

struct Needs {
  Needs();
};
Needs& instance() {
  static Needs needs;
  return needs;
}
Needs::Needs() { instance(); }
void recursiveStatic() { instance(); }

/// Returns when `count` threads have come here.
void meet(std::atomic<int>& arrived, int count) {
  ++arrived;
  while (arrived < count) std::this_thread::yield();
}

/// Runs with its arguments one way round in a thread, and the other way round here.
template <class Cross, class T>
void bothWays(Cross cross, T& x, T& y) {
  std::thread t([&] { cross(x, y); });
  cross(y, x);
  t.join();
}

void readersThatWantToWrite() {
  static std::shared_mutex x, y;
  static std::atomic<int> arrived{0};
  bothWays(
      [](std::shared_mutex& mine, std::shared_mutex& theirs) {
        mine.lock_shared();
        meet(arrived, 2);
        theirs.lock();
      },
      x, y);
}

void crossedInitialisers() {
  static std::once_flag x, y;
  static std::atomic<int> arrived{0};
  bothWays(
      [](std::once_flag& mine, std::once_flag& theirs) {
        std::call_once(mine, [&] {
          meet(arrived, 2);
          std::call_once(theirs, [] {});
        });
      },
      x, y);
}

void asyncWantsTheLock() {
  std::lock_guard<std::mutex> lock(m);
  std::async(std::launch::async, [] { std::lock_guard<std::mutex> inner(m); }).get();
}

/// The thread's object is destroyed, so joined, before the lock is given back.
void destructorJoins() {
  std::lock_guard<std::mutex> lock(m);
  std::jthread t([] { std::lock_guard<std::mutex> inner(m); });
}

void atomicNeverNotified() {
  std::atomic<int> state{0};
  state.wait(0);
}

// ---- All of these end ------------------------------------------------------------------------------------------------

void pingPong() {
  sem_t ping, pong;
  sem_init(&ping, 0, 0);
  sem_init(&pong, 0, 0);
  std::thread t([&] {
    for (int i = 0; i < 3000; ++i) {
      sem_wait(&ping);
      sem_post(&pong);
    }
  });
  for (int i = 0; i < 3000; ++i) {
    sem_post(&ping);
    sem_wait(&pong);
  }
  t.join();
}

/// The notified thread always finds the mutex taken by the notifier, who is about to wait.
void conditionPingPong() {
  static int turn = 0;
  auto play = [](int me) {
    for (int i = 0; i < 2000; ++i) {
      std::unique_lock<std::mutex> lock(m);
      while (turn != me) cv.wait(lock);
      turn = 1 - me;
      cv.notify_one();
    }
  };
  std::thread other([=] { play(1); });
  play(0);
  other.join();
}

void queue() {
  static int items = 0;
  static bool closed = false;
  auto consume = [] {
    std::unique_lock<std::mutex> lock(m);
    for (;;) {
      while (items == 0 && !closed) cv.wait(lock);
      if (items == 0) return;
      --items;
    }
  };
  std::vector<std::thread> consumers;
  for (int i = 0; i < 4; ++i) consumers.emplace_back(consume);
  for (int i = 0; i < 3000; ++i) {
    std::lock_guard<std::mutex> lock(m);
    ++items;
    cv.notify_one();
  }
  {
    std::lock_guard<std::mutex> lock(m);
    closed = true;
  }
  cv.notify_all();
  for (std::thread& consumer : consumers) consumer.join();
}

void barrierRounds() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { for (int round = 0; round < 300; ++round) pthread_barrier_wait(&barrier); });
  for (std::thread& thread : threads) thread.join();
  pthread_barrier_destroy(&barrier);
}

void timedWait() {
  std::unique_lock<std::mutex> lock(m);
  cv.wait_for(lock, 50ms);
  std::timed_mutex t;
  t.lock();
  std::thread([&] { t.try_lock_for(20ms); }).join();
  t.unlock();
}

sem_t fromHandler;

void signalHandler() {
  sem_init(&fromHandler, 0, 0);
  signal(SIGALRM, [](int) { sem_post(&fromHandler); });
  alarm(1);
  while (sem_wait(&fromHandler) != 0) {
  }
}

void readsAPipe() {
  static int ends[2];
  if (pipe(ends) != 0) std::abort();
  static bool go = false;
  std::thread reader([] {
    char byte;
    if (read(ends[0], &byte, 1) != 1) std::abort();
    std::lock_guard<std::mutex> lock(m);
    go = true;
    cv.notify_all();
  });
  std::thread writer([] {
    std::this_thread::sleep_for(100ms);
    if (write(ends[1], "x", 1) != 1) std::abort();
  });
  {
    std::unique_lock<std::mutex> lock(m);
    while (!go) cv.wait(lock);
  }
  reader.join();
  writer.join();
}

void manyShortThreads() {
  for (int round = 0; round < 100; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([] { std::lock_guard<std::mutex> lock(m); });
    for (std::thread& thread : threads) thread.join();
  }
}

void cancelled() {
  pthread_t t;
  pthread_create(
      &t, nullptr,
      [](void*) -> void* {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t never = PTHREAD_COND_INITIALIZER;
        pthread_mutex_lock(&mutex);
        pthread_cleanup_push([](void* held) { pthread_mutex_unlock(static_cast<pthread_mutex_t*>(held)); }, &mutex);
        for (;;) pthread_cond_wait(&never, &mutex);
        pthread_cleanup_pop(1);
        return nullptr;
      },
      nullptr);
  std::this_thread::sleep_for(50ms);
  pthread_cancel(t);
  pthread_join(t, nullptr);
}

void forked() {
  std::thread t([] {
    for (int i = 0; i < 200; ++i) std::lock_guard<std::mutex> lock(m);
  });
  if (fork() == 0) {
    std::mutex own;
    std::thread child([&] { std::lock_guard<std::mutex> lock(own); });
    child.join();
    _exit(0);
  }
  t.join();
}

const Story kStories[] = {
    {"lostWakeUp", lostWakeUp}, {"oneWakeUpTooFew", oneWakeUpTooFew}, {"lastThreadLeaves", lastThreadLeaves},
    {"joinWhileHolding", joinWhileHolding}, {"waitHoldingAnother", waitHoldingAnother},
    {"joinAfterNotify", joinAfterNotify},
    {"semaphoreNeverPosted", semaphoreNeverPosted}, {"barrierOfThree", barrierOfThree},
    {"promiseNeverKept", promiseNeverKept}, {"latchNeverOpened", latchNeverOpened},
    {"readersThatWantToWrite", readersThatWantToWrite}, {"crossedInitialisers", crossedInitialisers},
    {"asyncWantsTheLock", asyncWantsTheLock}, {"destructorJoins", destructorJoins},
    {"atomicNeverNotified", atomicNeverNotified},
    {"recursiveStatic", recursiveStatic}, {"pingPong", pingPong}, {"conditionPingPong", conditionPingPong},
    {"queue", queue},
    {"barrierRounds", barrierRounds}, {"timedWait", timedWait}, {"signalHandler", signalHandler},
    {"readsAPipe", readsAPipe}, {"manyShortThreads", manyShortThreads}, {"cancelled", cancelled}, {"forked", forked},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
