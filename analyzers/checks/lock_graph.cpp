#include "analyzers/checks/lock_graph.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "analyzers/checks/lock_evidence.h"

namespace deadheat {
namespace {

constexpr std::size_t kMaxCycle = 6;
constexpr std::size_t kMaxParallelEdges = 12;
constexpr std::size_t kBudget = 200000;

}  // namespace

LockGraph::LockGraph(const Program& program, const Scope& scope, LockNaming naming)
    : program_(program), scope_(scope), naming_(naming) {
  for (const LockAcquisition& want : scope.acquisitions) addEdges(want);
  for (auto& [from, list] : edges_) {
    std::sort(list.begin(), list.end(), [&](const LockEdge& a, const LockEdge& b) {
      const Traces& traces = program_.tables().traces;
      auto rank = [&](const LockEdge& e) {
        return std::tuple(e.to, traces.length(e.want->fact.trace), e.want->fact.location, e.want->actor);
      };
      return rank(a) < rank(b);
    });
  }
}

/// Empty: the lock cannot be told from others.
LockGraph::Key LockGraph::keyOf(PathId lock) const {
  const PathTable& paths = program_.tables().paths;
  const Storage storage = paths.storage(lock);
  if (naming_ == LockNaming::ByType && paths.isRoot(lock)) {
    return shapeOf(paths, lock);
  }
  if (naming_ == LockNaming::Exact) {
    return storage == Storage::Opaque || storage == Storage::Unknown ? Key{} : shapeOf(paths, lock);
  }
  if (storage == Storage::Opaque) lock = static_cast<PathId>(paths[paths[lock].root].index);
  return fieldKey(paths, lock);
}

/// Which object it is in is not known: reached through a pointer that could not be followed, or given by a caller.
bool LockGraph::isVague(PathId lock) const {
  const PathTable& paths = program_.tables().paths;
  const Storage storage = paths.storage(lock);
  if (scope_.kind == Scope::Kind::Library && storage != Storage::Global) return true;
  return storage == Storage::Opaque || paths.passes(lock, PathNode::Kind::Deref);
}

bool LockGraph::mayBeSame(PathId wanted, PathId held) const {
  return sameLock(program_.tables().paths, wanted, held) || isVague(wanted) || isVague(held);
}

void LockGraph::addEdges(const LockAcquisition& want) {
  const AcquireFact& fact = want.fact;
  if (fact.once || fact.wait != LockWait::Blocking) return;
  if (program_.tables().locksets.find(fact.held, fact.lock)) return;  // Taken again: nobody to wait for.
  const Key to = keyOf(fact.lock);
  if (to.empty()) return;
  for (const HeldLock& held : program_.tables().locksets[fact.held]) {
    if (held.hold == Hold::Passed || held.once) continue;
    if (fact.group != 0 && held.group == fact.group) continue;
    const Key from = keyOf(held.lock);
    if (from.empty()) continue;
    auto number = [&](const Key& key) {
      return nodes_.try_emplace(key, static_cast<std::uint32_t>(nodes_.size())).first->second;
    };
    LockEdge edge{&scope_, &want, held, number(from), number(to)};
    if (edge.from == edge.to) {
      self_.push_back(edge);
      continue;
    }
    auto& list = edges_[edge.from];
    auto parallel = std::count_if(list.begin(), list.end(), [&](const LockEdge& e) { return e.to == edge.to; });
    if (static_cast<std::size_t>(parallel) < kMaxParallelEdges) list.push_back(edge);
  }
}

/// Whether `next` can be under way at the same time as everything in `chain`.
bool LockGraph::fits(const std::vector<LockEdge>& chain, const LockEdge& next) const {
  const Tables& tables = program_.tables();
  const LockEdge& last = chain.back();
  if (last.want->fact.mode == LockMode::Shared && next.held.hold == Hold::Shared) return false;
  if (!mayBeSame(last.want->fact.lock, next.held.lock)) return false;
  return std::all_of(chain.begin(), chain.end(), [&](const LockEdge& e) {
    if (e.from == next.from) return false;
    if (e.want->actor == next.want->actor && !scope_.isMany(e.want->actor)) return false;
    if (protection(tables, e.want->fact.held, next.want->fact.held) == Protection::Sure) return false;
    return scope_.mayHappenInParallel(*e.want, *next.want, tables);
  });
}

bool LockGraph::closes(const std::vector<LockEdge>& chain) const {
  const LockEdge& last = chain.back();
  if (chain.size() < 2 || last.to != chain.front().from) return false;
  if (!mayBeSame(last.want->fact.lock, chain.front().held.lock)) return false;
  return last.want->fact.mode != LockMode::Shared || chain.front().held.hold != Hold::Shared;
}

void LockGraph::extend(std::uint32_t start, std::vector<LockEdge>& chain,
                       std::vector<std::vector<LockEdge>>& out) const {
  if (closes(chain)) {
    out.push_back(chain);
    return;
  }
  if (chain.size() >= kMaxCycle || budget_ == 0) return;
  auto found = edges_.find(chain.back().to);
  if (found == edges_.end()) return;
  for (const LockEdge& next : found->second) {
    if (next.to < start || budget_ == 0) continue;
    --budget_;
    if (!fits(chain, next)) continue;
    chain.push_back(next);
    extend(start, chain, out);
    chain.pop_back();
  }
}

std::vector<std::vector<LockEdge>> LockGraph::cycles() const {
  std::vector<std::vector<LockEdge>> found;
  std::set<std::vector<std::uint32_t>> seen;
  for (const auto& [start, list] : edges_) {
    budget_ = kBudget;
    std::vector<std::vector<LockEdge>> here;
    for (const LockEdge& first : list) {
      if (first.to < start) continue;
      std::vector<LockEdge> chain{first};
      extend(start, chain, here);
    }
    for (std::size_t length = 2; length <= kMaxCycle; ++length)
      for (auto& cycle : here) {
        if (cycle.size() != length) continue;
        std::vector<std::uint32_t> locks;
        for (const LockEdge& e : cycle) locks.push_back(e.from);
        std::sort(locks.begin(), locks.end());
        if (seen.insert(locks).second) found.push_back(std::move(cycle));
      }
  }
  return found;
}

std::vector<LockEdge> LockGraph::selfEdges() const { return self_; }

}  // namespace deadheat
