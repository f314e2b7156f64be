// Holds that move: a lock taken for the caller, one adopted by a guard, one given back early, all on an exception's way.
#include <mutex>
#include <stdexcept>
#include <thread>

class Ledger {
 public:
  std::unique_lock<std::mutex> hold() { return std::unique_lock<std::mutex>(mu_); }

  void add(long n) {
    mu_.lock();
    std::lock_guard<std::mutex> adopted(mu_, std::adopt_lock);
    check(n);
    total_ += n;
  }

  long total() {
    std::unique_lock<std::mutex> lock(mu_);
    const long now = total_;
    lock.unlock();
    return now;
  }

  long peek() {
    std::unique_lock<std::mutex> lock = hold();
    return total_;
  }

 private:
  static void check(long n) {
    if (n < 0) throw std::invalid_argument("negative");
  }

  std::mutex mu_;
  long total_ = 0;
};

int main() {
  Ledger ledger;
  std::thread writer([&ledger] {
    try {
      ledger.add(2);
      ledger.add(-1);
    } catch (const std::invalid_argument&) {
    }
  });
  ledger.add(1);
  writer.join();
  return ledger.total() == 3 && ledger.peek() == 3 ? 0 : 1;
}
