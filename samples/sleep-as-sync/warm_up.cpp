// verdict: suspected
// A cache is warmed up by a thread of its own. The program gives it a moment and takes for granted that it is done.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

std::atomic<int> g_entries = 0;

void warmUp() {
  for (int i = 0; i < 100; ++i) ++g_entries;  // allow: sleep-as-sync g_entries
}

int main() {
  std::thread warmer(warmUp);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // expect: sleep-as-sync g_entries
  const int entries = g_entries;  // allow: sleep-as-sync g_entries
  std::printf("serving from %d entries\n", entries);
  warmer.join();
  return entries == 100 ? 0 : 1;
}
