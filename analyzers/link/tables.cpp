#include "analyzers/link/tables.h"

#include <iterator>
#include <tuple>

namespace deadheat {
namespace {

std::uint64_t hashOf(Location at) { return mixed(mixed(at.file, at.line), at.column); }

std::uint64_t hashOf(const HeldLock& lock) {
  return mixed(mixed(raw(lock.lock), (static_cast<std::uint64_t>(lock.hold) << 24) |
                                         (static_cast<std::uint64_t>(lock.recursion) << 16) |
                                         (std::uint64_t{lock.once} << 8) | lock.count),
               (std::uint64_t{lock.group} << 32) | raw(lock.since));
}

/// Locks and modes without the sites.
bool sameShape(llvm::ArrayRef<HeldLock> a, llvm::ArrayRef<HeldLock> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const HeldLock& x, const HeldLock& y) { return x.lock == y.lock && x.hold == y.hold; });
}

}  // namespace

PathSetId PathSets::intern(std::vector<PathId> paths) {
  if (!std::is_sorted(paths.begin(), paths.end())) std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return add(paths);
}

PathSetId PathSets::add(llvm::ArrayRef<PathId> sorted) {
  std::uint64_t hash = sorted.size();
  for (PathId path : sorted) hash = mixed(hash, raw(path));
  const auto fresh = static_cast<std::uint32_t>(sets_.size());
  const std::uint32_t id = index_.findOrAdd(hash, fresh, [&](std::uint32_t known) { return sets_[known] == sorted; });
  if (id == fresh) sets_.push_back(sorted.copy(memory_));
  return static_cast<PathSetId>(id);
}

PathSetId PathSets::with(PathSetId set, PathId path) {
  if (path == PathId::Unknown || contains(set, path)) return set;
  std::vector<PathId> paths = sets_[raw(set)].vec();
  paths.push_back(path);
  return intern(std::move(paths));
}

PathSetId PathSets::united(PathSetId a, PathSetId b) {
  if (a == b || b == PathSetId::Empty) return a;
  if (a == PathSetId::Empty) return b;
  const std::uint64_t key = (std::uint64_t{std::min(raw(a), raw(b))} << 32) | std::max(raw(a), raw(b));
  if (auto known = unions_.find(key); known != unions_.end()) return known->second;
  llvm::SmallVector<PathId, 64> paths;
  std::set_union(sets_[raw(a)].begin(), sets_[raw(a)].end(), sets_[raw(b)].begin(), sets_[raw(b)].end(),
                 std::back_inserter(paths));
  return unions_[key] = add(paths);
}

PathSetId PathSets::gathered(PathSetId a, PathSetId b) {
  PathSetId both = united(a, b);
  if (sets_[raw(both)].size() <= kMaxGathered) return both;
  return intern({sets_[raw(both)].begin(), sets_[raw(both)].begin() + kMaxGathered});
}

PathSetId PathSets::intersected(PathSetId a, PathSetId b) {
  if (a == b) return a;
  std::vector<PathId> paths;
  std::set_intersection(sets_[raw(a)].begin(), sets_[raw(a)].end(), sets_[raw(b)].begin(), sets_[raw(b)].end(),
                        std::back_inserter(paths));
  return intern(std::move(paths));
}

PathSetId PathSets::without(PathSetId set, PathId path) {
  if (!contains(set, path)) return set;
  std::vector<PathId> paths = sets_[raw(set)].vec();
  std::erase(paths, path);
  return intern(std::move(paths));
}

bool PathSets::contains(PathSetId set, PathId path) const {
  return std::binary_search(sets_[raw(set)].begin(), sets_[raw(set)].end(), path);
}

CellMapId CellMaps::intern(Map map) {
  auto [slot, fresh] = index_.try_emplace(map, static_cast<CellMapId>(maps_.size()));
  if (fresh) maps_.push_back(std::move(map));
  return slot->second;
}

const PathId* CellMaps::find(CellMapId map, PathId cell) const {
  const Map& cells = maps_[raw(map)];
  auto at = std::lower_bound(cells.begin(), cells.end(), std::pair(cell, PathId::Unknown));
  return at != cells.end() && at->first == cell ? &at->second : nullptr;
}

CellMapId CellMaps::with(CellMapId map, PathId cell, PathId object) {
  Map cells = maps_[raw(map)];
  auto at = std::lower_bound(cells.begin(), cells.end(), std::pair(cell, PathId::Unknown));
  if (at != cells.end() && at->first == cell) {
    at->second = object;
  } else {
    cells.insert(at, {cell, object});
  }
  return intern(std::move(cells));
}

CellMapId CellMaps::merged(CellMapId a, CellMapId b) {
  if (a == b || b == CellMapId::Empty) return a;
  CellMapId out = a;
  const Map others = maps_[raw(b)];
  for (const auto& [cell, object] : others) {
    const PathId* own = find(a, cell);
    out = with(out, cell, own && *own != object ? PathId::Unknown : object);
  }
  return out;
}

Traces::Traces() {
  steps_.emplace_back();
  nodes_.push_back({0, TraceId::Here, 0});
}

std::uint32_t Traces::stepNumber(const Trace& step) {
  const std::uint64_t hash = mixed(mixed(hashOf(step.location), static_cast<std::uint64_t>(step.kind)),
                                   (std::uint64_t{raw(step.function)} << 32) | raw(step.callee));
  const auto fresh = static_cast<std::uint32_t>(steps_.size());
  const std::uint32_t id =
      stepIndex_.findOrAdd(hash, fresh, [&](std::uint32_t known) { return steps_[known] == step; });
  if (id == fresh) steps_.push_back(step);
  return id;
}

TraceId Traces::cons(Trace::Kind kind, Location location, FunctionIndex function, FunctionIndex callee, TraceId rest) {
  return cons(stepNumber({kind, location, function, callee, TraceId::Here, 0}), rest);
}

TraceId Traces::cons(std::uint32_t step, TraceId rest) {
  const Node node{step, rest, length(rest) + 1};
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t id = index_.findOrAdd(mixed(node.step, raw(rest)), fresh, [&](std::uint32_t known) {
    return nodes_[known].step == node.step && nodes_[known].rest == node.rest;
  });
  if (id == fresh) nodes_.push_back(node);
  return static_cast<TraceId>(id);
}

Trace Traces::operator[](TraceId id) const {
  const Node& node = nodes_[raw(id)];
  Trace out = steps_[node.step];
  out.rest = node.rest;
  out.length = node.length;
  return out;
}

TraceId Traces::concatenated(TraceId outer, TraceId inner) {
  if (outer == TraceId::Here) return inner;
  const Node node = nodes_[raw(outer)];
  return cons(node.step, concatenated(node.rest, inner));
}

HoldSiteId HoldSites::intern(const HoldSite& site) {
  const std::uint64_t hash =
      mixed(hashOf(site.location), (std::uint64_t{raw(site.function)} << 32) | raw(site.trace));
  const auto fresh = static_cast<std::uint32_t>(sites_.size());
  const std::uint32_t id = index_.findOrAdd(hash, fresh, [&](std::uint32_t known) { return sites_[known] == site; });
  if (id == fresh) sites_.push_back(site);
  return static_cast<HoldSiteId>(id);
}

/// Nobody asks where a flag was passed.
void Locksets::limitPassed(std::vector<HeldLock>& locks) {
  std::size_t passed = 0;
  std::erase_if(locks, [&](HeldLock& lock) {
    if (lock.hold != Hold::Passed) return false;
    const PathId flag = lock.lock;
    lock = HeldLock{};
    lock.lock = flag;
    lock.hold = Hold::Passed;
    lock.once = true;
    return ++passed > kMaxPassed;
  });
}

bool Locksets::forgotPassed(LocksetId set) const {
  const auto& locks = sets_[raw(set)];
  return std::count_if(locks.begin(), locks.end(), [](const HeldLock& h) { return h.hold == Hold::Passed; }) ==
         static_cast<std::ptrdiff_t>(kMaxPassed);
}

LocksetId Locksets::intern(std::vector<HeldLock> locks) {
  std::sort(locks.begin(), locks.end());
  limitPassed(locks);
  std::uint64_t hash = locks.size();
  for (const HeldLock& lock : locks) hash = mixed(hash, hashOf(lock));
  const auto fresh = static_cast<std::uint32_t>(sets_.size());
  const std::uint32_t id = index_.findOrAdd(
      hash, fresh, [&](std::uint32_t known) { return sets_[known] == llvm::ArrayRef<HeldLock>(locks); });
  if (id != fresh) return static_cast<LocksetId>(id);
  sets_.push_back(llvm::ArrayRef<HeldLock>(locks).copy(memory_));
  shapes_.push_back(shapeOf(static_cast<LocksetId>(id)));
  return static_cast<LocksetId>(id);
}

std::uint32_t Locksets::shapeOf(LocksetId set) {
  const llvm::ArrayRef<HeldLock> locks = sets_[raw(set)];
  std::uint64_t hash = locks.size();
  for (const HeldLock& lock : locks) hash = mixed(hash, (std::uint64_t{raw(lock.lock)} << 8) | static_cast<std::uint64_t>(lock.hold));
  const auto fresh = static_cast<std::uint32_t>(shapeExamples_.size());
  const std::uint32_t shape = shapeIndex_.findOrAdd(
      hash, fresh, [&](std::uint32_t known) { return sameShape(sets_[raw(shapeExamples_[known])], locks); });
  if (shape == fresh) shapeExamples_.push_back(set);
  return shape;
}

const HeldLock* Locksets::find(LocksetId set, PathId lock) const {
  const llvm::ArrayRef<HeldLock> locks = sets_[raw(set)];
  const HeldLock* at = std::lower_bound(locks.begin(), locks.end(), lock,
                                        [](const HeldLock& held, PathId wanted) { return held.lock < wanted; });
  return at != locks.end() && at->lock == lock ? at : nullptr;
}

LocksetId Locksets::intersected(LocksetId a, LocksetId b) {
  if (a == b) return a;
  std::vector<HeldLock> both;
  for (const HeldLock& held : sets_[raw(a)]) {
    const HeldLock* other = find(b, held.lock);
    if (!other) continue;
    HeldLock merged = held;
    if (held.hold != other->hold) merged.hold = held.hold == Hold::Passed ? Hold::Passed : Hold::Shared;
    if (other->hold == Hold::Passed) merged.hold = Hold::Passed;
    merged.mixed = held.mixed || other->mixed || (held.hold != other->hold && merged.hold == Hold::Shared);
    merged.assumed = held.assumed && other->assumed;
    merged.count = std::min(held.count, other->count);
    merged.since = std::min(held.since, other->since);
    merged.group = std::min(held.group, other->group);
    both.push_back(merged);
  }
  return intern(std::move(both));
}

LocksetId Locksets::united(LocksetId a, LocksetId b) {
  if (a == b || b == LocksetId::Empty) return a;
  std::vector<HeldLock> all = sets_[raw(a)].vec();
  for (const HeldLock& held : sets_[raw(b)]) {
    if (!find(a, held.lock)) all.push_back(held);
  }
  return intern(std::move(all));
}

LocksetId Locksets::with(LocksetId set, const HeldLock& lock) {
  if (lock.lock == PathId::Unknown) return set;
  std::vector<HeldLock> locks = sets_[raw(set)].vec();
  for (HeldLock& held : locks) {
    if (held.lock != lock.lock) continue;
    if (held.hold == Hold::Passed)
      held = lock;
    else if (held.recursion != Recursion::No && held.count < 8)
      ++held.count;
    return intern(std::move(locks));
  }
  locks.push_back(lock);
  return intern(std::move(locks));
}

LocksetId Locksets::released(LocksetId set, PathId lock) {
  std::vector<HeldLock> locks = sets_[raw(set)].vec();
  for (auto at = locks.begin(); at != locks.end(); ++at) {
    if (at->lock != lock || at->hold == Hold::Passed) continue;
    if (at->once)
      at->hold = Hold::Passed;
    else if (at->count > 1)
      --at->count;
    else
      locks.erase(at);
    return intern(std::move(locks));
  }
  return set;
}

Tables::Tables() {
  const PathId outside = paths.root(Storage::Global, FunctionIndex::None, symbols.intern("$outside"), Symbol::Empty);
  pathSets.intern({outside});
}

PathId Tables::mark(std::string_view kind, FunctionIndex f, std::uint64_t number) {
  const std::string name = std::string(kind) + ":" + std::to_string(raw(f)) + ":" + std::to_string(number);
  return paths.root(Storage::Global, FunctionIndex::None, symbols.intern(name), Symbol::Empty);
}

PathId Tables::marked(PathId mark, std::string_view how) {
  const std::string name = std::string(symbols.text(paths[mark].name)) + std::string(how);
  return paths.root(Storage::Global, FunctionIndex::None, symbols.intern(name), Symbol::Empty);
}

}  // namespace deadheat
