// Gap: after the idea of Park, Sen: Randomized Active Atomicity Violation Detection in Concurrent Programs (FSE 2008), for
// code whose every access is locked. From when a thread has looked until it acts on what it saw, everybody else goes
// first; so whatever can come between does.
//
// Between is between two holds of a lock (check, then act), between the load and the store of one atomic, or between
// testing a predicate and falling asleep. It does not matter which: a thread in its gap that others wait for, because it
// holds a lock, goes on as soon as nobody else can.
//
// Guarantee: if another thread can change what was looked at within one gap without the help of the thread in it, the
// first attempt has it do so. Odds: as for races.
#include "runtime/schedule/looks.h"
#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

Parking parking;
Looks looks;
std::uint64_t now;

void begin(const StrategySettings& settings) {
  parking.begin(settings);
  looks.clear();
  now = 0;
}

ThreadId choose(const Choice& choice) {
  now = choice.step;
  return parking.choose(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return parking.wake(count); }

void performed(const Event& event) {
  bool wasOpen = looks.isOpen(event.thread);
  looks.performed(event);
  bool isOpen = looks.isOpen(event.thread);
  if (wasOpen && !isOpen) parking.release(event.thread);
  if (!wasOpen && isOpen && parking.wants()) parking.park(event, now);
  // A task that is suspended leaves its thread to others, which are those that may come in between.
  if (event.operation == Operation::Arrive && event.task != 0) parking.release(event.thread);
}

}  // namespace

const Strategy kGap{begin, choose, wake, performed};

}  // namespace deadheat::rt
