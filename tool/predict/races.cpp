#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tool/predict/held_locks.h"
#include "tool/predict/predict.h"
#include "tool/predict/sync_preserving.h"

namespace deadheat {
namespace {

constexpr std::uint64_t kGranule = 8;

/// Accesses of one thread that are alike: one place, the same bytes of the same object, the same locks held.
struct Group {
  std::size_t thread;
  const ObservedEvent* event;  ///< Any of them.
  std::uint32_t held;
  std::vector<std::size_t> events;
};

class RaceSearch {
 public:
  RaceSearch(const TraceOrder& order, const PredictionLimits& limits)
      : order_(order), limits_(limits), held_(order.trace()) {}

  std::vector<PredictedRace> run() {
    group();
    for (const auto& [granule, members] : byGranule_)
      for (std::size_t i = 0; i < members.size(); ++i)
        for (std::size_t j = i + 1; j < members.size(); ++j) {
          if (work_ > limits_.mostWork) return std::move(found_);
          if (canRace(groups_[members[i]], groups_[members[j]])) tryPair(members[i], members[j]);
        }
    return std::move(found_);
  }

 private:
  using Granule = std::pair<std::uint64_t, std::uint32_t>;  ///< Which eight bytes, of which of the objects they were.
  using Key = std::tuple<std::size_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint32_t, ObservedEvent::Kind, bool,
                         std::uint32_t>;

  void group() {
    const ObservedTrace& trace = order_.trace();
    std::map<Key, std::size_t> known;
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const ObservedEvent& event = trace[i];
      if (event.kind == ObservedEvent::Kind::Fresh) renew(event);
      if (!event.isAccess()) continue;
      const std::uint32_t object = objects_[event.object / kGranule];
      const std::uint32_t held = held_.before(i);
      auto [found, added] = known.try_emplace(
          Key{order_.threadOf(i), event.place, event.object, event.size, object, event.kind, event.atomic, held},
          groups_.size());
      if (added) {
        groups_.push_back({order_.threadOf(i), &event, held, {}});
        enter(found->second, event);
      }
      groups_[found->second].events.push_back(i);
    }
  }

  void enter(std::size_t group, const ObservedEvent& event) {
    const std::uint64_t last = (event.object + event.size - 1) / kGranule;
    for (std::uint64_t granule = event.object / kGranule; granule <= last; ++granule) {
      std::vector<std::size_t>& members = byGranule_[{granule, objects_[granule]}];
      if (members.size() < limits_.mostGroups) members.push_back(group);
    }
  }

  void renew(const ObservedEvent& fresh) {
    const std::uint64_t end = (fresh.object + fresh.size + kGranule - 1) / kGranule;
    for (auto at = objects_.lower_bound(fresh.object / kGranule); at != objects_.end() && at->first < end; ++at) ++at->second;
  }

  bool canRace(const Group& a, const Group& b) const {
    const ObservedEvent &x = *a.event, &y = *b.event;
    return a.thread != b.thread && (x.writes() || y.writes()) && !(x.atomic && y.atomic) && x.object < y.object + y.size &&
           y.object < x.object + x.size && !haveGate(held_[a.held], held_[b.held]);
  }

  void tryPair(std::size_t first, std::size_t second) {
    if (!tried_.insert({first, second}).second) return;
    const Group &a = groups_[first], &b = groups_[second];
    const auto places = std::minmax(a.event->place, b.event->place);
    if (shown_.count(places) != 0) return;
    SyncPreservingIdeal ideal(order_);
    auto next = [&](const Group& group, std::size_t at) {
      while (at < group.events.size() && ideal.has(group.events[at])) ++at;
      return at;
    };
    for (std::size_t i = 0, j = 0; i < a.events.size() && j < b.events.size() && work_ + ideal.work() <= limits_.mostWork;) {
      ideal.makeNext(a.events[i]);
      ideal.makeNext(b.events[j]);
      if (!ideal.close()) break;
      const std::size_t nextI = next(a, i), nextJ = next(b, j);
      if (nextI == i && nextJ == j) {
        shown_.insert(places);
        found_.push_back({std::min(a.events[i], b.events[j]), std::max(a.events[i], b.events[j])});
        break;
      }
      i = nextI;
      j = nextJ;
    }
    work_ += ideal.work();
  }

  const TraceOrder& order_;
  const PredictionLimits& limits_;
  const HeldLocks held_;
  std::map<std::uint64_t, std::uint32_t> objects_;  ///< How often each granule became another object.
  std::vector<Group> groups_;
  std::map<Granule, std::vector<std::size_t>> byGranule_;
  std::set<std::pair<std::size_t, std::size_t>> tried_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> shown_;
  std::vector<PredictedRace> found_;
  std::size_t work_ = 0;
};

}  // namespace

std::vector<PredictedRace> predictRaces(const TraceOrder& order, const PredictionLimits& limits) {
  return RaceSearch(order, limits).run();
}

}  // namespace deadheat
