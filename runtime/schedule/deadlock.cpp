// Deadlock, after Joshi, Park, Sen, Naik: A Randomized Dynamic Program Analysis Technique for Detecting Real Deadlocks
// (PLDI 2009). A thread that holds the lock of its step of the cycle stops before the acquisition the plan names, until
// those that stopped want each other's locks in a circle. Then all of the circle go on, and wait for each other for good.
//
// A step is known by the code that takes both locks and its callers, never by a lock's address. The circle is sought among
// locks really held and wanted, so one step may stand for several threads, and who is at the right code with other locks
// is not mistaken for it.
//
// Guarantee: a cycle whose steps are each taken once by its thread, and that only turns keep apart, closes in the first
// attempt. Odds: as for races.
#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

Parking parking;
bool (*holds)(ThreadId thread, Address lock);

bool isCandidate(const Event& event) {
  return event.operation == Operation::Lock && event.isAt(protocol::SiteKind::Acquire);
}

void begin(const StrategySettings& settings) {
  parking.begin(settings);
  holds = settings.holds;
}

/// The parked thread that holds what `wanter` wants, or null.
const Event* holderOf(const Event& wanter, const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Event* event = choice.enabled[i];
    if (event->thread != wanter.thread && parking.isParked(event->thread) && holds(event->thread, wanter.object)) return event;
  }
  return nullptr;
}

/// Following wanted locks from `start` leads back to its thread.
bool closesCircle(const Event& start, const Choice& choice) {
  const Event* at = &start;
  for (std::size_t steps = 0; at != nullptr && steps <= choice.count; ++steps) {
    if (at != &start && holds(start.thread, at->object)) return true;
    at = holderOf(*at, choice);
  }
  return false;
}

void releaseCircle(const Event& start, const Choice& choice) {
  const Event* at = &start;
  while (at != nullptr) {
    const Event* next = holderOf(*at, choice);
    parking.letThrough(at->thread);
    at = next;
  }
}

ThreadId choose(const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Event& event = *choice.enabled[i];
    if (!isCandidate(event) || !parking.arrive(event, choice.step)) continue;
    if (closesCircle(event, choice)) {
      releaseCircle(event, choice);
      return event.thread;
    }
  }
  return parking.choose(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return parking.wake(count); }

void performed(const Event& event) { parking.performed(event); }

}  // namespace

const Strategy kDeadlock{begin, choose, wake, performed};

}  // namespace deadheat::rt
