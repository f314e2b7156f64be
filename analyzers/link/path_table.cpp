#include "analyzers/link/path_table.h"

#include <algorithm>

#include "analyzers/facts/affine.h"

namespace deadheat {
namespace {

Storage storageOf(RootKind kind) {
  switch (kind) {
    case RootKind::Global:
      return Storage::Global;
    case RootKind::ThreadLocal:
      return Storage::ThreadLocal;
    case RootKind::Parameter:
      return Storage::Parameter;
    case RootKind::This:
      return Storage::This;
    case RootKind::Local:
      return Storage::Local;
    case RootKind::Allocation:
      return Storage::Allocation;
    case RootKind::Result:
      return Storage::Result;
    case RootKind::Unknown:
      return Storage::Unknown;
  }
  return Storage::Unknown;
}

RootKind rootKindOf(Storage storage) {
  switch (storage) {
    case Storage::Global:
      return RootKind::Global;
    case Storage::ThreadLocal:
      return RootKind::ThreadLocal;
    case Storage::Parameter:
      return RootKind::Parameter;
    case Storage::This:
      return RootKind::This;
    case Storage::Local:
      return RootKind::Local;
    case Storage::Allocation:
      return RootKind::Allocation;
    case Storage::Result:
    case Storage::Returned:
      return RootKind::Result;
    case Storage::Opaque:
    case Storage::Unknown:
      return RootKind::Unknown;
  }
  return RootKind::Unknown;
}

/// A member and the step back from it to the object it is in.
bool areInverse(std::string_view a, std::string_view b) {
  auto isBackFrom = [](std::string_view back, std::string_view member) {
    return back.size() == member.size() + 1 && back.front() == PathStep::kBack && back.substr(1) == member;
  };
  return isBackFrom(a, b) || isBackFrom(b, a);
}

/// Parameters and `this` are relative to whichever function holds the path; only frame-owned storage has an owner.
bool hasOwner(Storage storage) {
  return storage == Storage::Local || storage == Storage::Allocation || storage == Storage::Result ||
         storage == Storage::Parameter;
}

}  // namespace

PathTable::PathTable(Symbols& symbols) : symbols_(symbols), offset_(symbols.intern(PathStep::kOffset)) {
  nodes_.emplace_back();
}

PathId PathTable::root(Storage storage, FunctionIndex owner, Symbol name, Symbol display, std::uint32_t index) {
  if (storage == Storage::Unknown) return PathId::Unknown;
  if (!hasOwner(storage)) owner = FunctionIndex::None;
  if (storage == Storage::This || storage == Storage::Parameter) name = Symbol::Empty;
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  const std::uint64_t hash = mixed(mixed((std::uint64_t{raw(owner)} << 32) | raw(name), index),
                                   static_cast<std::uint64_t>(storage));
  const std::uint32_t id = index_.findOrAdd(hash, fresh, [&](std::uint32_t known) {
    const PathNode& node = nodes_[known];
    return node.kind == PathNode::Kind::Root && node.storage == storage && node.owner == owner && node.name == name &&
           node.index == index;
  });
  if (id == fresh)
    nodes_.push_back({PathId::Unknown, static_cast<PathId>(id), PathNode::Kind::Root, storage, 0, 0, index, owner, name,
                      display});
  return static_cast<PathId>(id);
}

PathId PathTable::opaque(PathId hidden) {
  if (hidden == PathId::Unknown || storage(hidden) == Storage::Opaque) return hidden;
  return root(Storage::Opaque, FunctionIndex::None, Symbol::Empty, Symbol::Empty, raw(hidden));
}

PathId PathTable::intern(const Path& path, FunctionIndex owner) {
  PathId id = root(storageOf(path.root.kind), owner, symbols_.intern(path.root.name),
                   symbols_.intern(path.root.display), path.root.index);
  for (const PathStep& s : path.steps) {
    switch (s.kind) {
      case PathStep::Kind::Field:
        id = field(id, symbols_.intern(s.record), symbols_.intern(s.name));
        break;
      case PathStep::Kind::Deref:
        id = deref(id);
        break;
      case PathStep::Kind::Element:
        id = step(id, PathNode::Kind::Element, symbols_.intern(s.name), symbols_.intern(s.record));
        break;
    }
  }
  return path.cut ? step(id, PathNode::Kind::Cut, Symbol::Empty, Symbol::Empty) : id;
}

PathId PathTable::step(PathId base, PathNode::Kind kind, Symbol name, Symbol record) {
  if (base == PathId::Unknown) return base;
  if (nodes_[raw(base)].kind == PathNode::Kind::Element && nodes_[raw(base)].record == offset_) {
    const PathNode from = nodes_[raw(base)];
    if (kind == PathNode::Kind::Element) return step(from.parent, kind, sum(from.name, name), record);
    base = step(from.parent, from.kind, from.name, Symbol::Empty);
  }
  const PathNode parent = nodes_[raw(base)];
  if (parent.kind == PathNode::Kind::Cut) return base;
  if (kind == PathNode::Kind::Field && unified_.contains({raw(record), raw(name)})) return base;
  if (kind == PathNode::Kind::Field && parent.kind == PathNode::Kind::Field && parent.record == record &&
      areInverse(symbols_.text(parent.name), symbols_.text(name))) {
    return parent.parent;
  }
  if (parent.depth >= kMaxLinkedSteps) {
    kind = PathNode::Kind::Cut;
    name = record = Symbol::Empty;
  }
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  const std::uint64_t hash = mixed(mixed((std::uint64_t{raw(base)} << 32) | raw(name), raw(record)),
                                   static_cast<std::uint64_t>(kind) + 1);
  const std::uint32_t id = index_.findOrAdd(hash, fresh, [&](std::uint32_t known) {
    const PathNode& node = nodes_[known];
    return node.parent == base && node.kind == kind && node.name == name && node.record == record;
  });
  if (id != fresh) return static_cast<PathId>(id);
  const bool formal =
      parent.formal || (kind == PathNode::Kind::Element && symbols_.text(name).find('%') != std::string_view::npos);
  nodes_.push_back({base, parent.root, kind, parent.storage, static_cast<std::uint8_t>(parent.depth + 1),
                    static_cast<std::uint8_t>(parent.derefs + (kind == PathNode::Kind::Deref ? 1 : 0)), 0, parent.owner,
                    name, record, formal});
  return static_cast<PathId>(id);
}

Symbol PathTable::sum(Symbol a, Symbol b) {
  const std::optional<Affine> x = Affine::parse(symbols_.text(a)), y = Affine::parse(symbols_.text(b));
  const std::optional<Affine> both = x && y ? x->plus(*y) : std::nullopt;
  return both ? symbols_.intern(both->text()) : Symbol::Empty;
}

PathId PathTable::settled(PathId path) {
  if (path == PathId::Unknown || nodes_[raw(path)].kind != PathNode::Kind::Element ||
      nodes_[raw(path)].record != offset_)
    return path;
  const PathNode node = nodes_[raw(path)];
  return step(node.parent, node.kind, node.name, Symbol::Empty);
}

PathId PathTable::reindexed(PathId path, const std::function<Symbol(Symbol)>& index) {
  if (path == PathId::Unknown || !nodes_[raw(path)].formal) return path;
  const PathNode node = nodes_[raw(path)];
  const PathId base = reindexed(node.parent, index);
  const bool isIndex = node.kind == PathNode::Kind::Element;
  return step(base, node.kind, isIndex ? index(node.name) : node.name, node.record);
}

PathId PathTable::appendLast(PathId base, PathId like) {
  const PathNode& node = nodes_[raw(like)];
  return step(base, node.kind, node.name, node.record);
}

PathId PathTable::rebase(PathId path, PathId prefix, PathId replacement) {
  if (path == prefix) return replacement;
  if (path == PathId::Unknown || isRoot(path)) return path;
  return appendLast(rebase(nodes_[raw(path)].parent, prefix, replacement), path);
}

bool PathTable::hasPrefix(PathId path, PathId prefix) const {
  const std::uint8_t depth = nodes_[raw(prefix)].depth;
  while (nodes_[raw(path)].depth > depth) path = nodes_[raw(path)].parent;
  return path == prefix;
}

bool PathTable::passes(PathId path, PathNode::Kind kind) const {
  for (; path != PathId::Unknown; path = nodes_[raw(path)].parent) {
    if (nodes_[raw(path)].kind == kind) return true;
  }
  return false;
}

FieldName PathTable::lastField(PathId path) const {
  while (path != PathId::Unknown && nodes_[raw(path)].kind == PathNode::Kind::Element) path = nodes_[raw(path)].parent;
  if (path == PathId::Unknown || nodes_[raw(path)].kind != PathNode::Kind::Field) return {};
  return {nodes_[raw(path)].record, nodes_[raw(path)].name};
}

std::vector<PathId> PathTable::prefixes(PathId path) const {
  std::vector<PathId> all;
  for (; path != PathId::Unknown; path = nodes_[raw(path)].parent) all.push_back(path);
  std::reverse(all.begin(), all.end());
  return all;
}

bool PathTable::isConstantIndex(Symbol index) const {
  std::string_view text = symbols_.text(index);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Path PathTable::expand(PathId id) const {
  Path path;
  for (PathId at : prefixes(id)) {
    const PathNode& node = nodes_[raw(at)];
    switch (node.kind) {
      case PathNode::Kind::Root:
        if (node.storage == Storage::Opaque) {
          path = expand(static_cast<PathId>(node.index));
        } else {
          path.root = {rootKindOf(node.storage), node.index, std::string(symbols_.text(node.name)),
                       std::string(symbols_.text(node.record))};
        }
        break;
      case PathNode::Kind::Field:
        path.steps.push_back(
            PathStep::field(std::string(symbols_.text(node.record)), std::string(symbols_.text(node.name))));
        break;
      case PathNode::Kind::Deref:
        path.steps.push_back(PathStep::deref());
        break;
      case PathNode::Kind::Element:
        path.steps.push_back(PathStep::element(std::string(symbols_.text(node.name))));
        break;
      case PathNode::Kind::Cut:
        path.cut = true;
        break;
    }
  }
  return path;
}

}  // namespace deadheat
