// Locks of one's own: by trying until it works, by a helper, and by tickets.
#include <atomic>
#include <mutex>
#include <thread>

class Spin {
 public:
  bool try_lock() { return !taken_.exchange(true, std::memory_order_acquire); }
  void lock() {
    while (!try_lock()) std::this_thread::yield();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

class Patient {
 public:
  void Lock() { wait(); }
  void Unlock() { word_.store(0); }

 private:
  bool swap() {
    int free = 0;
    return word_.compare_exchange_weak(free, 1);
  }
  void wait() {
    while (!swap()) std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
  std::atomic<int> word_{0};
};

class Tickets {
 public:
  void lock() {
    const unsigned mine = next_.fetch_add(1);
    while (serving_.load() != mine) {
    }
  }
  void unlock() { serving_.fetch_add(1); }

 private:
  std::atomic<unsigned> next_{0}, serving_{0};
};

Spin spin;
Patient patient;
Tickets tickets;
int spun = 0, waited = 0, served = 0, tried = 0;

void work() {
  for (int i = 0; i < 100; ++i) {
    {
      std::lock_guard<Spin> guard(spin);
      ++spun;
    }
    patient.Lock();
    ++waited;
    patient.Unlock();
    std::unique_lock<Tickets> turn(tickets);
    ++served;
    turn.unlock();
    if (spin.try_lock()) {
      ++tried;
      spin.unlock();
    }
  }
}

int main() {
  std::thread a(work), b(work);
  a.join();
  b.join();
  return spun + waited + served + tried > 0 ? 0 : 1;
}
