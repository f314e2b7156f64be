// Stories for controlled runs: what shows only under some schedules, and what would take for ever without control.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

using namespace std::chrono_literals;

std::mutex m;
std::condition_variable cv;

/// Two read-modify-writes that lose one another only if one falls into the other.
void lostUpdate() {
  std::atomic<int> hits{0};
  std::thread t([&] { hits.store(hits.load() + 1); });
  hits.store(hits.load() + 1);
  t.join();
  if (hits.load() != 2) std::abort();
}

/// The same on memory without any synchronisation.
void plainLostUpdate() {
  static int hits = 0;
  std::thread t([] { hits = hits + 1; });
  hits = hits + 1;
  t.join();
  if (hits != 2) std::abort();
}

/// Both sections are locked; what goes wrong lies between them.
void twoSections() {
  static int seats = 1, sold = 0;
  auto sell = [] {
    bool free;
    {
      std::lock_guard<std::mutex> lock(m);
      free = seats > sold;
    }
    if (!free) return;
    std::lock_guard<std::mutex> lock(m);
    ++sold;
  };
  std::thread t(sell);
  sell();
  t.join();
  if (sold > seats) std::abort();
}

void hoursOfSleep() {
  std::thread t([] { std::this_thread::sleep_for(30h); });
  std::this_thread::sleep_for(20h);
  t.join();
}

void timeIsOver() {
  std::unique_lock<std::mutex> lock(m);
  auto start = std::chrono::steady_clock::now();
  if (cv.wait_for(lock, 1h) != std::cv_status::timeout) std::abort();
  if (std::chrono::steady_clock::now() - start < 1h) std::abort();
}

void waitsForAClock() {
  auto end = std::chrono::system_clock::now() + 1ms;
  while (std::chrono::system_clock::now() < end) {
  }
}

/// Neither spinner may keep the third thread from its turn.
void spinners() {
  static std::atomic<bool> go{false};
  static volatile bool plainGo = false;
  std::thread a([] {
    while (!go.load()) {
    }
  });
  std::thread b([] {
    while (!go.load()) std::this_thread::yield();
  });
  std::thread c([] {
    while (!plainGo) {
    }
  });
  plainGo = true;
  go.store(true);
  a.join();
  b.join();
  c.join();
}

void neverGetsAnywhere() {
  static std::atomic<int> turn{0};
  std::thread t([] {
    while (turn.load() != 3) turn.store(1);
  });
  while (turn.load() != 3) turn.store(2);
  t.join();
}

/// Two wait; the first who is woken says who it was.
void whoIsWoken() {
  static int first = 0, waiting = 0;
  static bool woken = false;
  auto wait = [](int who) {
    std::unique_lock<std::mutex> lock(m);
    ++waiting;
    cv.wait(lock, [] { return woken; });
    if (first == 0) first = who;
    cv.notify_one();
  };
  std::thread a(wait, 1), b(wait, 2);
  for (bool both = false; !both;) {
    std::lock_guard<std::mutex> lock(m);
    both = waiting == 2;
  }
  {
    std::lock_guard<std::mutex> lock(m);
    woken = true;
  }
  cv.notify_one();
  a.join();
  b.join();
  std::printf("first %d\n", first);
}

/// main ends while the other still runs, or not.
void mainEndsFirst() {
  static int done = 0;
  std::thread([] { done = 1; }).detach();
  std::atexit([] { std::printf("done %d\n", done); });
}

void crashes() {
  static int value = 0;
  static std::atomic<int*> pointer{&value};
  std::thread t([] { pointer.store(nullptr); });
  *pointer.load() = 1;
  t.join();
}

/// Every thread adds under the lock; a schedule of many steps.
void manyThreads() {
  static int sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 200; ++i)
    threads.emplace_back([] {
      for (int k = 0; k < 10; ++k) {
        std::lock_guard<std::mutex> lock(m);
        ++sum;
      }
    });
  for (std::thread& thread : threads) thread.join();
  if (sum != 2000) std::abort();
}

const Story kStories[] = {
    {"lostUpdate", lostUpdate}, {"plainLostUpdate", plainLostUpdate}, {"twoSections", twoSections},
    {"hoursOfSleep", hoursOfSleep}, {"timeIsOver", timeIsOver}, {"waitsForAClock", waitsForAClock},
    {"spinners", spinners}, {"neverGetsAnywhere", neverGetsAnywhere}, {"whoIsWoken", whoIsWoken},
    {"mainEndsFirst", mainEndsFirst}, {"crashes", crashes}, {"manyThreads", manyThreads},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
