// Scope: after the idea of the directed strategies for races, for variables that end before their users. A thread that
// was given the address of another's variable stops before it uses it until the frame the variable is in has been left,
// or its thread has ended; then it goes on at once.
//
// Guarantee: if whoever owns the variable can leave its frame without the help of the thread that uses it, the first
// attempt has it do so before the first use. Odds: as for races.
#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

Parking parking;
Lent (*lent)(const Event& event);

void begin(const StrategySettings& settings) {
  parking.begin(settings);
  lent = settings.lent;
}

ThreadId choose(const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Event& event = *choice.enabled[i];
    if (event.site == Event::kNoSite || !event.isAccess()) continue;
    Lent whose = lent(event);
    if (whose == Lent::Lives) parking.arrive(event, choice.step);
    if (whose == Lent::Left && parking.isParked(event.thread)) {
      parking.letThrough(event.thread);
      return event.thread;
    }
  }
  return parking.choose(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return parking.wake(count); }

void performed(const Event& event) { parking.performed(event); }

}  // namespace

const Strategy kScope{begin, choose, wake, performed};

}  // namespace deadheat::rt
