// All workers wait for the end, and one of them is told.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

std::mutex g_mutex;
std::condition_variable g_changed;
bool g_stop = false;

void worker() {
  std::unique_lock<std::mutex> lock(g_mutex);
  g_changed.wait(lock, [] { return g_stop; });
}

int main() {
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i) workers.emplace_back(worker);
  {
    std::lock_guard<std::mutex> lock(g_mutex);
    g_stop = true;
  }
  g_changed.notify_one();  // expect: lost-wakeup g_changed
  for (std::thread& thread : workers) thread.join();
  return 0;
}
