// folly: synchronised values through locked pointers and locked calls, a baton that hands over, an executor.
#include <folly/Synchronized.h>
#include <folly/executors/CPUThreadPoolExecutor.h>
#include <folly/synchronization/Baton.h>

struct Stats {
  int hits = 0;
  int misses = 0;
};

folly::Synchronized<Stats> stats;
folly::SpinLock spin;
folly::Baton<> ready;
int prepared = 0;
int spun = 0;

void hit() { stats.wlock()->hits += 1; }

void miss() {
  auto locked = stats.wlock();
  locked->misses += 1;
  locked->hits += 1;
}

int sum() {
  return stats.withRLock([](const Stats& s) { return s.hits + s.misses; });
}

void clear() {
  stats.withWLock([](Stats& s) {
    s.hits = 0;
    s.misses = 0;
  });
}

void spinning() {
  spin.lock();
  ++spun;
  spin.unlock();
}

int main() {
  folly::CPUThreadPoolExecutor pool(4);
  pool.add([] {
    prepared = 1;
    ready.post();
  });
  pool.add([] {
    hit();
    spinning();
  });
  pool.add([] {
    miss();
    spinning();
  });
  pool.add([] { clear(); });
  ready.wait();
  const int seen = prepared + sum();
  pool.join();
  return seen + spun;
}
