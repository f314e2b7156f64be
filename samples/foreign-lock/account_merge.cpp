// verdict: confirmed
// shows: rarely
//
// An account is copied from another under the lock of one of them only: the other may be changing meanwhile.
#include <cstdio>
#include <mutex>
#include <thread>

class Account {
 public:
  explicit Account(long cents) : cents_(cents) {}

  void deposit(long cents) {
    std::lock_guard<std::mutex> lock(mu_);
    cents_ += cents;  // allow: foreign-lock Account::cents_
  }

  long balance() {
    std::lock_guard<std::mutex> lock(mu_);
    return cents_;
  }

  void mirror(const Account& other) {
    std::lock_guard<std::mutex> lock(mu_);
    cents_ = other.cents_;  // expect: foreign-lock Account::cents_
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
