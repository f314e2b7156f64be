// What both programs of this folder share: timing work that threads do together, and printing it.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <functional>
#include <latch>
#include <numeric>
#include <thread>
#include <vector>

namespace cost {

/// Hides from the compiler what a pointer points to, so that loops over it stay as written.
template <class T>
T* opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}
inline void use(long value) { asm volatile("" : : "r"(value) : "memory"); }

inline double threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Processor seconds that `work(thread)` takes in each of `threads` threads, on average. They begin together. Processor
/// time and not the clock's, so that whatever else the machine does counts little.
inline double timed(int threads, const std::function<void(int)>& work) {
  std::latch ready(threads);
  std::vector<std::thread> all;
  std::vector<double> seconds(static_cast<std::size_t>(threads));
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      ready.arrive_and_wait();
      double begin = threadSeconds();
      work(t);
      seconds[static_cast<std::size_t>(t)] = threadSeconds() - begin;
    });
  for (std::thread& thread : all) thread.join();
  return std::accumulate(seconds.begin(), seconds.end(), 0.0) / threads;
}

inline long peakKilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// One line for the script: a row's name and its nanoseconds.
inline void print(const char* row, double nanoseconds) { std::printf("%s\t%.4f\n", row, nanoseconds); }

}  // namespace cost
