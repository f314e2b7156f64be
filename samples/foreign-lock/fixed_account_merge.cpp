// One account is copied from another: each value is read or written under the lock of its own object.
#include <cstdio>
#include <mutex>
#include <thread>

class Account {
 public:
  explicit Account(long cents) : cents_(cents) {}

  void deposit(long cents) {
    std::lock_guard<std::mutex> lock(mu_);
    cents_ += cents;
  }

  long balance() const {
    std::lock_guard<std::mutex> lock(mu_);
    return cents_;
  }

  void mirror(const Account& other) {
    const long cents = other.balance();
    std::lock_guard<std::mutex> lock(mu_);
    cents_ = cents;
  }

 private:
  mutable std::mutex mu_;
  long cents_;
};

int main() {
  Account wallet{500}, backup{0};
  std::thread payday([&wallet] { wallet.deposit(100); });
  backup.mirror(wallet);
  payday.join();
  std::printf("%ld %ld\n", wallet.balance(), backup.balance());
  return 0;
}
