// The lock is one of the program's own, and one of two places goes without.
#include <atomic>
#include <mutex>
#include <thread>

class Spin {
 public:
  void lock() {
    while (!grab()) std::this_thread::yield();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  bool grab() { return !taken_.exchange(true, std::memory_order_acquire); }
  std::atomic<bool> taken_{false};
};

Spin spin;
int hits = 0;

void count() {
  std::lock_guard<Spin> guard(spin);
  ++hits;  // expect: data-race hits
}

void reset() { hits = 0; }

void twice() {
  spin.lock();
  count();  // expect: double-lock spin
  spin.unlock();
}

int main() {
  std::thread a(count), b(reset);
  a.join();
  b.join();
  std::thread c(twice);
  c.join();
}
