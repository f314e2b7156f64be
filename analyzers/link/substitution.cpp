#include "analyzers/link/substitution.h"

#include <cstdlib>

#include "analyzers/facts/affine.h"

namespace deadheat {

PathId Substitution::path(PathId callee) {
  auto [slot, fresh] = memo_.try_emplace(callee, PathId::Unknown);
  if (!fresh) return slot->second;
  PathId out = replace(callee, Copy::Shared);
  if (tables_.paths[callee].formal) {
    // Only the callee's own steps: those of an actual are in the caller's terms already.
    out = replace(tables_.paths.reindexed(callee, [this](Symbol index) { return number(index); }), Copy::Shared);
  }
  out = caller_.normalise(out);
  memo_[callee] = out;
  return out;
}

Symbol Substitution::number(Symbol callee) {
  if (callee == Symbol::Empty) return callee;
  auto [slot, fresh] = numbers_.try_emplace(raw(callee), callee);
  if (!fresh) return slot->second;
  const std::optional<Affine> known = Affine::parse(tables_.symbols.text(callee));
  if (!known) return callee;
  const std::optional<Affine> out = known->replaced([&](std::string_view name) -> std::optional<Affine> {
    if (name.front() != '%') return std::nullopt;
    const std::size_t index = std::strtoul(name.data() + 1, nullptr, 10);
    if (index < actuals_.arguments.size())
      if (auto actual = Affine::parse(tables_.symbols.text(actuals_.arguments[index].number))) return actual;
    return Affine::variable("?" + std::string(name.substr(1)));
  });
  return numbers_[raw(callee)] = out ? tables_.symbols.intern(out->text()) : Symbol::Empty;
}

PathId Substitution::lock(PathId callee) {
  PathId out = path(callee);
  return out == PathId::Unknown ? tables_.paths.opaque(callee) : out;
}

PathId Substitution::replace(PathId callee, Copy copy) {
  const PathNode node = tables_.paths[callee];
  switch (node.storage) {
    case Storage::Global:
    case Storage::ThreadLocal:
    case Storage::Opaque:
      return callee;
    case Storage::This:
      return actuals_.receiver ? rooted(callee, node.root, *actuals_.receiver, true, copy) : PathId::Unknown;
    case Storage::Parameter: {
      std::uint32_t index = tables_.paths[node.root].index;
      if (index >= actuals_.arguments.size()) return PathId::Unknown;
      return rooted(callee, node.root, actuals_.arguments[index], false, copy);
    }
    case Storage::Returned: {
      if (actuals_.result == PathId::Unknown) return PathId::Unknown;
      PathId object = actuals_.returnsObject ? actuals_.result : tables_.paths.deref(actuals_.result);
      return tables_.paths.rebase(callee, node.root, object);
    }
    default:
      return PathId::Unknown;
  }
}

/// `callee` starts at a formal that stands for `actual`. `this` is the object pointed to; a parameter is a copy.
PathId Substitution::rooted(PathId callee, PathId root, const LinkedValue& actual, bool isThis, Copy copy) {
  PathTable& paths = tables_.paths;
  if (actual.path == PathId::Unknown) return PathId::Unknown;
  if (isThis && actual.kind != Value::Kind::Object) {
    PathId object = actual.kind == Value::Kind::AddressOf ? actual.path : paths.deref(actual.path);
    return paths.rebase(callee, root, object);
  }
  if (actual.kind == Value::Kind::Object) {
    bool shared = copy == Copy::Any || paths.passes(callee, PathNode::Kind::Deref);
    return shared ? paths.rebase(callee, root, actual.path) : PathId::Unknown;
  }
  std::vector<PathId> prefixes = paths.prefixes(callee);
  if (prefixes.size() < 2) return copy == Copy::Any && actual.kind == Value::Kind::Load ? actual.path : PathId::Unknown;
  if (paths[prefixes[1]].kind != PathNode::Kind::Deref) return PathId::Unknown;
  PathId object = actual.kind == Value::Kind::AddressOf ? actual.path : paths.deref(actual.path);
  return paths.rebase(callee, prefixes[1], object);
}

LinkedValue Substitution::value(const LinkedValue& callee) {
  if (callee.path == PathId::Unknown) return callee;
  const PathNode node = tables_.paths[callee.path];
  if (node.storage == Storage::Parameter && node.kind == PathNode::Kind::Root &&
      callee.kind != Value::Kind::AddressOf) {
    if (node.index >= actuals_.arguments.size()) return {};
    LinkedValue actual = actuals_.arguments[node.index];
    if (actual.function == FunctionIndex::None) actual.function = callee.function;
    return actual;
  }
  LinkedValue out = callee;
  out.path = replace(callee.path, callee.kind == Value::Kind::AddressOf ? Copy::Shared : Copy::Any);
  if (out.path == PathId::Unknown) {
    if (callee.kind == Value::Kind::Object && callee.function != FunctionIndex::None) return out;
    return {};
  }
  return caller_.normalise(out);
}

PathSetId Substitution::set(PathSetId callee) {
  if (callee == PathSetId::Empty) return callee;
  auto [slot, fresh] = sets_.try_emplace(raw(callee), PathSetId::Empty);
  if (!fresh) return slot->second;
  std::vector<PathId> members(tables_.pathSets[callee].begin(), tables_.pathSets[callee].end());
  std::vector<PathId> out;
  for (PathId member : members) {
    if (PathId p = path(member); p != PathId::Unknown) out.push_back(p);
  }
  return sets_[raw(callee)] = tables_.pathSets.intern(std::move(out));
}

}  // namespace deadheat
