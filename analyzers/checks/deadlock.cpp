// deadlock: a hazard that only a run can show; runtime/detect finds it.
#include "analyzers/checks/check.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
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

}  // namespace

extern const Check kDeadlock;
const Check kDeadlock = {kInfo, nullptr};

}  // namespace deadheat
