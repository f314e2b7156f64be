#include <condition_variable>
#include <mutex>
#include <thread>
#define CAPABILITY __attribute__((capability("mutex")))
#define ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define GUARDED_BY(x) __attribute__((guarded_by(x)))
class CAPABILITY Mutex {
 public:
  void lock() ACQUIRE() { mu_.lock(); }
  void unlock() RELEASE() { mu_.unlock(); }
 private:
  friend class Signal;
  std::mutex mu_;
};
class Signal {
 public:
  explicit Signal(Mutex* mu) : mu_(mu) {}
  void wait() {
    std::unique_lock<std::mutex> lock(mu_->mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  void raise() { cv_.notify_all(); }
 private:
  std::condition_variable cv_;
  Mutex* const mu_;
};
class Store {
 public:
  Store() : changed_(&mutex_), worker_([this] { work(); }) {}
  ~Store() { mutex_.lock(); stop_ = true; mutex_.unlock(); changed_.raise(); worker_.join(); }
  void put(int n) {
    mutex_.lock();
    makeRoom(n);
    used_ += n;
    changed_.raise();
    mutex_.unlock();
  }
 private:
  void makeRoom(int n) REQUIRES(mutex_) {
    bool once = true;
    while (used_ + n > 100) {
      if (once) {
        mutex_.unlock();
        std::this_thread::yield();
        once = false;
        mutex_.lock();
      } else if (stop_) {
        break;
      } else {
        changed_.wait();
      }
    }
  }
  void work() {
    mutex_.lock();
    while (!stop_) {
      flush();
      changed_.raise();
      changed_.wait();
    }
    mutex_.unlock();
  }
  void flush() REQUIRES(mutex_) {
    const int mine = used_;
    mutex_.unlock();
    for (int i = 0; i < mine; ++i) {
      if (urgent_) {
        mutex_.lock();
        used_ -= 1;
        mutex_.unlock();
      }
    }
    mutex_.lock();
    used_ -= mine;
  }
  Mutex mutex_;
  Signal changed_;
  int used_ GUARDED_BY(mutex_) = 0;
  bool stop_ GUARDED_BY(mutex_) = false;
  const bool urgent_ = false;
  std::thread worker_;
};
int main() {
  Store store;
  std::thread other([&] { store.put(5); });
  store.put(3);
  other.join();
}
