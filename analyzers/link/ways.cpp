#include "analyzers/link/ways.h"

#include <algorithm>

namespace deadheat {
namespace {

/// Whether `more` has every lock of `less`, held at least as well, and others.
bool holdsMore(const Tables& tables, LocksetId more, LocksetId less) {
  if (more == less) return false;
  const auto a = tables.locksets[more];
  const auto b = tables.locksets[less];
  if (a.size() <= b.size()) return false;
  return std::all_of(b.begin(), b.end(), [&](const HeldLock& lock) {
    const HeldLock* other = tables.locksets.find(more, lock.lock);
    return other && (other->hold == lock.hold || other->hold == Hold::Exclusive);
  });
}

}  // namespace

bool Valuation::contradicts(Valuation other) const {
  for (unsigned c = 0; c < kMaxConditions; ++c) {
    const Truth a = (*this)[c], b = other[c];
    if (a != Truth::Unknown && b != Truth::Unknown && a != b) return true;
  }
  return false;
}

bool addWay(Ways& ways, Way way, Tables& tables) {
  if (!ways.empty() && ways[0].state.overflowed) way.known = {};
  for (Way& each : ways) {
    if (each.known != way.known) continue;
    FlowState next = merged(each.state, way.state, tables);
    if (next == each.state) return false;
    each.state = std::move(next);
    return true;
  }
  ways.push_back(std::move(way));
  std::sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.known < b.known; });
  if (ways.size() <= kMaxWays) return true;
  FlowState all = mergedState(ways, tables);
  all.overflowed = true;
  ways = {{Valuation{}, std::move(all)}};
  return true;
}

Ways guarded(const Ways& ways, const Tables& tables) {
  if (ways.size() < 2) return ways;
  Ways kept;
  for (const Way& way : ways) {
    const bool isLesser = std::any_of(ways.begin(), ways.end(), [&](const Way& other) {
      return other.known.contradicts(way.known) && holdsMore(tables, other.state.held, way.state.held);
    });
    if (!isLesser) kept.push_back(way);
  }
  return kept.empty() ? ways : kept;
}

FlowState mergedState(const Ways& ways, Tables& tables) {
  FlowState all;
  for (const Way& way : ways) all = merged(all, way.state, tables);
  return all;
}

}  // namespace deadheat
