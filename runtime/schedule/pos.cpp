// Partial order sampling, after Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling (CAV 2018). Every announced
// operation has a random priority and the highest runs; then those that conflict with it draw again. So what is sampled is
// the order of operations that conflict, and not so much that of the others.
//
// Odds: an operation comes after m others that do not conflict with it with a chance of 1/(m+1), where a random walk has
// 1/2^m.
#include "runtime/platform/growing_array.h"
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

RandomNumbers numbers;
GrowingArray<std::uint64_t> priorities;  ///< Of each thread's announced operation, by thread id; 0: not drawn yet.

void begin(const StrategySettings& settings) {
  numbers.seed(settings.seed);
  priorities.clear();
}

std::uint64_t& priorityOf(ThreadId thread) {
  while (priorities.size() <= thread) priorities.push(0);
  if (priorities[thread] == 0) priorities[thread] = numbers.next() | 1;
  return priorities[thread];
}

ThreadId choose(const Choice& choice) {
  if (choice.gaveWay) priorityOf(choice.key.thread) = numbers.next() >> 32 | 1;  // Behind nearly everybody.
  const Event* best = choice.enabled[0];
  for (std::size_t i = 1; i < choice.count; ++i)
    if (priorityOf(choice.enabled[i]->thread) > priorityOf(best->thread)) best = choice.enabled[i];
  for (std::size_t i = 0; i < choice.allCount; ++i)
    if (conflicts(*choice.all[i], *best)) priorityOf(choice.all[i]->thread) = 0;
  priorityOf(best->thread) = 0;  // Its next operation draws afresh.
  return best->thread;
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return numbers.below(count); }

}  // namespace

const Strategy kPos{begin, choose, wake};

}  // namespace deadheat::rt
