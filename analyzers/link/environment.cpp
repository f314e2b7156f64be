#include "analyzers/link/environment.h"

namespace deadheat {
namespace {

constexpr int kMaxRewrites = 24;

bool pointsSomewhere(const LinkedValue& v) { return v.kind != Value::Kind::Unknown && v.kind != Value::Kind::Constant; }

}  // namespace

void ProgramBindings::add(PathId cell, const LinkedValue& value) {
  if (cell == PathId::Unknown || value.kind == Value::Kind::Constant) return;
  auto [slot, fresh] = values_.try_emplace(cell, value);
  if (!fresh && slot->second != value) slot->second = LinkedValue{};
}

const LinkedValue* ProgramBindings::find(PathId cell) const {
  auto found = values_.find(cell);
  return found == values_.end() || !found->second.known() ? nullptr : &found->second;
}

void Environment::bind(PathId cell, LinkedValue value) {
  if (cell == PathId::Unknown || value.kind == Value::Kind::Constant) return;
  memo_.clear();
  Binding& binding = bindings_[cell];
  if (value.kind == Value::Kind::Object && value.path == cell) {  // Names its own call operator.
    if (!binding.value.known()) binding.value = value;
    return;
  }
  if (comesFrom(value, cell)) {
    if (value.path != cell) binding.walks = true;
    return;
  }
  if (!value.known()) {
    binding.conflicting = true;
  } else if (!binding.value.known()) {
    binding.value = value;
  } else if (binding.value != value && normalise(binding.value) != normalise(value)) {
    binding.conflicting = true;
  }
  memo_.clear();
}

/// Whether `value` is read through `cell` itself, also by way of other variables.
bool Environment::comesFrom(const LinkedValue& value, PathId cell) const {
  LinkedValue at = value;
  // `p = &p[1]`: it moves on through an array.
  if (at.kind == Value::Kind::AddressOf && at.path != PathId::Unknown &&
      tables_.paths[at.path].kind == PathNode::Kind::Element && tables_.paths[at.path].parent == tables_.paths.deref(cell))
    return true;
  for (int hops = 0; hops < 6 && pointsSomewhere(at) && at.path != PathId::Unknown; ++hops) {
    if (at.kind != Value::Kind::AddressOf && tables_.paths.hasPrefix(at.path, cell)) return true;
    const Binding* next = nullptr;
    for (PathId p = at.path; p != PathId::Unknown && !next; p = tables_.paths[p].parent) next = find(p);
    if (!next) {
      return at.kind == Value::Kind::AddressOf && at.path != cell && tables_.paths.hasPrefix(at.path, cell) &&
             tables_.paths.passes(at.path, PathNode::Kind::Deref);
    }
    at = next->value;
  }
  return false;
}

const Environment::Binding* Environment::find(PathId cell) const {
  auto found = bindings_.find(cell);
  return found == bindings_.end() ? nullptr : &found->second;
}

/// Class-wide bindings: the last fields of `cell`, taken as fields of whatever object comes before them.
LinkedValue Environment::fromProgram(PathId cell) {
  if (!program_) return {};
  PathTable& paths = tables_.paths;
  if (paths.storage(cell) == Storage::Global) {
    if (const LinkedValue* value = program_->find(cell)) return *value;
  }
  const PathId self = paths.root(Storage::This, FunctionIndex::None, Symbol::Empty, tables_.symbols.intern("this"));
  PathId base = cell;
  for (int fields = 1; fields <= 4; ++fields) {
    if (base == PathId::Unknown || paths[base].kind != PathNode::Kind::Field) break;
    base = paths[base].parent;
    const LinkedValue* value = program_->find(paths.rebase(cell, base, self));
    if (!value) continue;
    LinkedValue out = *value;
    if (paths.storage(out.path) == Storage::This) out.path = paths.rebase(out.path, self, base);
    return out;
  }
  return {};
}

bool Environment::isAmbiguous(PathId cell) const {
  const Binding* own = find(cell);
  return own && (own->conflicting || own->walks);
}

LinkedValue Environment::valueOf(PathId cell) {
  if (const Binding* own = find(cell)) {
    if (own->conflicting || own->walks) return {};
    if (own->value.known()) return own->value;
  }
  for (PathId base = cell; base != PathId::Unknown; base = tables_.paths[base].parent) {
    const Binding* whole = base == cell ? nullptr : find(base);
    if (whole && whole->value.kind == Value::Kind::Object && !whole->conflicting &&
        whole->value.path != PathId::Unknown && whole->value.path != base) {
      PathId copied = tables_.paths.rebase(cell, base, whole->value.path);
      LinkedValue inner = ++depth_ < kMaxRewrites ? valueOf(copied) : LinkedValue{};
      --depth_;
      return inner.known() ? inner : LinkedValue::load(copied);
    }
    if (tables_.paths[base].kind == PathNode::Kind::Deref) break;
  }
  return fromProgram(cell);
}

PathId Environment::pointeeOf(const LinkedValue& value, bool walks) {
  PathId out = PathId::Unknown;
  switch (value.kind) {
    case Value::Kind::AddressOf:
      out = normalise(value.path);
      break;
    case Value::Kind::Load:
      out = pointee(normalise(value.path));
      break;
    case Value::Kind::Object:  // A smart pointer or iterator copied as a class object.
      out = value.path == PathId::Unknown ? PathId::Unknown : pointee(normalise(value.path));
      break;
    default:
      return PathId::Unknown;
  }
  if (walks && out != PathId::Unknown && tables_.paths[out].kind != PathNode::Kind::Element) {
    out = tables_.paths.element(out, Symbol::Empty);
  }
  return out;
}

/// What the normalised pointer cell points to.
PathId Environment::pointee(PathId cell) {
  if (cell == PathId::Unknown) return cell;
  PathId out = PathId::Unknown;
  if (++depth_ < kMaxRewrites) {
    const Binding* own = find(cell);
    if (own && own->walks && !own->conflicting)
      out = pointeeOf(own->value, true);
    else if (LinkedValue value = valueOf(cell); value.path != cell)
      out = pointeeOf(value, false);
  }
  --depth_;
  return out == PathId::Unknown ? tables_.paths.deref(cell) : out;
}

PathId Environment::normalise(PathId path) {
  if (path == PathId::Unknown || tables_.paths.isRoot(path)) return path;
  if (auto found = memo_.find(path); found != memo_.end()) return found->second;
  const PathNode node = tables_.paths[path];
  if (++depth_ >= kMaxRewrites) {
    --depth_;
    return path;
  }
  PathId base = normalise(node.parent);
  PathId out = node.kind == PathNode::Kind::Deref ? pointee(base) : tables_.paths.appendLast(base, path);
  if (--depth_ == 0) memo_[path] = out;
  return out;
}

LinkedValue Environment::normalise(const LinkedValue& value) {
  if (!pointsSomewhere(value) || value.path == PathId::Unknown) return value;
  LinkedValue out = value;
  out.path = normalise(value.path);
  if (value.kind == Value::Kind::AddressOf) return out;
  for (int hops = 0; hops < 8; ++hops) {
    LinkedValue next = valueOf(out.path);
    if (next.kind == Value::Kind::Object && next.path == out.path && next.function != FunctionIndex::None) return next;
    if (!pointsSomewhere(next) || next.path == out.path) break;
    if (out.kind == Value::Kind::Object && next.kind != Value::Kind::Object) break;
    if (out.kind == Value::Kind::Object && next.function == FunctionIndex::None) next.function = out.function;
    out = next;
    out.path = normalise(out.path);
    if (out.kind == Value::Kind::AddressOf || out.kind == Value::Kind::Function) break;
  }
  if (out.kind == Value::Kind::Load) {
    const Binding* own = find(out.path);
    if (own && own->walks && !own->conflicting) return LinkedValue::addressOf(pointee(out.path));
  }
  return out;
}

std::vector<std::pair<PathId, LinkedValue>> Environment::cellsUnder(PathId prefix) const {
  std::vector<std::pair<PathId, LinkedValue>> out;
  for (const auto& [cell, binding] : bindings_) {
    if (tables_.paths.hasPrefix(cell, prefix)) {
      out.emplace_back(cell, binding.conflicting || binding.walks ? LinkedValue{} : binding.value);
    }
  }
  return out;
}

std::vector<std::pair<PathId, LinkedValue>> Environment::cells() const {
  std::vector<std::pair<PathId, LinkedValue>> out;
  for (const auto& [cell, binding] : bindings_) {
    out.emplace_back(cell, binding.conflicting || binding.walks ? LinkedValue{} : binding.value);
  }
  return out;
}

}  // namespace deadheat
