// What `deadheat explain` says of each check: reason, example, fix. Code in examples compiles given the usual headers.
#pragma once

#include "analyzers/checks/check.h"

namespace deadheat::texts {

inline constexpr CheckInfo kDataRace = {
    .id = "data-race",
    .title = "Two threads use the same memory at the same time, and at least one writes",
    .reason =
        R"(Two accesses race when different threads make them, at least one is a write, they are not both atomic, and
nothing orders them: no lock that both hold, no thread start or join between them, no atomic hand-over.

In C and C++ this is undefined behaviour, not just an old or a new value. The compiler keeps values in registers,
splits and merges accesses and reorders them on the assumption that nobody else looks. What is seen in practice: lost
updates, a loop that never notices its stop flag, a pointer read before the object behind it is written, a container
whose inner pointers are torn while it grows.

A lock protects only if both sides hold the same one, and a shared (reader) hold does not protect a write. Reading a
variable "just for the log" needs the lock too. Freeing memory counts as a write to all of it.)",
    .example = R"(std::mutex mu;
int hits = 0;

void serve() {
  std::lock_guard lock(mu);
  ++hits;
}

void report() {
  printf("%d hits\n", hits);  // races with serve(): reads without mu
}

int main() {
  std::thread worker(serve);
  report();
  worker.join();
})",
    .fix =
        R"(Hold the same mutex at every access, also the reads:

  void report() {
    std::lock_guard lock(mu);
    printf("%d hits\n", hits);
  }

For a single counter or flag, std::atomic is enough. Data that only one thread needs can be passed to it, or collected
after join(). volatile does not help: it neither orders nor makes indivisible.)",
    .cwe = "CWE-362",
};

inline constexpr CheckInfo kDeadlock = {
    .id = "deadlock",
    .title = "A run hung: every thread involved waits for another",
    .reason =
        R"(The program was seen to stop for good. The report shows for each thread what it holds and what it waits for:
a mutex or reader-writer lock that another thread in the circle holds, a thread to be joined that itself cannot go on,
a condition nobody is left to signal (a lost wake-up), a barrier, semaphore or future that nobody will complete.

Unlike lock-order, which finds orders that can lead to a deadlock, this is a fact about one run and includes waits that
are not for locks.)",
    .example = R"(std::mutex mu;
std::condition_variable cv;
bool ready = false;

void consumer() {
  std::unique_lock lock(mu);
  cv.wait(lock);  // no look at ready: a notify that came first is lost
}

void producer() {
  { std::lock_guard lock(mu); ready = true; }
  cv.notify_one();
})",
    .fix =
        R"(Break the circle: take locks in one order, never join or wait with a lock that the other side needs, and wait
for a condition only with the state it stands for:

  cv.wait(lock, [] { return ready; });)",
    .cwe = "CWE-833",
};

inline constexpr CheckInfo kDoubleLock = {
    .id = "double-lock",
    .title = "A thread locks a mutex that it already holds",
    .reason =
        R"(A mutex that is not recursive makes its own owner wait for itself: the thread stops for good, and with it
everybody who needs the lock. For std::mutex this is undefined behaviour, for a default pthread mutex a hang.

It seldom stands in one function. Usually a method takes the lock and calls another public method of the same object,
or a callback comes back into the object that is calling it.)",
    .example = R"(class Account {
 public:
  int balance() {
    std::lock_guard lock(mu_);
    return balance_;
  }
  void withdraw(int amount) {
    std::lock_guard lock(mu_);
    if (balance() >= amount) balance_ -= amount;  // balance() locks mu_ again
  }

 private:
  std::mutex mu_;
  int balance_ = 0;
};)",
    .fix =
        R"(Split the method: a private part that expects the lock to be held, and a public one that takes it.

  int balanceLocked() const { return balance_; }
  int balance() { std::lock_guard lock(mu_); return balanceLocked(); }

Release the lock before calling back into code you do not control. A recursive mutex hides the question of which state
the inner call sees; use it only when that has an answer.)",
    .cwe = "CWE-764",
};

inline constexpr CheckInfo kLockMisuse = {
    .id = "lock-misuse",
    .title = "A run used a lock against its rules",
    .reason =
        R"(The program was seen to unlock a mutex that was not locked, or that another thread had locked; to destroy one
that was still held or waited for; to wait on a condition without holding its mutex; or to use a lock after it was
destroyed. All of these are undefined behaviour: the lock may look free to two threads at once, or never be free again.)",
    .example = R"(pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;

int update(struct table* t, int key) {
  if (key < 0) {
    pthread_mutex_unlock(&mu);  // not locked yet on this way out
    return -1;
  }
  pthread_mutex_lock(&mu);
  t->last = key;
  pthread_mutex_unlock(&mu);
  return 0;
})",
    .fix =
        R"(Let a guard (std::lock_guard, std::unique_lock, std::scoped_lock) own each hold, so that it is given back
exactly once and by the thread that took it. Join every thread that uses a lock before the lock goes out of scope.)",
    .cwe = "CWE-667",
};

inline constexpr CheckInfo kLockOrder = {
    .id = "lock-order",
    .title = "Locks are taken in different orders, so that threads can wait for each other in a circle",
    .reason =
        R"(One thread holds A and waits for B while another holds B and waits for A: neither can go on. With more locks
the circle can be longer, and each step of it may be in another file, behind a method call or a lock wrapper.

It needs the right moment, so tests rarely hit it and production does. A cycle is reported only if it can close: the
threads may run at the same time, no further lock held by both keeps them apart, at least one side of each step holds
exclusively, and the locks are not taken together by std::lock or std::scoped_lock nor by try_lock.)",
    .example = R"(void transfer(Account& from, Account& to, int amount) {
  std::lock_guard a(from.mu);
  std::lock_guard b(to.mu);  // transfer(x, y) and transfer(y, x) can block each other
  from.balance -= amount;
  to.balance += amount;
})",
    .fix =
        R"(Take both at once:

  std::scoped_lock both(from.mu, to.mu);

or agree on one order for all locks of the program and keep to it, or give the first lock back before taking the
second. Locks of one kind can be ordered by address or by number.)",
    .cwe = "CWE-833",
};

}  // namespace deadheat::texts
