// The class waits once; the loop that tests the state is its caller's, who holds the lock.
#include <condition_variable>
#include <mutex>
#include <thread>

class Event {
 public:
  void wait(std::unique_lock<std::mutex>& lock) { changed_.wait(lock); }
  void signal() { changed_.notify_all(); }

 private:
  std::condition_variable changed_;
};

std::mutex g_mutex;
Event g_event;
bool g_ready = false;

void await() {
  std::unique_lock<std::mutex> lock(g_mutex);
  while (!g_ready) g_event.wait(lock);
}

int main() {
  std::thread waiter(await);
  {
    std::lock_guard<std::mutex> lock(g_mutex);
    g_ready = true;
  }
  g_event.signal();
  waiter.join();
  return 0;
}
