// A guard with a mode forgets its lock before it gives it back, and goes by a flag of its own how.
#include <cstdio>
#include <shared_mutex>
#include <thread>
#include <vector>

template <typename Mutex>
class ModeGuard {
 public:
  explicit ModeGuard(Mutex& mutex, bool writes = true) { take(mutex, writes); }
  ~ModeGuard() {
    if (mutex_) giveBack();
  }

  void take(Mutex& mutex, bool writes) {
    writes_ = writes;
    mutex_ = &mutex;
    if (writes) {
      mutex_->lock();
    } else {
      mutex_->lock_shared();
    }
  }

  void giveBack() {
    Mutex* mutex = mutex_;
    mutex_ = nullptr;
    if (writes_) {
      mutex->unlock();
    } else {
      mutex->unlock_shared();
    }
  }

 private:
  Mutex* mutex_ = nullptr;
  bool writes_ = false;
};

class Desk {
 public:
  int next() {
    ModeGuard<std::shared_mutex> guard(mutex_, false);
    return waiting_.empty() ? 0 : waiting_.back();
  }

  void serve() {
    while (int who = next()) {
      if (who > 3) remove(who);
      ++served_;
    }
  }

  void remove(int who) {
    mutex_.lock();
    if (!waiting_.empty() && waiting_.back() == who) waiting_.pop_back();
    mutex_.unlock();
  }

  void add(int who) {
    ModeGuard<std::shared_mutex> guard(mutex_);
    waiting_.push_back(who);
  }

 private:
  std::shared_mutex mutex_;
  std::vector<int> waiting_;
  int served_ = 0;
};

int main() {
  Desk desk;
  std::thread other([&desk] { desk.add(4); });
  desk.serve();
  other.join();
  std::printf("%d\n", desk.next());
}
