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

bool Ways::add(Way way, Tables& tables) {
  way.known = way.known.first(followed_);
  auto at = std::lower_bound(ways_.begin(), ways_.end(), way, [](const Way& a, const Way& b) { return a.known < b.known; });
  if (at != ways_.end() && at->known == way.known) {
    FlowState next = merged(at->state, way.state, tables);
    if (next == at->state) return false;
    at->state = std::move(next);
    return true;
  }
  ways_.insert(at, std::move(way));
  while (ways_.size() > kMax && followed_ > 0) {
    --followed_;
    std::vector<Way> all = std::move(ways_);
    ways_.clear();
    for (Way& each : all) add(std::move(each), tables);
  }
  return true;
}

Ways guarded(const Ways& ways, const Tables& tables) {
  Ways kept = ways;
  kept.eraseIf([&](const Way& way) {
    return std::any_of(ways.begin(), ways.end(), [&](const Way& other) {
      return other.known.contradicts(way.known) && holdsMore(tables, other.state.held, way.state.held);
    });
  });
  return kept.empty() ? ways : kept;
}

FlowState mergedState(const Ways& ways, Tables& tables) {
  FlowState all;
  for (const Way& way : ways) all = merged(all, way.state, tables);
  return all;
}

}  // namespace deadheat
