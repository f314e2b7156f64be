#include "analyzers/link/common_facts.h"

#include <algorithm>

namespace deadheat {
namespace {

CommonCall::Before both(const CommonCall::Before& outer, const CommonCall::Before& inner, Tables& tables) {
  PathSets& sets = tables.pathSets;
  return {sets.united(outer.joined, inner.joined),
          sets.united(outer.taken, inner.taken),
          sets.gathered(outer.acquired, inner.acquired),
          sets.gathered(outer.notified, inner.notified),
          tables.locksets.united(outer.passed, inner.passed),
          outer.guessed || inner.guessed,
          outer.always && inner.always};
}

}  // namespace

CommonWalk::CommonWalk(const std::vector<Summary>& summaries, CommonNames& names, Tables& tables,
                       std::span<const FunctionIndex> roots, CommonLimits limits)
    : summaries_(summaries), names_(names), tables_(tables), limits_(limits), roots_(roots.size()) {
  for (std::uint32_t root = 0; root < roots.size(); ++root) {
    Arrival start{roots[root], root, root, nullptr, {}};
    start.before.always = true;
    byFunction_[raw(roots[root])].push_back(root);
    arrivals_.push_back(start);
  }
  for (std::uint32_t at = 0; at < arrivals_.size(); ++at) go(Arrival(arrivals_[at]), at);
}

void CommonWalk::go(const Arrival& from, std::uint32_t index) {
  for (const CommonCall& call : summaries_[raw(from.function)].commonCalls) {
    const CommonCall::Before before = both(from.before, call.before, tables_);
    std::vector<std::uint32_t>& known = byFunction_[raw(call.callee)];
    auto same = std::find_if(known.begin(), known.end(), [&](std::uint32_t other) {
      return arrivals_[other].before.isLike(before);
    });
    if (same != known.end()) {
      CommonCall::Before& common = arrivals_[*same].before;
      common.taken = tables_.pathSets.intersected(common.taken, before.taken);
      common.passed = tables_.locksets.intersected(common.passed, before.passed);
    } else if (known.size() >= kMaxArrivals) {
      continue;
    } else if (arrivals_.size() - roots_ >= limits_.visits) {
      leave(call.callee);
    } else {
      known.push_back(static_cast<std::uint32_t>(arrivals_.size()));
      arrivals_.push_back({call.callee, from.root, index, &call, before});
    }
  }
}

void CommonWalk::leave(FunctionIndex function) {
  const Summary& left = summaries_[raw(function)];
  dropped_.accesses += static_cast<std::uint32_t>(left.accesses.size());
  dropped_.acquires += static_cast<std::uint32_t>(left.acquires.size());
  dropped_.operations += static_cast<std::uint32_t>(left.operations.size());
}

TraceId CommonWalk::traceTo(std::uint32_t arrival, TraceId inner) {
  for (; arrival >= roots_; arrival = arrivals_[arrival].from)
    inner = tables_.traces.concatenated(arrivals_[arrival].call->trace, inner);
  return inner;
}

LocksetId CommonWalk::locksAt(std::uint32_t arrival, LocksetId locks) {
  if (locks == LocksetId::Empty) return locks;
  std::vector<HeldLock> held(tables_.locksets[locks].begin(), tables_.locksets[locks].end());
  for (HeldLock& lock : held) {
    lock.lock = names_.lockOutside(lock.lock);
    if (lock.hold == Hold::Passed) continue;
    HoldSite site = tables_.holdSites[lock.since];
    site.trace = traceTo(arrival, site.trace);
    lock.since = tables_.holdSites.intern(site);
  }
  return tables_.locksets.intern(std::move(held));
}

Moment CommonWalk::seen(std::uint32_t arrival, const Moment& inner) {
  const CommonCall::Before& before = arrivals_[arrival].before;
  PathSets& sets = tables_.pathSets;
  Moment out = inner;
  out.common = false;
  out.held = tables_.locksets.united(locksAt(arrival, inner.held), before.passed);
  out.released = names_.outside(inner.released);
  out.joined = sets.united(before.joined, names_.outside(inner.joined));
  out.taken = sets.united(before.taken, names_.outside(inner.taken));
  out.acquired = sets.gathered(before.acquired, names_.outside(inner.acquired));
  out.notified = sets.gathered(before.notified, names_.outside(inner.notified));
  out.trace = traceTo(arrival, inner.trace);
  return out;
}

template <typename Fact, typename Take>
void CommonWalk::each(const std::vector<Fact> Summary::* facts, std::size_t limit, std::uint32_t Dropped::* left,
                      Wanted<Fact> wanted, Take take) {
  std::size_t taken = 0;
  for (auto at = static_cast<std::uint32_t>(roots_); at < arrivals_.size(); ++at) {
    for (const Fact& inner : summary(at).*facts) {
      if (!inner.common || (wanted && !wanted(inner))) continue;
      if (++taken > limit) {
        ++(dropped_.*left);
        continue;
      }
      Fact fact = inner;
      static_cast<Moment&>(fact) = seen(at, inner);
      take(fact, arrivals_[at]);
    }
  }
}

void CommonWalk::accesses(Visit<AccessFact> visit, Wanted<AccessFact> wanted) {
  each<AccessFact>(&Summary::accesses, limits_.accesses, &Dropped::accesses, wanted,
                   [&](AccessFact& fact, const Arrival& at) {
                     fact.guessed |= at.before.guessed;
                     visit(fact, at.root);
                   });
}

void CommonWalk::acquires(Visit<AcquireFact> visit) {
  each<AcquireFact>(&Summary::acquires, limits_.acquires, &Dropped::acquires, nullptr,
                    [&](AcquireFact& fact, const Arrival& at) {
                      fact.lock = names_.lockOutside(fact.lock);
                      fact.always &= at.before.always;
                      visit(fact, at.root);
                    });
}

void CommonWalk::operations(Visit<OperationFact> visit) {
  each<OperationFact>(&Summary::operations, limits_.operations, &Dropped::operations, nullptr,
                      [&](OperationFact& fact, const Arrival& at) {
                        fact.object = names_.outside(fact.object);
                        fact.lock = names_.lockOutside(fact.lock);
                        fact.guessed |= at.before.guessed;
                        visit(fact, at.root);
                      });
}

}  // namespace deadheat
