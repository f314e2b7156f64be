// Abseil: a field that its attribute says is guarded, read after the lock was released early.
#include <absl/synchronization/mutex.h>

#include <thread>

class Gauge {
 public:
  void set(int level) {
    absl::MutexLock lock(&mu_);
    level_ = level;  // allow: guard-annotation Gauge::level_
  }

  int get() {
    absl::ReleasableMutexLock lock(&mu_);
    lock.Release();
    return level_;  // expect: guard-annotation Gauge::level_
  }

 private:
  absl::Mutex mu_;
  int level_ ABSL_GUARDED_BY(mu_) = 0;
};

int main() {
  Gauge gauge;
  std::thread setter([&] { gauge.set(1); });
  std::thread getter([&] { gauge.get(); });
  setter.join();
  getter.join();
}
