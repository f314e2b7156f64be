#include "analyzers/link/lock_elements.h"

#include <algorithm>
#include <cctype>

namespace deadheat {

/// A plain name; other texts are sums, or variables that somebody else may change.
bool LockElements::isVariable(Symbol index) const {
  const std::string_view text = tables_.symbols.text(index);
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

bool LockElements::isNamed(PathId lock) const {
  for (PathId p : tables_.paths.prefixes(lock)) {
    const PathNode& node = tables_.paths[p];
    if (node.kind != PathNode::Kind::Element) continue;
    if (!tables_.paths.isConstantIndex(node.name) && !isVariable(node.name)) return false;
  }
  return true;
}

PathId LockElements::withIndices(PathId lock, const std::function<Symbol(Symbol)>& index) {
  const std::vector<PathId> prefixes = tables_.paths.prefixes(lock);
  PathId out = prefixes.front();
  for (std::size_t i = 1; i < prefixes.size(); ++i) {
    const PathNode node = tables_.paths[prefixes[i]];
    out = node.kind == PathNode::Kind::Element ? tables_.paths.element(out, index(node.name))
                                               : tables_.paths.appendLast(out, prefixes[i]);
  }
  return out;
}

PathId LockElements::family(PathId lock) {
  auto [slot, fresh] = families_.try_emplace(lock, lock);
  if (fresh && tables_.paths.passes(lock, PathNode::Kind::Element))
    slot->second = withIndices(lock, [](Symbol) { return Symbol::Empty; });
  return slot->second;
}

bool LockElements::isFamily(PathId lock) const {
  for (PathId p = lock; p != PathId::Unknown; p = tables_.paths[p].parent) {
    const PathNode& node = tables_.paths[p];
    if (node.kind == PathNode::Kind::Element && node.name == Symbol::Empty) return true;
  }
  return false;
}

bool LockElements::mayBeSame(PathId a, PathId b) {
  if (a == b) return true;
  if (family(a) != family(b)) return false;
  const std::vector<PathId> x = tables_.paths.prefixes(a), y = tables_.paths.prefixes(b);
  if (x.size() != y.size()) return true;  // An alias.
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Symbol s = tables_.paths[x[i]].name, t = tables_.paths[y[i]].name;
    const bool numbers = tables_.paths.isConstantIndex(s) && tables_.paths.isConstantIndex(t);
    if (tables_.paths[x[i]].kind == PathNode::Kind::Element && numbers && s != t) return false;
  }
  return true;
}

/// A second variable of one name, `i#2`, is called `i` in an index too.
Symbol LockElements::variable(PathId target) const {
  if (target == PathId::Unknown || !tables_.paths.isRoot(target)) return Symbol::Empty;
  const PathNode& node = tables_.paths[target];
  if (node.storage == Storage::Parameter && node.index < body_.facts->parameters.size())
    return tables_.symbols.intern(body_.facts->parameters[node.index].name);
  if (node.storage != Storage::Local) return Symbol::Empty;
  const std::string_view name = tables_.symbols.text(node.name);
  return tables_.symbols.intern(std::string(name.substr(0, name.find('#'))));
}

bool LockElements::dependsOn(PathId lock, Symbol variable) const {
  for (PathId p = lock; p != PathId::Unknown; p = tables_.paths[p].parent) {
    const PathNode& node = tables_.paths[p];
    if (node.kind == PathNode::Kind::Element && node.name == variable) return true;
  }
  return false;
}

std::optional<std::size_t> LockElements::parameter(Symbol index) const {
  if (changed_.contains(index)) return std::nullopt;
  const std::vector<Parameter>& all = body_.facts->parameters;
  const std::string_view name = tables_.symbols.text(index);
  auto at = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  return at == all.end() ? std::nullopt : std::optional<std::size_t>(at - all.begin());
}

PathId LockElements::exported(PathId lock) {
  bool isKnown = tables_.paths.passes(lock, PathNode::Kind::Element) || family(lock) == lock;
  const PathId out = withIndices(lock, [&](Symbol index) {
    if (tables_.paths.isConstantIndex(index)) return index;
    const std::optional<std::size_t> number = parameter(index);
    isKnown &= number.has_value();
    return number ? tables_.symbols.intern("%" + std::to_string(*number)) : Symbol::Empty;
  });
  return isKnown ? out : family(lock);
}

}  // namespace deadheat
