// Built so that only accesses at the places in targeted_places.json are instrumented: line 100 of places.cpp, 200, and
// so on, which `#line` makes of the statements below that are listed. There is no fence in the program.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "stories.h"

long listed, unlisted;  // Known outside, so that nobody takes what is written to them for unread.
char bytes[64];

namespace {

std::atomic<int> flag;

/// Two threads that nothing orders; the second waits for the first all the same, so that the races are always the same.
template <class First, class Second>
void together(First first, Second second) {
  std::atomic<bool> done = false;
  std::thread a([&] {
    first();
    done.store(true, std::memory_order_relaxed);
  });
  std::thread b([&] {
    while (!done.load(std::memory_order_relaxed)) std::this_thread::yield();
    second();
  });
  a.join();
  b.join();
}

__attribute__((noinline)) void writeListed() {
#line 100 "places.cpp"
  ++listed;
#line 101 "others.cpp"
}
__attribute__((noinline)) void writeUnlisted() { ++unlisted; }
__attribute__((noinline)) void callsListed() {
  writeListed();
  writeUnlisted();  // So that the call is not the last thing done.
}

void listedRace() { together(callsListed, callsListed); }
void unlistedRace() { together(writeUnlisted, writeUnlisted); }
void listedWithUnlisted() {
  together(writeListed, [] { std::printf("%ld\n", listed); });
}

void await(int value, std::memory_order order) {
  while (flag.load(order) < value) std::this_thread::yield();
}
void releaseElsewhereOrders() {
  together([] { writeListed(), flag.store(1, std::memory_order_release); },
           [] { await(1, std::memory_order_acquire), writeListed(); });
}
void updatesElsewhereOrder() {
  together([] { writeListed(), flag.fetch_add(1); },
           [] {
             while (flag.fetch_or(0) == 0) std::this_thread::yield();
             writeListed();
           });
}
void exchangeElsewhereOrders() {
  together([] { writeListed(), flag.store(1, std::memory_order_release); },
           [] {
             int expected = 1;
             while (!flag.compare_exchange_weak(expected, 2)) expected = 1;
             writeListed();
           });
}
/// The update continues the release sequence, told of or not.
void relaxedUpdateBetween() {
  together(
      [] { writeListed(), flag.store(1, std::memory_order_release), flag.fetch_add(1, std::memory_order_relaxed); },
      [] { await(2, std::memory_order_acquire), writeListed(); });
}
void relaxedOrdersNothing() {
  together([] { writeListed(), flag.store(1, std::memory_order_relaxed); },
           [] { await(1, std::memory_order_relaxed), writeListed(); });
}
void lockElsewhereOrders() {
  static std::mutex lock;
  auto work = [] {
    std::lock_guard<std::mutex> guard(lock);
    writeListed();
  };
  together(work, work);
}

__attribute__((noinline)) void writeBlock(long* block) {
#line 200 "places.cpp"
  *block = 1;
#line 201 "others.cpp"
}
/// The allocator gives memory from one thread to another, in an order that it alone knows.
void memoryIsUsedAgain() {
  auto work = [] {
    for (int i = 0; i < 2000; ++i) {
      auto* block = static_cast<long*>(std::malloc(40 + i % 3000));
      writeBlock(block);
      std::free(block);
      if (i % 100 == 0) std::thread([] { std::free(std::malloc(100)); }).join();
    }
  };
  together(work, work);
}
void usedAfterFree() {
  auto* block = static_cast<long*>(std::malloc(8 * sizeof(long)));
  long* last = block + 7;  // The allocator keeps lists in the first.
  writeBlock(last);
  std::thread([&] { std::free(block); }).join();
  writeBlock(last);
}

std::vector<int> numbers;
void pushListed() {
#line 300 "places.cpp"
  numbers.push_back(1);
#line 301 "others.cpp"
}
void pushUnlisted() { numbers.push_back(1); }
/// The library's code that a listed place calls is instrumented, for its sake alone.
void libraryFromListed() {
  numbers.reserve(8);
  together(pushListed, pushListed);
}
void libraryFromUnlisted() {
  numbers.reserve(8);
  together(pushUnlisted, pushUnlisted);
}

void fillListed() {
#line 400 "places.cpp"
  std::memset(bytes, 1, sizeof(bytes));
#line 401 "others.cpp"
}
void fillUnlisted() { std::memset(bytes, 1, sizeof(bytes)); }
void memsetFromListed() { together(fillListed, fillListed); }
void memsetFromUnlisted() { together(fillUnlisted, fillUnlisted); }

}  // namespace

int main(int argc, char** argv) {
  static const Story stories[] = {
      {"listedRace", listedRace},
      {"unlistedRace", unlistedRace},
      {"listedWithUnlisted", listedWithUnlisted},
      {"releaseElsewhereOrders", releaseElsewhereOrders},
      {"updatesElsewhereOrder", updatesElsewhereOrder},
      {"exchangeElsewhereOrders", exchangeElsewhereOrders},
      {"relaxedUpdateBetween", relaxedUpdateBetween},
      {"relaxedOrdersNothing", relaxedOrdersNothing},
      {"lockElsewhereOrders", lockElsewhereOrders},
      {"memoryIsUsedAgain", memoryIsUsedAgain},
      {"usedAfterFree", usedAfterFree},
      {"libraryFromListed", libraryFromListed},
      {"libraryFromUnlisted", libraryFromUnlisted},
      {"memsetFromListed", memsetFromListed},
      {"memsetFromUnlisted", memsetFromUnlisted},
  };
  return runStory(stories, argc, argv);
}
