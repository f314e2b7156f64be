// Stalling: whoever comes to a certain place in the code waits there until the others can do nothing else. The place is given,
// drawn from those whose operations raced in earlier runs; without one, each place stalls with a chance that is drawn
// for the run. Elsewhere threads have random priorities, as in PCT without changes.
//
// Odds: a bug that shows when all threads pause at one place, however many threads, has a chance of 1/p a run where p is how
// many places there are. Strategies that draw by steps or threads must hit each thread by itself. Bugs that need the threads
// at one place in different states are not found.
#include "runtime/detect/mix.h"
#include "runtime/platform/growing_array.h"
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

constexpr std::uint64_t kRarities = 4;  ///< One place in 4 to one in 32.

RandomNumbers numbers;
GrowingArray<std::uint64_t> priorities;  ///< By thread id; 0: not drawn yet.
std::uint64_t places;                    ///< Decides which places stall.
std::uint64_t rarity;
std::uint64_t lowest;
Address only;                            ///< The place that was given, or 0.

void begin(const StrategySettings& settings) {
  numbers.seed(settings.seed);
  priorities.clear();
  places = numbers.next();
  rarity = std::uint64_t{4} << numbers.below(kRarities);
  only = settings.focus;
  lowest = ~std::uint64_t{0} >> 2;
}

/// What is the same wherever the module is loaded.
bool stalls(const Event& event) {
  constexpr Address kPageOffset = 0xfff;
  if (only != 0) return event.pc == only;
  return event.pc != 0 && mix(places + (event.pc & kPageOffset)) % rarity == 0;
}

std::uint64_t& priorityOf(ThreadId thread) {
  while (priorities.size() <= thread) priorities.push(0);
  if (priorities[thread] == 0) priorities[thread] = numbers.next() | 1ull << 63;
  return priorities[thread];
}

ThreadId choose(const Choice& choice) {
  if (choice.gaveWay) priorityOf(choice.key.thread) = --lowest;
  const Event* best = nullptr;
  std::size_t stalled = 0;
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Event* event = choice.enabled[i];
    if (stalls(*event)) {
      ++stalled;
      continue;
    }
    if (best == nullptr || priorityOf(event->thread) > priorityOf(best->thread)) best = event;
  }
  if (best != nullptr) return best->thread;
  std::size_t drawn = numbers.below(stalled);
  return choice.enabled[drawn]->thread;
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return numbers.below(count); }

}  // namespace

const Strategy kStall{begin, choose, wake};

}  // namespace deadheat::rt
