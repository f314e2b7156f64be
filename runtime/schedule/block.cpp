// Block: for locks that are held while their thread waits for something slow. The thread stops before it begins to wait
// until nobody else can go on; so who wants the lock comes and waits for it, too. What then waits for whom is watched
// for and told whatever the strategy (schedule/watch.h).
//
// Guarantee: a thread that comes to want the lock without the help of the one that holds it waits for it in the first
// attempt. Odds: as for races.
#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

Parking parking;

void begin(const StrategySettings& settings) { parking.begin(settings); }

ThreadId choose(const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i)
    if (choice.enabled[i]->isAt(protocol::SiteKind::Block)) parking.arrive(*choice.enabled[i], choice.step);
  return parking.choose(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return parking.wake(count); }

void performed(const Event& event) { parking.performed(event); }

}  // namespace

const Strategy kBlock{begin, choose, wake, performed};

}  // namespace deadheat::rt
