// Random walk: every thread that can go on is as likely as any other, at every step.
//
// Guarantee: each schedule of s steps with at most n threads has a chance of at least 1/n^s. So bugs that need one thread
// to run far ahead of the others are hardly ever found, and those near the uniform mix at once.
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

RandomNumbers numbers;

void begin(const StrategySettings& settings) { numbers.seed(settings.seed); }

ThreadId choose(const Choice& choice) { return choice.enabled[numbers.below(choice.count)]->thread; }

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return numbers.below(count); }

}  // namespace

const Strategy kRandom{begin, choose, wake};

}  // namespace deadheat::rt
