// Functions that hold the lock only if they say so: a try of the user's own, an error code, a null pointer.
#include <mutex>
#include <thread>

class Lock {
 public:
  bool tryEnter() { return mu_.try_lock(); }
  bool tryTwice() {
    if (mu_.try_lock()) return true;
    return mu_.try_lock();
  }
  void leave() { mu_.unlock(); }

 private:
  std::mutex mu_;
};

struct Account {
  std::mutex mu;
  bool closed = false;
  int balance = 0;
};

Lock gate;
int inside = 0;
Account account;

int open(Account& a) {
  a.mu.lock();
  if (a.closed) {
    a.mu.unlock();
    return -1;
  }
  return 0;
}

Account* acquire() {
  account.mu.lock();
  if (account.closed) {
    account.mu.unlock();
    return nullptr;
  }
  return &account;
}

void visit() {
  if (!gate.tryEnter()) return;
  ++inside;
  gate.leave();
}

void visitAgain() {
  const bool entered = gate.tryTwice();
  if (entered) {
    ++inside;
    gate.leave();
  }
}

void deposit() {
  if (open(account) != 0) return;
  ++account.balance;
  account.mu.unlock();
}

void withdraw() {
  Account* held = acquire();
  if (held == nullptr) return;
  --account.balance;
  account.mu.unlock();
}

int main() {
  std::thread a([] {
    visit();
    deposit();
  });
  std::thread b([] {
    visitAgain();
    withdraw();
  });
  a.join();
  b.join();
  return inside + account.balance;
}
