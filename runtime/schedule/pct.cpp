// PCT, after Burckhardt, Kothari, Musuvathi, Nagarakatti: A Randomized Scheduler with Probabilistic Guarantees of Finding
// Bugs (ASPLOS 2010). Threads have random priorities and the highest that can go on runs; at d-1 random steps the running
// thread falls below all others.
//
// Guarantee: a bug of depth d in a program of n threads and k steps is found with a chance of at least 1/(n k^(d-1)) a
// run. k is what an earlier run took. A thread that gives way falls too, or it would keep the turn for ever.
#include "runtime/platform/growing_array.h"
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kMostDepth = 64;
constexpr std::uint64_t kFirstPriority = 1ull << 40;  ///< Threads that never fell are above it,
constexpr std::uint64_t kYielded = kFirstPriority - kMostDepth;  ///< those that gave way below this, counting down.

RandomNumbers numbers;
GrowingArray<std::uint64_t> priorities;  ///< By thread id; 0: not drawn yet.
std::uint64_t changes[kMostDepth];       ///< Steps at which the running thread falls.
std::uint32_t changeCount;
std::uint64_t lowest;                    ///< Of those that gave way.

void begin(const StrategySettings& settings) {
  numbers.seed(settings.seed);
  priorities.clear();
  lowest = kYielded;
  changeCount = settings.depth == 0 ? 0 : settings.depth - 1;
  if (changeCount > kMostDepth) changeCount = kMostDepth;
  std::uint64_t steps = settings.expectedSteps == 0 ? 1 : settings.expectedSteps;
  for (std::uint32_t i = 0; i < changeCount; ++i) changes[i] = 1 + numbers.below(steps);
}

std::uint64_t& priorityOf(ThreadId thread) {
  while (priorities.size() <= thread) priorities.push(0);
  if (priorities[thread] == 0) priorities[thread] = kFirstPriority + numbers.next() / 2;
  return priorities[thread];
}

ThreadId highest(const Choice& choice) {
  ThreadId best = choice.enabled[0]->thread;
  for (std::size_t i = 1; i < choice.count; ++i)
    if (priorityOf(choice.enabled[i]->thread) > priorityOf(best)) best = choice.enabled[i]->thread;
  return best;
}

/// Change point i has a priority of its own: which of two fallen threads is lower does not depend on which fell first.
void fallAt(std::uint64_t step, const Choice& choice) {
  for (std::uint32_t i = 0; i < changeCount; ++i)
    if (changes[i] == step) priorityOf(highest(choice)) = kFirstPriority - 1 - i;
}

ThreadId choose(const Choice& choice) {
  if (choice.gaveWay) priorityOf(choice.key.thread) = --lowest;
  fallAt(choice.step, choice);
  return highest(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId* waiters, std::size_t count) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i)
    if (priorityOf(waiters[i]) > priorityOf(waiters[best])) best = i;
  return best;
}

}  // namespace

const Strategy kPct{begin, choose, wake};

}  // namespace deadheat::rt
