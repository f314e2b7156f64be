// A class wraps a mutex, a condition waits with the mutex inside it, and attributes speak of the whole.
#include <condition_variable>
#include <mutex>

#define CAPABILITY __attribute__((capability("mutex")))
#define ACQUIRE __attribute__((acquire_capability()))
#define RELEASE __attribute__((release_capability()))
#define REQUIRES(x) __attribute__((requires_capability(x)))

class CAPABILITY Lock {
 public:
  void take() ACQUIRE { mutex_.lock(); }
  void give() RELEASE { mutex_.unlock(); }

 private:
  friend class Signal;
  std::mutex mutex_;
};

class Signal {
 public:
  explicit Signal(Lock* lock) : lock_(lock) {}
  void wait() {
    std::unique_lock<std::mutex> guard(lock_->mutex_, std::adopt_lock);
    condition_.wait(guard);
    guard.release();
  }
  void all() { condition_.notify_all(); }

 private:
  Lock* const lock_;
  std::condition_variable condition_;
};

class Buffer {
 public:
  Buffer() : filled_(&lock_) {}
  void put(int value) {
    lock_.take();
    value_ = value;
    full_ = true;
    filled_.all();
    lock_.give();
  }
  int get() {
    lock_.take();
    const int value = await();
    lock_.give();
    return value;
  }

 private:
  int await() REQUIRES(lock_) {
    while (!full_) filled_.wait();
    lock_.give();
    lock_.take();
    full_ = false;
    return value_;
  }

  Lock lock_;
  Signal filled_;
  int value_ = 0;
  bool full_ = false;
};

int main() {
  Buffer buffer;
  buffer.put(1);
  return buffer.get() == 1 ? 0 : 1;
}
