// lock-misuse: a hazard that only a run can show; runtime/detect finds it.
#include "analyzers/checks/check.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
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

}  // namespace

extern const Check kLockMisuse;
const Check kLockMisuse = {kInfo, nullptr};

}  // namespace deadheat
