// What the directed strategies share: threads that are to wait before what they are about to do, and who goes on
// meanwhile.
#pragma once

#include "runtime/platform/growing_array.h"
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// Nobody waits for ever: when all that can go on are parked, a random one of them goes on, and so it does when a thread
/// was parked for very many steps.
class Parking {
 public:
  void begin(const StrategySettings& settings);

  /// `event` is the next of its thread. No effect if it is parked.
  void park(const Event& event, std::uint64_t step);
  void release(ThreadId thread);
  /// The thread goes through with what it is about to do.
  void letThrough(ThreadId thread);
  bool isLetThrough(ThreadId thread) const { return thread < places_.size() && places_[thread].goesThrough; }
  /// `event`, the next of its thread, is at a site: parks it or lets it through, as wanted. Whether it was parked just now.
  bool arrive(const Event& event, std::uint64_t step);
  bool isParked(ThreadId thread) const { return thread < places_.size() && places_[thread].since != 0; }

  /// Whether this arrival at a site is one to park at. In the first two attempts all are; later ever fewer, drawn, so that
  /// the hundredth round of a loop gets its turn too.
  bool wants();

  /// Who goes on. The first attempt keeps to the current thread as long as it can, the others draw priorities as PCT does,
  /// and now and then anew.
  ThreadId choose(const Choice& choice);

  /// Strategy::wake and Strategy::performed of those that have nothing to add.
  std::size_t wake(std::size_t count) { return numbers_.below(count); }
  void performed(const Event& event);

 private:
  struct Place {
    std::uint64_t since;     ///< Step at which it was parked, from 1; 0: it is not.
    std::uint64_t priority;  ///< 0: not drawn yet.
    std::uint64_t rounds;    ///< How often it was let go: who goes round a loop has more to come than the others.
    bool goesThrough;
  };
  Place& placeOf(ThreadId thread);
  ThreadId best(const Choice& choice);
  ThreadId letGo(const Choice& choice);

  RandomNumbers numbers_;
  GrowingArray<Place> places_;  ///< By thread id.
  std::uint32_t attempt_ = 0;
  std::uint32_t naps_ = 0;  ///< Times let pass since anybody else could go on.
  void (*told_)(const Event& event) = nullptr;
};

}  // namespace deadheat::rt
