// Fibers whose library is not instrumented (library.h).
#include <mutex>
#include <thread>
#include <vector>

#include "hidden/library.h"
#include "stories.h"

namespace {

using hidden::context;
using hidden::mutex;
using hidden::yield;

std::atomic<int> left;
/// Nothing is in order by it.
void ends() { left.fetch_sub(1, std::memory_order_relaxed); }
bool nobodyLeft() { return left.load(std::memory_order_relaxed) == 0; }

void carryWith(int threads) {
  std::vector<std::thread> carriers;
  for (int i = 0; i < threads; ++i) carriers.emplace_back([] { hidden::carryUntil(nobodyLeft); });
  for (std::thread& carrier : carriers) carrier.join();
}

template <class Body>
context* start(Body) {
  left.fetch_add(1, std::memory_order_relaxed);
  return hidden::start(
      [](void*) {
        Body()();
        ends();
      },
      nullptr);
}

mutex first, second;
int shared;
[[gnu::noinline]] void bump() { ++shared; }

/// So many fibers have each other's company before they go on, and so are on as many threads.
std::atomic<int> arrived;
void meet(int count = 2) {
  arrived.fetch_add(1, std::memory_order_relaxed);
  while (arrived.load(std::memory_order_relaxed) < count) std::this_thread::yield();
}

void guarded() {
  for (int i = 0; i < 6; ++i)
    start([] {
      meet(3);
      for (int k = 0; k < 50; ++k) {
        std::lock_guard<mutex> guard(first);
        bump();
        if (k % 5 == 0) k % 2 == 0 ? yield() : hidden::yieldLocked();
      }
    });
  carryWith(3);
  std::printf("%d\n", shared);
}

void unguarded() {
  for (int i = 0; i < 2; ++i)
    start([] {
      meet();
      bump();
      yield();
      bump();
    });
  carryWith(2);
}

/// What was done before a fiber was started, by a thread that is none of its carriers.
void startedInOrder() {
  left = 1;
  std::vector<std::thread> carriers;
  for (int i = 0; i < 2; ++i) carriers.emplace_back([] { hidden::carryUntil(nobodyLeft); });
  for (int i = 0; i < 20; ++i) {
    shared = i;
    context* fiber = start([] { bump(); });
    fiber->join();
    if (shared != i + 1) std::puts("wrong");
  }
  ends();
  for (std::thread& carrier : carriers) carrier.join();
}

void oppositeOrders() {
  start([] {
    std::lock_guard<mutex> outer(first);
    std::lock_guard<mutex> inner(second);
  });
  std::thread one([] { hidden::carryUntil(nobodyLeft); });
  one.join();
  start([] {
    std::lock_guard<mutex> outer(second);
    std::lock_guard<mutex> inner(first);
  });
  std::thread other([] { hidden::carryUntil(nobodyLeft); });
  other.join();
}
/// The same, but so that the threads could meet.
void oppositeOrdersAtOnce() {
  start([] {
    {
      std::lock_guard<mutex> outer(first);
      std::lock_guard<mutex> inner(second);
    }
    meet();
  });
  start([] {
    while (arrived.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
    {
      std::lock_guard<mutex> outer(second);
      std::lock_guard<mutex> inner(first);
    }
    meet();
  });
  carryWith(2);
}

/// A lock that a fiber holds is none of the fiber's that its carrier runs meanwhile.
void heldWhileOthersRun() {
  auto holds = [] {
    std::lock_guard<mutex> guard(first);
    for (int i = 0; i < 10; ++i) yield();
  };
  auto takes = [] {
    for (int i = 0; i < 10; ++i) {
      std::lock_guard<mutex> guard(second);
      yield();
    }
  };
  start(holds);
  start(takes);
  std::thread carrier([] { hidden::carryUntil(nobodyLeft); });
  carrier.join();
  start(takes);
  start(holds);
  start(takes);
  carryWith(3);
}

const Story kStories[] = {
    {"guarded", guarded},
    {"unguarded", unguarded},
    {"startedInOrder", startedInOrder},
    {"oppositeOrders", oppositeOrders},
    {"oppositeOrdersAtOnce", oppositeOrdersAtOnce},
    {"heldWhileOthersRun", heldWhileOthersRun},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
