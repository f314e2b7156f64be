#include "analyzers/checks/protection.h"

#include <algorithm>

#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

bool excludes(const HeldLock& a, const HeldLock& b) {
  if (a.hold == Hold::Passed || b.hold == Hold::Passed) return a.hold != b.hold;
  return a.hold == Hold::Exclusive || b.hold == Hold::Exclusive;
}

bool isOpaque(const PathTable& paths, PathId lock) { return paths.storage(lock) == Storage::Opaque; }

/// The path that an opaque lock hides, for a look at its last field.
PathId shown(const PathTable& paths, PathId lock) {
  return isOpaque(paths, lock) ? static_cast<PathId>(paths[paths[lock].root].index) : lock;
}

bool sameField(const PathTable& paths, PathId a, PathId b) {
  const PathNode& x = paths[shown(paths, a)];
  const PathNode& y = paths[shown(paths, b)];
  return x.kind == y.kind && x.name == y.name && x.record == y.record;
}

/// What two variables with names of their own point to is taken for two locks.
bool areByVariables(const PathTable& paths, PathId a, PathId b) {
  auto variable = [&](PathId lock) {
    const PathNode& node = paths[lock];
    const bool isPointee = node.kind == PathNode::Kind::Deref && node.storage == Storage::Global && paths.isRoot(node.parent);
    return isPointee ? node.parent : PathId::Unknown;
  };
  return variable(a) != PathId::Unknown && variable(b) != PathId::Unknown && variable(a) != variable(b);
}

/// Which object the lock is in is not known for sure.
bool isVague(const PathTable& paths, PathId lock) {
  return isOpaque(paths, lock) || paths.passes(lock, PathNode::Kind::Deref) || paths.storage(lock) == Storage::Result;
}

bool releases(const AccessFact& fact) {
  if (!fact.writes() || fact.atomicity != Atomicity::Atomic) return false;
  return fact.order != MemoryOrder::Relaxed && fact.order != MemoryOrder::Acquire;
}

}  // namespace

namespace {

/// Two different members that are one piece of memory all the same.
bool shareMemory(const Program& program, PathId a, PathId b) {
  const PathTable& paths = program.tables().paths;
  if (paths[a].record != paths[b].record) return false;
  const std::string_view name = program.tables().symbols.text(paths[a].record);
  if (!program.bodies().overlaid.contains(name)) return false;
  const Record::Field* one = program.field(a);
  const Record::Field* other = program.field(b);
  return program.record(name)->isUnion || (one && other && one->bits != 0 && one->bits == other->bits);
}

}  // namespace

Overlap overlap(const Program& program, const AccessFact& a, const AccessFact& b) {
  const PathTable& paths = program.tables().paths;
  if (a.path == b.path) {
    bool indexed = false;
    for (PathId p : paths.prefixes(a.path)) {
      const PathNode& node = paths[p];
      if (node.kind == PathNode::Kind::Cut) return Overlap::Partial;
      indexed |= node.kind == PathNode::Kind::Element && !paths.isConstantIndex(node.name);
    }
    return indexed ? Overlap::Element : Overlap::Exact;
  }
  const std::vector<PathId> x = paths.prefixes(a.path), y = paths.prefixes(b.path);
  Overlap result = Overlap::Exact;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const PathNode& s = paths[x[i]];
    const PathNode& t = paths[y[i]];
    if (i == 0) {
      if (x[0] != y[0]) return Overlap::None;
      continue;
    }
    if (s.kind == PathNode::Kind::Cut || t.kind == PathNode::Kind::Cut) return Overlap::Partial;
    if (s.kind != t.kind) return Overlap::None;
    if (s.kind == PathNode::Kind::Field && (s.name != t.name || s.record != t.record)) {
      return shareMemory(program, x[i], y[i]) ? result : Overlap::None;
    }
    if (s.kind != PathNode::Kind::Element) continue;
    const bool constant = paths.isConstantIndex(s.name) && paths.isConstantIndex(t.name);
    if (constant && s.name != t.name) return Overlap::None;
    if (!constant) result = Overlap::Element;
  }
  const bool aShorter = x.size() < y.size();
  const std::vector<PathId>& longer = aShorter ? y : x;
  const AccessFact& whole = aShorter ? a : b;
  for (std::size_t i = std::min(x.size(), y.size()); i < longer.size(); ++i) {
    const PathNode::Kind kind = paths[longer[i]].kind;
    if (kind == PathNode::Kind::Deref) return Overlap::None;  // What a pointer points to is not part of it.
    if (kind == PathNode::Kind::Element && whole.operation) return Overlap::None;
  }
  return result;
}

bool sameLock(const PathTable& paths, PathId a, PathId b) {
  if (a == b || sameHandle(paths, a, b)) return true;
  return (isOpaque(paths, a) || isOpaque(paths, b)) && sameField(paths, a, b);
}

namespace {

/// The last step into an array on the way to the lock, or Unknown.
PathId elementOf(const PathTable& paths, PathId lock) {
  while (lock != PathId::Unknown && paths[lock].kind != PathNode::Kind::Element) lock = paths[lock].parent;
  return lock;
}

/// Whether the memory at `path` goes with the index by which the lock at `element` was chosen. Memory behind pointers
/// may.
bool isTied(const Tables& tables, PathId path, PathId element) {
  const PathTable& paths = tables.paths;
  auto isUnknown = [&](Symbol index) { return index == Symbol::Empty || tables.symbols.text(index).starts_with('?'); };
  if (paths.hasPrefix(path, element) || paths.passes(path, PathNode::Kind::Deref)) return true;
  const Symbol index = paths[element].name;
  for (PathId p : paths.prefixes(path)) {
    const bool indexed = paths[p].kind == PathNode::Kind::Element;
    if (indexed && (paths[p].name == index || isUnknown(paths[p].name) || isUnknown(index))) return true;
  }
  return false;
}

/// Whether `x`, held at `a`, and `y`, held at `b`, are one lock wherever the two accesses meet.
bool isSureLock(const Tables& tables, const AccessFact& a, PathId x, const AccessFact& b, PathId y) {
  const PathTable& paths = tables.paths;
  const PathId first = elementOf(paths, x), second = elementOf(paths, y);
  if (first == PathId::Unknown || second == PathId::Unknown) return true;
  if (first == second && paths.isConstantIndex(paths[first].name)) return true;
  return isTied(tables, a.path, first) && isTied(tables, b.path, second);
}

}  // namespace

Protection protection(const Tables& tables, const AccessFact& a, const AccessFact& b) {
  const Protection byName = protection(tables, a.held, b.held);
  if (byName != Protection::Sure) return byName;
  for (const HeldLock& x : tables.locksets[a.held]) {
    for (const HeldLock& y : tables.locksets[b.held]) {
      if (excludes(x, y) && sameLock(tables.paths, x.lock, y.lock) && isSureLock(tables, a, x.lock, b, y.lock)) {
        return Protection::Sure;
      }
    }
  }
  return Protection::OneOfSeveral;
}

/// `first` is held within what a once-flag guards, and `later` may be after it.
static bool mayHavePassed(const Tables& tables, LocksetId first, LocksetId later) {
  const auto held = tables.locksets[first];
  return tables.locksets.forgotPassed(later) &&
         std::any_of(held.begin(), held.end(), [](const HeldLock& h) { return h.once && h.hold != Hold::Passed; });
}

Protection protection(const Tables& tables, LocksetId a, LocksetId b) {
  Protection result = Protection::None;
  for (const HeldLock& x : tables.locksets[a]) {
    if (isOpaque(tables.paths, x.lock)) result = Protection::Possible;
    for (const HeldLock& y : tables.locksets[b]) {
      if (isOpaque(tables.paths, y.lock)) result = Protection::Possible;
      if (!excludes(x, y)) {
        if ((x.mixed || y.mixed) && sameLock(tables.paths, x.lock, y.lock)) result = Protection::Possible;
        continue;
      }
      if (sameLock(tables.paths, x.lock, y.lock)) return Protection::Sure;
      if (areByVariables(tables.paths, x.lock, y.lock)) continue;
      if (sameField(tables.paths, x.lock, y.lock) && (isVague(tables.paths, x.lock) || isVague(tables.paths, y.lock))) {
        result = Protection::Possible;
      }
    }
  }
  if (mayHavePassed(tables, a, b) || mayHavePassed(tables, b, a)) result = Protection::Possible;
  return a == LocksetId::Empty || b == LocksetId::Empty ? Protection::None : result;
}

std::vector<std::uint32_t> shapeOf(const PathTable& paths, PathId path) {
  std::vector<std::uint32_t> shape;
  for (PathId p : paths.prefixes(path)) {
    const PathNode& node = paths[p];
    shape.push_back(static_cast<std::uint32_t>(node.kind));
    shape.push_back(node.kind == PathNode::Kind::Root ? raw(p) : 0);
    if (node.kind != PathNode::Kind::Field) continue;
    shape.push_back(raw(node.name));
    shape.push_back(raw(node.record));
  }
  return shape;
}

HandOvers::HandOvers(const Scope& scope, const Tables& tables) : tables_(tables), released_(scope.actors.size()) {
  for (const SharedAccess& access : scope.accesses) {
    if (releases(access.fact)) released_[access.actor].push_back(access.fact.path);
  }
  for (std::vector<PathId>& paths : released_) {
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  }
}

bool HandOvers::between(const SharedAccess& a, const SharedAccess& b) const {
  if (hasGate(a, b, a.fact.notified)) return true;
  return hasGate(a, b, PathSetId::Empty) && hasGate(b, a, PathSetId::Empty);
}

/// Something outside `except` that a's thread releases and b's thread has acquired before b.
bool HandOvers::hasGate(const SharedAccess& a, const SharedAccess& b, PathSetId except) const {
  const std::vector<PathId>& released = released_[a.actor];
  if (b.fact.acquired == PathSetId::Empty || released.empty()) return false;
  for (PathId gate : tables_.pathSets[b.fact.acquired]) {
    if (tables_.pathSets.contains(except, gate)) continue;
    if (std::binary_search(released.begin(), released.end(), gate)) return true;
    if (std::any_of(released.begin(), released.end(),
                    [&](PathId path) { return sameHandle(tables_.paths, path, gate); })) {
      return true;
    }
  }
  return false;
}

}  // namespace deadheat
