// What a point of a controlled run costs: `points MODE THREADS OPERATIONS`, each thread making OPERATIONS operations.
//
// own: plain accesses to memory of each thread's own.
// stay: atomic additions to one word.
// switch: threads hand the turn to each other by sched_yield (a point with a switch).
// work: a mix as programs are, one lock in a hundred accesses to shared memory.
#include <sched.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::atomic<long> shared;
std::mutex lock;
long table[512];

void own(long operations) {
  volatile long mine[64] = {};
  for (long i = 0; i < operations; ++i) mine[i % 64] = i;
}

void stay(long operations) {
  for (long i = 0; i < operations; ++i) shared.fetch_add(1, std::memory_order_relaxed);
}

void switchTurns(long operations) {
  for (long i = 0; i < operations; ++i) sched_yield();
}

void work(long operations) {
  for (long i = 0; i < operations; i += 100) {
    std::lock_guard<std::mutex> guard(lock);
    for (int j = 0; j < 100; ++j) table[(i + j) % 512] += j;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return std::puts("usage: points own|stay|switch|work THREADS OPERATIONS"), 64;
  const char* mode = arguments[1];
  const long operations = std::atol(arguments[3]);
  auto body = std::strcmp(mode, "own") == 0      ? own
              : std::strcmp(mode, "stay") == 0   ? stay
              : std::strcmp(mode, "switch") == 0 ? switchTurns
                                                 : work;
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(arguments[2]); ++i) threads.emplace_back(body, operations);
  for (std::thread& thread : threads) thread.join();
}
