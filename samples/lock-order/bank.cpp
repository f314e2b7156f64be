// verdict: confirmed
// shows: rarely
//
// A bank locks both accounts of a transfer, the payer first. Two transfers in opposite directions lock them in opposite
// order; it takes wages and a bill in the same instant to see it.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

class Account {
 public:
  explicit Account(long balance) : balance_(balance) {}

  long balance() {
    std::lock_guard<std::mutex> lock(mu_);
    return balance_;
  }

  // Moves money from one account to another; false if there is not enough, or if they are the same.
  static bool transfer(Account& from, Account& to, long amount) {
    if (&from == &to) return false;
    std::lock_guard<std::mutex> lockFrom(from.mu_);  // expect: lock-order Account::mu_
    std::lock_guard<std::mutex> lockTo(to.mu_);      // expect: lock-order Account::mu_
    if (from.balance_ < amount) return false;
    from.balance_ -= amount;
    to.balance_ += amount;
    return true;
  }

 private:
  std::mutex mu_;
  long balance_;
};

// Wages go out first thing in the morning.
void payWages(Account& company, Account& worker) { Account::transfer(company, worker, 3000); }

// The worker buys in the company's shop after work.
void goShopping(Account& worker, Account& company) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  Account::transfer(worker, company, 80);
}

int main() {
  Account company(10000);
  Account worker(500);

  std::thread payroll([&company, &worker] { payWages(company, worker); });
  std::thread shop([&company, &worker] { goShopping(worker, company); });
  payroll.join();
  shop.join();

  std::printf("company %ld, worker %ld\n", company.balance(), worker.balance());
  return company.balance() + worker.balance() == 10500 ? 0 : 1;
}
