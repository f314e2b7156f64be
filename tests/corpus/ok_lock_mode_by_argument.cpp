// One guard for both modes: an argument says whether the lock is taken for reading or for changing.
#include <cstdio>
#include <shared_mutex>
#include <thread>

class ModeLock {
 public:
  explicit ModeLock(std::shared_mutex& mutex, bool changes = true) : mutex_(mutex), changes_(changes) {
    if (changes_)
      mutex_.lock();
    else
      mutex_.lock_shared();
  }
  ~ModeLock() {
    if (changes_)
      mutex_.unlock();
    else
      mutex_.unlock_shared();
  }

 private:
  std::shared_mutex& mutex_;
  const bool changes_;
};

class Demand {
 public:
  void add(int n) {
    ModeLock lock(mutex_);
    total_ += n;
  }
  int total() {
    ModeLock lock(mutex_, false);
    return total_;
  }

 private:
  std::shared_mutex mutex_;
  int total_ = 0;
};

int main() {
  Demand demand;
  std::thread other([&] { demand.add(2); });
  demand.add(3);
  other.join();
  std::printf("%d\n", demand.total());
}
