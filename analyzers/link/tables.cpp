#include "analyzers/link/tables.h"

#include <iterator>

namespace deadheat {

PathSetId PathSets::intern(std::vector<PathId> paths) {
  if (!std::is_sorted(paths.begin(), paths.end())) std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  auto [slot, fresh] = index_.try_emplace(paths, static_cast<PathSetId>(sets_.size()));
  if (fresh) sets_.push_back(std::move(paths));
  return slot->second;
}

PathSetId PathSets::with(PathSetId set, PathId path) {
  if (path == PathId::Unknown || contains(set, path)) return set;
  std::vector<PathId> paths = sets_[raw(set)];
  paths.push_back(path);
  return intern(std::move(paths));
}

PathSetId PathSets::united(PathSetId a, PathSetId b) {
  if (a == b || b == PathSetId::Empty) return a;
  if (a == PathSetId::Empty) return b;
  const std::uint64_t key = (std::uint64_t{std::min(raw(a), raw(b))} << 32) | std::max(raw(a), raw(b));
  if (auto known = unions_.find(key); known != unions_.end()) return known->second;
  std::vector<PathId> paths;
  paths.reserve(sets_[raw(a)].size() + sets_[raw(b)].size());
  std::set_union(sets_[raw(a)].begin(), sets_[raw(a)].end(), sets_[raw(b)].begin(), sets_[raw(b)].end(),
                 std::back_inserter(paths));
  return unions_[key] = intern(std::move(paths));
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
  std::vector<PathId> paths = sets_[raw(set)];
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

TraceId Traces::cons(Trace::Kind kind, Location location, FunctionIndex function, FunctionIndex callee, TraceId rest) {
  Trace node{kind, location, function, callee, rest, nodes_[raw(rest)].length + 1};
  auto [slot, fresh] = index_.try_emplace(node, static_cast<TraceId>(nodes_.size()));
  if (fresh) nodes_.push_back(node);
  return slot->second;
}

HoldSiteId HoldSites::intern(const HoldSite& site) {
  auto [slot, fresh] = index_.try_emplace(site, static_cast<HoldSiteId>(sites_.size()));
  if (fresh) sites_.push_back(site);
  return slot->second;
}

LocksetId Locksets::intern(std::vector<HeldLock> locks) {
  std::sort(locks.begin(), locks.end());
  auto [slot, fresh] = index_.try_emplace(locks, static_cast<LocksetId>(sets_.size()));
  if (!fresh) return slot->second;
  std::vector<std::pair<PathId, Hold>> shape;
  for (const HeldLock& lock : locks) shape.emplace_back(lock.lock, lock.hold);
  auto shapeId = static_cast<std::uint32_t>(shapeIndex_.size());
  shapes_.push_back(shapeIndex_.try_emplace(std::move(shape), shapeId).first->second);
  sets_.push_back(std::move(locks));
  return slot->second;
}

const HeldLock* Locksets::find(LocksetId set, PathId lock) const {
  for (const HeldLock& held : sets_[raw(set)]) {
    if (held.lock == lock) return &held;
  }
  return nullptr;
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
  std::vector<HeldLock> all = sets_[raw(a)];
  for (const HeldLock& held : sets_[raw(b)]) {
    if (!find(a, held.lock)) all.push_back(held);
  }
  return intern(std::move(all));
}

LocksetId Locksets::with(LocksetId set, const HeldLock& lock) {
  if (lock.lock == PathId::Unknown) return set;
  std::vector<HeldLock> locks = sets_[raw(set)];
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
  std::vector<HeldLock> locks = sets_[raw(set)];
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
