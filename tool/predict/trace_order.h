// What must come before what in every run that goes like a recorded one: threads, their creation and end, what was sent
// (conditions, semaphores, barriers, once), and for each read the write it saw. The order of critical sections is not among
// it; that is what prediction changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "tool/predict/observed_trace.h"

namespace deadheat {

/// A set of events that holds with each event all before it in its thread: how many of each thread's.
using TraceClock = std::vector<std::uint32_t>;

inline constexpr std::size_t kNoEvent = std::numeric_limits<std::size_t>::max();

/// From taking a lock to giving it back; `release` is kNoEvent if that was never seen.
struct CriticalSection {
  std::size_t acquire = kNoEvent;
  std::size_t release = kNoEvent;
};

/// What one thread did with one lock, in order.
struct LockUse {
  std::size_t thread = 0;
  std::vector<CriticalSection> exclusive;
  std::vector<CriticalSection> shared;
};

class TraceOrder {
 public:
  /// `trace` must outlive it. Threads are numbered densely in order of their first event. Cost: events, and for every edge
  /// that is new to a thread its number of threads.
  explicit TraceOrder(const ObservedTrace& trace);

  const ObservedTrace& trace() const { return trace_; }
  std::size_t threads() const { return stamps_.size(); }
  std::size_t threadOf(std::size_t event) const { return places_[event].thread; }
  /// Whether the set has the event.
  bool has(const TraceClock& set, std::size_t event) const {
    return set[places_[event].thread] >= places_[event].number;
  }
  /// Adds all that must come before the event can happen, without what it takes from others itself (the write it reads).
  void addBefore(TraceClock& set, std::size_t event) const;
  /// Adds the event and all that must come before.
  void addThrough(TraceClock& set, std::size_t event) const;

  /// Of locks that at least two threads took.
  const std::vector<std::vector<LockUse>>& locks() const { return locks_; }

 private:
  struct Place {
    std::uint32_t thread = 0;
    std::uint32_t number = 0;  ///< In its thread, from 1.
  };
  /// What a thread knows from its event number `from` on, its own part apart.
  struct Stamp {
    std::uint32_t from = 0;
    TraceClock known;
  };
  class Builder;

  void add(TraceClock& set, std::size_t thread, std::uint32_t number) const;

  const ObservedTrace& trace_;
  std::vector<Place> places_;              ///< By event.
  std::vector<std::vector<Stamp>> stamps_;  ///< By thread, in order.
  std::vector<std::vector<LockUse>> locks_;
};

}  // namespace deadheat
