// Deadlock steering (after DeadlockFuzzer): threads that hold a lock wait before the acquisition the plan names, until
// those held want each other's locks in a circle. Then all of the circle go on, and the wait-for graph sees the deadlock.
//
// The circle is sought among the locks actually held and wanted, so it does not matter how many threads one site of the
// plan stands for, and threads at the right code with the wrong locks are not mistaken for a deadlock.
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/schedule/hold.h"
#include "runtime/schedule/holding.h"

namespace deadheat::rt {
namespace {

/// The held thread that holds what `wanter` wants, or null. A thread has one Hold at most.
Hold* holderOf(const Hold& wanter) {
  for (std::size_t i = 0; i < holdCount; ++i)
    if (holds[i] != &wanter && holds[i]->released == 0 && holdsLock(holds[i]->thread, wanter.begin)) return holds[i];
  return nullptr;
}

/// True if following wanted locks from `start` comes back to its thread.
bool closesCircle(const Hold& start) {
  const Hold* at = &start;
  for (std::size_t steps = 0; steps <= holdCount; ++steps) {
    if (at != &start && holdsLock(start.thread, at->begin)) return true;
    at = holderOf(*at);
    if (at == nullptr) return false;
  }
  return false;
}

void releaseCircle(const Hold& start) {
  for (Hold* at = holderOf(start); at != nullptr; at = holderOf(*at)) letGo(*at, kGo);
}

void lock(const Arrival& arrival) {
  if (arrival.self->locks.count == 0) return;
  noteReached(arrival.self, arrival.site, false);
  Hold hold{arrival.self, arrival.pc, arrival.begin, 1, 0, arrival.site, currentContext(arrival.self), 0};
  holdTableLock.lock();
  if (closesCircle(hold)) {
    releaseCircle(hold);
    holdTableLock.unlock();
    return;
  }
  if (!chooses(arrival.pc, arrival.site) || !mayHold()) {
    holdTableLock.unlock();
    return;
  }
  holdHere(hold);
}

}  // namespace

const Holding kDeadlockHold{nullptr, lock};

}  // namespace deadheat::rt
