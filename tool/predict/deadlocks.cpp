#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tool/predict/held_locks.h"
#include "tool/predict/predict.h"
#include "tool/predict/sync_preserving.h"

namespace deadheat {
namespace {

/// Acquisitions of one thread that are alike: the same lock at the same place under the same locks.
struct Group {
  std::size_t thread;
  std::uint64_t lock;
  bool shared;
  std::uint64_t place;
  std::uint32_t held;
  std::vector<std::size_t> events;
};

class DeadlockSearch {
 public:
  DeadlockSearch(const TraceOrder& order, const PredictionLimits& limits)
      : order_(order), limits_(limits), held_(order.trace()) {}

  std::vector<PredictedDeadlock> run() {
    group();
    for (std::size_t first = 0; first < groups_.size(); ++first) {
      chain_ = {first};
      extend();
    }
    return std::move(found_);
  }

 private:
  void group() {
    const ObservedTrace& trace = order_.trace();
    std::map<std::tuple<std::size_t, std::uint64_t, bool, std::uint64_t, std::uint32_t>, std::size_t> known;
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const ObservedEvent& event = trace[i];
      const std::uint32_t held = held_.before(i);
      if (event.kind != ObservedEvent::Kind::Acquire || !event.waits || held_[held].empty()) continue;
      const std::size_t thread = order_.threadOf(i);
      auto [found, added] = known.try_emplace({thread, event.object, event.shared, event.place, held}, groups_.size());
      if (added) {
        groups_.push_back({thread, event.object, event.shared, event.place, held, {}});
        for (const HeldLockOf& lock : held_[held]) holders_[lock.lock].push_back(found->second);
      }
      groups_[found->second].events.push_back(i);
    }
  }

  /// `waiter` waits for what `holder` has.
  bool waitsFor(const Group& waiter, const Group& holder) const {
    const HeldSet& held = held_[holder.held];
    return std::any_of(held.begin(), held.end(), [&](const HeldLockOf& each) {
      return each.lock == waiter.lock && !(each.shared && waiter.shared);
    });
  }

  /// Can be a further member: a thread of its own, after the first one's so that each cycle is met once, and no gate.
  bool fits(const Group& group) const {
    return group.thread > groups_[chain_.front()].thread &&
           std::none_of(chain_.begin(), chain_.end(), [&](std::size_t member) {
             return groups_[member].thread == group.thread || haveGate(held_[groups_[member].held], held_[group.held]);
           });
  }

  void extend() {
    if (++work_ > limits_.mostWork) return;
    const Group& last = groups_[chain_.back()];
    if (chain_.size() > 1 && waitsFor(last, groups_[chain_.front()])) return tryCycle();
    if (chain_.size() == limits_.longestCycle) return;
    auto holders = holders_.find(last.lock);
    if (holders == holders_.end()) return;
    for (std::size_t next : holders->second) {
      if (!waitsFor(last, groups_[next]) || !fits(groups_[next])) continue;
      chain_.push_back(next);
      extend();
      chain_.pop_back();
    }
  }

  void tryCycle() {
    std::vector<std::uint64_t> places;
    for (std::size_t member : chain_) places.push_back(groups_[member].place);
    std::sort(places.begin(), places.end());
    if (shown_.count(places) != 0) return;
    SyncPreservingIdeal ideal(order_);
    std::vector<std::size_t> at(chain_.size());
    for (bool moved = true; moved && work_ <= limits_.mostWork;) {
      for (std::size_t i = 0; i < at.size(); ++i) ideal.makeNext(groups_[chain_[i]].events[at[i]]);
      const std::size_t before = ideal.work();
      const bool closed = ideal.close();
      work_ += ideal.work() - before;
      if (!closed) return;
      moved = false;
      for (std::size_t i = 0; i < at.size(); ++i) {
        const std::vector<std::size_t>& events = groups_[chain_[i]].events;
        for (; at[i] < events.size() && ideal.has(events[at[i]]); ++at[i]) moved = true;
        if (at[i] == events.size()) return;
      }
      if (moved) continue;
      PredictedDeadlock cycle;
      for (std::size_t i = 0; i < at.size(); ++i) cycle.push_back(groups_[chain_[i]].events[at[i]]);
      shown_.insert(places);
      found_.push_back(std::move(cycle));
    }
  }

  const TraceOrder& order_;
  const PredictionLimits& limits_;
  const HeldLocks held_;
  std::vector<Group> groups_;
  std::map<std::uint64_t, std::vector<std::size_t>> holders_;  ///< Groups under a lock.
  std::vector<std::size_t> chain_;
  std::set<std::vector<std::uint64_t>> shown_;
  std::vector<PredictedDeadlock> found_;
  std::size_t work_ = 0;
};

}  // namespace

std::vector<PredictedDeadlock> predictDeadlocks(const TraceOrder& order, const PredictionLimits& limits) {
  return DeadlockSearch(order, limits).run();
}

}  // namespace deadheat
