// A correct program that never stands still: a thousand threads at a time, which come and go, share what locks guard,
// hand heap objects over through queues and atomics, and leave by join and by detach.
//
//   soak SECONDS [THREADS]
//
// Prints memory every ten seconds. Exit code 1 if a thread was lost, a value is wrong, or memory in the second half of
// the run is more than a tenth above that of the first half after its first quarter.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

/// Accounts guarded by a lock each; a transfer holds two, the lower first. Their sum never changes.
class Bank {
 public:
  void transfer(unsigned from, unsigned to) {
    if (from == to) return;
    std::lock_guard first(accounts_[std::min(from, to)].lock);
    std::lock_guard second(accounts_[std::max(from, to)].lock);
    --accounts_[from].balance;
    ++accounts_[to].balance;
  }
  /// REQUIRES: no other thread.
  long sum() const {
    long sum = 0;
    for (const Account& account : accounts_) sum += account.balance;
    return sum;
  }
  static constexpr unsigned kAccounts = 64;

 private:
  struct Account {
    std::mutex lock;
    long balance = 100;
  };
  Account accounts_[kAccounts];
};

struct Parcel {
  explicit Parcel(unsigned value) : value(value), copy(value) {}
  unsigned value;
  unsigned copy;
  char load[200] = {};
};

/// A bounded queue of heap objects: who takes one owns it.
class Queue {
 public:
  void give(std::unique_ptr<Parcel> parcel) {
    std::unique_lock guard(lock_);
    if (parcels_.size() >= kMost) return;
    parcels_.push_back(std::move(parcel));
    filled_.notify_one();
  }
  std::unique_ptr<Parcel> take() {
    std::unique_lock guard(lock_);
    if (!filled_.wait_for(guard, std::chrono::milliseconds(20), [this] { return !parcels_.empty(); })) return nullptr;
    auto parcel = std::move(parcels_.front());
    parcels_.pop_front();
    return parcel;
  }

 private:
  static constexpr std::size_t kMost = 256;
  std::mutex lock_;
  std::condition_variable filled_;
  std::deque<std::unique_ptr<Parcel>> parcels_;
};

/// Read by many, replaced by few.
class Settings {
 public:
  unsigned read() const {
    std::shared_lock guard(lock_);
    return *value_;
  }
  void replace(unsigned value) {
    auto fresh = std::make_unique<unsigned>(value);
    std::unique_lock guard(lock_);
    value_.swap(fresh);
  }

 private:
  mutable std::shared_mutex lock_;
  std::unique_ptr<unsigned> value_ = std::make_unique<unsigned>(0);
};

/// What a thread leaves behind when its thread_local objects die.
std::atomic<long> started, ended, wrong;
struct Farewell {
  std::unique_ptr<int> alive = std::make_unique<int>(1);
  ~Farewell() { ended.fetch_add(*alive); }
};

Bank bank;
Queue queue;
Settings settings;
std::atomic<Parcel*> exchange{nullptr};

void check(const Parcel* parcel) {
  if (parcel != nullptr && parcel->value != parcel->copy) ++wrong;
}

/// One short life.
void live(unsigned seed) {
  thread_local Farewell farewell;
  (void)*farewell.alive;
  std::minstd_rand random(seed + 1);
  for (unsigned rounds = 2 + random() % 12; rounds != 0; --rounds) {
    bank.transfer(random() % Bank::kAccounts, random() % Bank::kAccounts);
    queue.give(std::make_unique<Parcel>(random()));
    check(queue.take().get());
    std::unique_ptr<Parcel> swapped(exchange.exchange(new Parcel(random()), std::memory_order_acq_rel));
    check(swapped.get());
    if (random() % 16 == 0) settings.replace(random());
    (void)settings.read();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
  }
}

long residentKilobytes() {
  long pages = 0, resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
  if (file != nullptr) std::fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/// Keeps `width` threads alive until `until`; every third is detached.
void keepAlive(unsigned width, Clock::time_point until) {
  std::deque<std::thread> joinable;
  unsigned seed = 0;
  while (Clock::now() < until) {
    while (started - ended < static_cast<long>(width)) {
      ++started;
      std::thread thread(live, seed);
      if (seed++ % 3 == 0)
        thread.detach();
      else
        joinable.push_back(std::move(thread));
    }
    for (std::size_t surplus = joinable.size() > width / 2 ? joinable.size() - width / 2 : 0; surplus != 0; --surplus) {
      joinable.front().join();
      joinable.pop_front();
    }
  }
  for (std::thread& thread : joinable) thread.join();
  while (ended != started) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace

int main(int argc, char** argv) {
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
  const unsigned width = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1000;
  const auto begin = Clock::now();
  std::thread keeper(keepAlive, width, begin + std::chrono::seconds(seconds));
  std::vector<long> memory;
  for (int at = 0; at < seconds; at += 10) {
    std::this_thread::sleep_until(begin + std::chrono::seconds(std::min(at + 10, seconds)));
    memory.push_back(residentKilobytes());
    std::printf("%5d s  %8ld threads so far  %8ld KB\n", at + 10, started.load(), memory.back());
    std::fflush(stdout);
  }
  keeper.join();
  delete exchange.exchange(nullptr);
  const std::size_t half = memory.size() / 2;
  const long early = *std::max_element(memory.begin() + static_cast<long>(half / 2), memory.begin() + static_cast<long>(std::max<std::size_t>(half, 1)));
  const long late = *std::max_element(memory.begin() + static_cast<long>(half), memory.end());
  const bool flat = memory.size() < 4 || late <= early + early / 10;
  std::printf("threads %ld, lost %ld, wrong values %ld, sum %s, memory %ld KB then %ld KB: %s\n", started.load(),
              started - ended, wrong.load(), bank.sum() == 100 * Bank::kAccounts ? "right" : "WRONG", early, late,
              flat ? "flat" : "GROWS");
  return flat && wrong == 0 && started == ended && bank.sum() == 100 * Bank::kAccounts ? 0 : 1;
}
