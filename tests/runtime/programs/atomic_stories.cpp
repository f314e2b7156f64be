// What atomic operations order, and what they do not, by the C++ memory model.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

int data;
thread_local volatile int seen;
std::atomic<int> flag;
std::atomic<int> turn;

void await(std::atomic<int>& what, int value, std::memory_order order) {
  while (what.load(order) < value) std::this_thread::yield();
}

/// `publish` after data was written; `receive` before it is read.
template <class Publish, class Receive>
void handOver(Publish publish, Receive receive) {
  std::thread writer([&] {
    data = 1;
    publish();
  });
  std::thread reader([&] {
    receive();
    data = 2;
  });
  writer.join();
  reader.join();
}

void releaseAcquire() {
  handOver([] { flag.store(1, memory_order_release); }, [] { await(flag, 1, memory_order_acquire); });
}
/// A read-modify-write that clang emits as one instruction its own instrumentation does not know.
int fetchMax(std::atomic<int>& what, int value, int order) {
#if defined(__clang__)
  return __atomic_fetch_max(reinterpret_cast<int*>(&what), value, order);
#else
  int old = what.load(memory_order_relaxed);
  while (!__atomic_compare_exchange_n(reinterpret_cast<int*>(&what), &old, old > value ? old : value, true, order,
                                      __ATOMIC_RELAXED)) {
  }
  return old;
#endif
}
void fetchMaxBothWays() {
  handOver([] { fetchMax(flag, 1, __ATOMIC_RELEASE); },
           [] { while (fetchMax(flag, 0, __ATOMIC_ACQUIRE) < 1) std::this_thread::yield(); });
}
void fetchMaxRelaxed() {
  handOver([] { fetchMax(flag, 1, __ATOMIC_RELAXED); },
           [] { while (fetchMax(flag, 0, __ATOMIC_ACQUIRE) < 1) std::this_thread::yield(); });
}
void sequential() {
  handOver([] { flag.store(1); }, [] { await(flag, 1, memory_order_seq_cst); });
}
void relaxedStore() {
  handOver([] { flag.store(1, memory_order_relaxed); }, [] { await(flag, 1, memory_order_acquire); });
}
void relaxedLoad() {
  handOver([] { flag.store(1, memory_order_release); }, [] { await(flag, 1, memory_order_relaxed); });
}
void releaseFence() {
  handOver(
      [] {
        std::atomic_thread_fence(memory_order_release);
        flag.store(1, memory_order_relaxed);
      },
      [] { await(flag, 1, memory_order_acquire); });
}
void acquireFence() {
  handOver([] { flag.store(1, memory_order_release); },
           [] {
             await(flag, 1, memory_order_relaxed);
             std::atomic_thread_fence(memory_order_acquire);
           });
}
void twoFences() {
  handOver(
      [] {
        std::atomic_thread_fence(memory_order_seq_cst);
        flag.store(1, memory_order_relaxed);
      },
      [] {
        await(flag, 1, memory_order_relaxed);
        std::atomic_thread_fence(memory_order_seq_cst);
      });
}
void fenceThatPublishesByExchange() {
  handOver(
      [] {
        std::atomic_thread_fence(memory_order_release);
        flag.fetch_add(1, memory_order_relaxed);
      },
      [] { await(flag, 1, memory_order_acquire); });
}
/// The write comes after the fence, so the fence does not cover it.
void fenceTooEarly() {
  std::thread writer([] {
    std::atomic_thread_fence(memory_order_release);
    data = 1;
    flag.store(1, memory_order_relaxed);
  });
  std::thread reader([] {
    await(flag, 1, memory_order_acquire);
    data = 2;
  });
  writer.join();
  reader.join();
}

/// A relaxed read-modify-write by a third thread continues the sequence.
void sequenceContinued() {
  std::thread third([] {
    await(flag, 1, memory_order_relaxed);
    flag.fetch_add(1, memory_order_relaxed);
  });
  handOver([] { flag.store(1, memory_order_release); }, [] { await(flag, 2, memory_order_acquire); });
  third.join();
}
/// A relaxed store by a third thread ends it.
void sequenceCut() {
  std::thread third([] {
    await(flag, 1, memory_order_relaxed);
    flag.store(2, memory_order_relaxed);
    turn.store(1, memory_order_relaxed);
  });
  handOver([] { flag.store(1, memory_order_release); },
           [] {
             await(turn, 1, memory_order_relaxed);
             await(flag, 2, memory_order_acquire);
           });
  third.join();
}

void exchangeBothWays() {
  handOver([] { flag.exchange(1, memory_order_acq_rel); },
           [] {
             int expected = 1;
             while (!flag.compare_exchange_weak(expected, 2, memory_order_acquire, memory_order_relaxed)) expected = 1;
           });
}
void failedExchangeAcquires() {
  handOver([] { flag.store(1, memory_order_release); },
           [] {
             int seen = 0;
             while (seen != 1) {
               seen = 5;
               flag.compare_exchange_strong(seen, 6, memory_order_acq_rel, memory_order_acquire);
             }
           });
}
void failedExchangeRelaxed() {
  handOver([] { flag.store(1, memory_order_release); },
           [] {
             int seen = 0;
             while (seen != 1) {
               seen = 5;
               flag.compare_exchange_strong(seen, 6, memory_order_acq_rel, memory_order_relaxed);
             }
           });
}
/// A compare-exchange that fails has written nothing: a plain read beside it is no race.
void failedExchangeIsARead() {
  static std::atomic<int> value{0};
  std::thread other([] {
    int expected = 5;
    value.compare_exchange_strong(expected, 6);
    turn.store(1, memory_order_relaxed);
  });
  await(turn, 1, memory_order_relaxed);
  data = *reinterpret_cast<volatile int*>(&value);
  other.join();
}
void doneExchangeIsAWrite() {
  static std::atomic<int> value{5};
  std::thread other([] {
    int expected = 5;
    value.compare_exchange_strong(expected, 6);
    turn.store(1, memory_order_relaxed);
  });
  await(turn, 1, memory_order_relaxed);
  data = *reinterpret_cast<volatile int*>(&value);
  other.join();
}

void spinLock() {
  std::atomic_flag lock = ATOMIC_FLAG_INIT;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&lock] {
      for (int i = 0; i < 1000; ++i) {
        while (lock.test_and_set(memory_order_acquire)) std::this_thread::yield();
        ++data;
        lock.clear(memory_order_release);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

struct Counted {
  std::atomic<int> references{4};
  int payload = 0;
};
/// The last one to let go deletes.
void letGo(Counted* counted) {
  if (counted->references.fetch_sub(1, memory_order_release) != 1) return;
  std::atomic_thread_fence(memory_order_acquire);
  delete counted;
}
void referenceCount() {
  for (int round = 0; round < 200; ++round) {
    auto* counted = new Counted;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([counted] {
        seen = counted->payload;
        letGo(counted);
      });
    for (std::thread& thread : threads) thread.join();
  }
}

/// Memory that held an atomic is used again: the old clock must be gone.
void clockOfAFormerObject() {
  alignas(8) static unsigned char place[8];
  auto* first = new (place) std::atomic<int>(0);
  std::thread writer([first] {
    data = 1;
    first->store(1, memory_order_release);
  });
  await(*first, 1, memory_order_relaxed);
  first->store(2, memory_order_relaxed);
  std::thread reader([first] {
    await(*first, 2, memory_order_acquire);
    data = 2;
  });
  writer.join();
  reader.join();
}

void check(bool right, const char* what) {
  if (right) return;
  std::printf("wrong: %s\n", what);
  std::abort();
}

template <class T>
void everyOperation() {
  T value = 5;
  auto load = [&] { return __atomic_load_n(&value, __ATOMIC_SEQ_CST); };
  check(__atomic_exchange_n(&value, T{12}, __ATOMIC_ACQ_REL) == 5 && load() == 12, "exchange");
  check(__atomic_fetch_add(&value, T{3}, __ATOMIC_RELAXED) == 12 && load() == 15, "add");
  check(__atomic_fetch_sub(&value, T{5}, __ATOMIC_RELEASE) == 15 && load() == 10, "sub");
  check(__atomic_fetch_and(&value, T{6}, __ATOMIC_ACQUIRE) == 10 && load() == 2, "and");
  check(__atomic_fetch_or(&value, T{9}, __ATOMIC_SEQ_CST) == 2 && load() == 11, "or");
  check(__atomic_fetch_xor(&value, T{3}, __ATOMIC_SEQ_CST) == 11 && load() == 8, "xor");
  check(__atomic_fetch_nand(&value, T{12}, __ATOMIC_SEQ_CST) == 8 && load() == static_cast<T>(~T{8}), "nand");
  __atomic_store_n(&value, T{7}, __ATOMIC_RELEASE);
  T expected = 6;
  check(!__atomic_compare_exchange_n(&value, &expected, T{9}, false, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE), "not equal");
  check(expected == 7, "expected takes the value");
  T allBits = static_cast<T>(~T{0});
  check(__atomic_compare_exchange_n(&value, &expected, allBits, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED), "equal");
  check(load() == allBits, "all bits");
}

void operations() {
  everyOperation<std::uint8_t>();
  everyOperation<std::uint16_t>();
  everyOperation<std::uint32_t>();
  everyOperation<std::uint64_t>();
}

}  // namespace

int main(int argc, char** argv) {
  static const Story stories[] = {
      {"releaseAcquire", releaseAcquire}, {"sequential", sequential}, {"relaxedStore", relaxedStore},
      {"relaxedLoad", relaxedLoad}, {"releaseFence", releaseFence}, {"acquireFence", acquireFence},
      {"twoFences", twoFences}, {"fenceThatPublishesByExchange", fenceThatPublishesByExchange},
      {"fenceTooEarly", fenceTooEarly}, {"sequenceContinued", sequenceContinued}, {"sequenceCut", sequenceCut},
      {"exchangeBothWays", exchangeBothWays}, {"failedExchangeAcquires", failedExchangeAcquires},
      {"failedExchangeRelaxed", failedExchangeRelaxed}, {"failedExchangeIsARead", failedExchangeIsARead},
      {"doneExchangeIsAWrite", doneExchangeIsAWrite}, {"spinLock", spinLock}, {"referenceCount", referenceCount},
      {"clockOfAFormerObject", clockOfAFormerObject}, {"operations", operations},
      {"fetchMaxBothWays", fetchMaxBothWays}, {"fetchMaxRelaxed", fetchMaxRelaxed},
  };
  return runStory(stories, argc, argv);
}
