// Two accounts are locked in the order of their addresses, whoever pays whom.
#include <mutex>
#include <thread>

struct Account {
  std::mutex mu;
  long cents = 100;
};

void pay(Account& from, Account& to, long cents) {
  if (&from < &to) {
    from.mu.lock();
    to.mu.lock();
  } else {
    to.mu.lock();
    from.mu.lock();
  }
  from.cents -= cents;
  to.cents += cents;
  to.mu.unlock();
  from.mu.unlock();
}

int main() {
  Account left, right;
  std::thread one([&] { pay(left, right, 1); });
  std::thread two([&] { pay(right, left, 2); });
  one.join();
  two.join();
  return left.cents + right.cents == 200 ? 0 : 1;
}
