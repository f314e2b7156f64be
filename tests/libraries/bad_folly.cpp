// folly: the locked pointer is given back before the last use of what it pointed to; a pool task counts without a lock.
#include <folly/Synchronized.h>
#include <folly/executors/CPUThreadPoolExecutor.h>

int jobs = 0;

int main() {
  folly::CPUThreadPoolExecutor pool(2);
  pool.add([] { ++jobs; });  // expect: data-race jobs
  ++jobs;                    // allow: data-race jobs
  pool.join();
  return jobs;
}
