// How the next thread is chosen: one strategy a file, each with its paper and its odds.
//
// A strategy sees announced operations only, and no program: its tests run it on modelled ones.
#pragma once

#include "runtime/protocol.h"
#include "runtime/schedule/event.h"
#include "runtime/schedule/random_numbers.h"

namespace deadheat::rt {

/// Which decision of a run this is: the `occurrence`-th at `pc` in `thread`, the thread that had its turn.
struct DecisionKey {
  ThreadId thread;
  Address pc;
  std::uint64_t occurrence;
};

/// One step: at least two threads can go on.
struct Choice {
  const Event* const* enabled;  ///< What the threads worth choosing are about to do, in order of thread id.
  std::size_t count;            ///< At least 1.
  const Event* const* all;      ///< The same for all that can go on: also who spins, has given way or waits for a time.
  std::size_t allCount;
  const Event* executed;        ///< What the thread whose turn it was did before; null at first.
  ThreadId standing;            ///< The default: who runs if nobody interferes.
  bool gaveWay;                 ///< The thread whose turn it was yielded, or spins.
  std::uint64_t step;
  std::uint64_t hash;
  DecisionKey key;
};

struct StrategySettings {
  std::uint64_t seed;
  std::uint32_t depth;
  std::uint64_t expectedSteps;
  Address focus;                              ///< Surw: an object, with how often each thread uses it. Stall: a place.
  const protocol::PlanFocus* focusThreads;
  std::size_t focusCount;
  std::uint32_t attempt = 0;                  ///< Of the directed ones: number of this run for the same plan,
  std::uint32_t order = 0;                    ///< who goes first where two meet (protocol::PlanSchedule),
  bool (*holds)(ThreadId thread, Address lock) = nullptr;  ///< whether the thread holds the lock now,
  Lent (*lent)(const Event& event) = nullptr;              ///< whose stack an access is to now,
  void (*parked)(const Event& event) = nullptr;            ///< and who is told that a thread stops before the event.
};

struct Strategy {
  /// Before the first step of a run.
  void (*begin)(const StrategySettings& settings);
  /// Who runs next: a thread of `choice.all`, nearly always one of `choice.enabled`.
  ThreadId (*choose)(const Choice& choice);
  /// Which of the `count` threads (at least 2), longest waiting first, a wake-up goes to: an index.
  std::size_t (*wake)(const DecisionKey& key, const ThreadId* waiters, std::size_t count);
  /// The operation is about to happen; also where nobody had a choice. May be null.
  void (*performed)(const Event& event) = nullptr;
};

/// Whether a run that is not a replay does the default where the program leaves a choice, or what else: an index below
/// `count`. Some runs nearly always do the default, as bugs need few things to be otherwise; some hardly ever do.
///
/// Odds: a run has one of four leanings, each as likely; a choice is none of the default with 1, 1/2, 1/4 or 1/8, and then
/// any of all `count`.
class OpenChoices {
 public:
  void begin(std::uint64_t seed) {
    numbers_.seed(seed);
    shift_ = static_cast<std::uint32_t>(numbers_.below(4));
  }
  std::uint32_t choose(std::uint32_t count) {
    bool any = numbers_.below(std::uint64_t{1} << shift_) == 0;
    return any ? static_cast<std::uint32_t>(numbers_.below(count)) : 0;
  }

 private:
  RandomNumbers numbers_;
  std::uint32_t shift_;
};

extern const Strategy kReplay;
extern const Strategy kRandom;
extern const Strategy kPct;
extern const Strategy kPos;
extern const Strategy kSurw;
extern const Strategy kStall;
extern const Strategy kRace;
extern const Strategy kDeadlock;
extern const Strategy kGap;
extern const Strategy kScope;
extern const Strategy kBlock;

}  // namespace deadheat::rt
