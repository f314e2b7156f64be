// A lock taken and given back on one condition: by hand round the same flag, through helpers, and by a guard that is
// empty otherwise. Between, it is held whenever it has to be.
#include <mutex>
#include <optional>
#include <thread>

struct Table {
  bool threaded = true;
  std::mutex mu;
  int rows = 0;

  void enter() {
    if (threaded) mu.lock();
  }
  void leave() {
    if (threaded) mu.unlock();
  }

  void add(bool locked) {
    if (!locked) mu.lock();
    ++rows;
    if (!locked) mu.unlock();
  }

  void clear() {
    if (threaded) mu.lock();
    rows = 0;
    if (threaded) mu.unlock();
  }

  void drop() {
    enter();
    --rows;
    leave();
  }

  int count() {
    std::optional<std::lock_guard<std::mutex>> guard;
    if (threaded) guard.emplace(mu);
    return rows;
  }

  void twice() {
    std::unique_lock<std::mutex> lock(mu, std::defer_lock);
    if (threaded) lock.lock();
    rows *= 2;
  }

  void maybe(int n) {
    std::unique_lock<std::mutex> lock = threaded ? std::unique_lock<std::mutex>(mu) : std::unique_lock<std::mutex>();
    rows += n;
  }

  void late(bool need) {
    bool mine = false;
    if (need) {
      mu.lock();
      mine = true;
    }
    if (mine) ++rows;
    if (mine) mu.unlock();
  }
};

int main() {
  Table table;
  std::thread a([&] {
    table.add(false);
    table.clear();
    table.maybe(1);
  });
  std::thread b([&] {
    table.drop();
    table.twice();
    table.late(true);
  });
  const int seen = table.count();
  a.join();
  b.join();
  return seen;
}
