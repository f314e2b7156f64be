// A cache is warmed up by a thread of its own, for whose end the program waits before it serves.
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<int> g_entries = 0;

void warmUp() {
  for (int i = 0; i < 100; ++i) ++g_entries;
}

int main() {
  std::thread warmer(warmUp);
  warmer.join();
  const int entries = g_entries;
  std::printf("serving from %d entries\n", entries);
  return entries == 100 ? 0 : 1;
}
