// A thread that works once a second until it is told to stop does not sleep to wait for anybody.
#include <atomic>
#include <chrono>
#include <thread>

std::atomic<bool> g_stop = false;
std::atomic<int> g_reports = 0;

void report() { ++g_reports; }

void reporter() {
  while (!g_stop) {
    report();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int main() {
  std::thread thread(reporter);
  g_stop = true;
  thread.join();
  return g_reports >= 0 ? 0 : 1;
}
