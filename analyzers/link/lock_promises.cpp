#include "analyzers/link/lock_promises.h"

namespace deadheat {
namespace {

/// What is said of one lock is true of the other as well: for variables, and for two members of one object.
template <typename Orders, typename KeyOf>
void completeOrders(Orders& orders, Tables& tables, KeyOf keyOf) {
  PathTable& paths = tables.paths;
  const PathId self = paths.root(Storage::This, FunctionIndex::None, Symbol::Empty, tables.symbols.intern("this"));
  const Orders said = orders;
  for (const auto& [key, order] : said) {
    const auto [record, name] = std::pair(static_cast<Symbol>(key.first), static_cast<Symbol>(key.second));
    const bool isMember = record != Symbol::Empty;
    const PathId lock = isMember ? paths.field(self, record, name)
                                 : paths.root(Storage::Global, FunctionIndex::None, name, name);
    auto isLike = [&](PathId other) {
      return isMember ? paths[other].kind == PathNode::Kind::Field && paths[other].parent == self
                      : paths.isRoot(other) && paths.storage(other) == Storage::Global;
    };
    for (PathId other : order.before)
      if (isLike(other)) orders[keyOf(other)].after.push_back(lock);
    for (PathId other : order.after)
      if (isLike(other)) orders[keyOf(other)].before.push_back(lock);
  }
}

}  // namespace

LockPromises::LockPromises(const Bodies& bodies, Tables& tables) : bodies_(bodies) {
  Symbols& symbols = tables.symbols;
  for (const auto& [name, record] : bodies.records) {
    for (const Record::Field& field : record->fields) {
      if (field.guards.empty() && field.order == LockOrderPromise{}) continue;
      add({raw(symbols.intern(name)), raw(symbols.intern(field.name))}, field.guards, field.order, tables);
    }
  }
  for (const auto& [name, global] : bodies.globals) {
    if (global->guards.empty() && global->order == LockOrderPromise{}) continue;
    add({0, raw(symbols.intern(name))}, global->guards, global->order, tables);
  }
  completeOrders(orders_, tables, [&](PathId lock) { return keyOf(tables.paths, lock); });
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    const FunctionIndex owner = bodies[f].original == FunctionIndex::None ? f : bodies[f].original;
    for (const Contract& contract : bodies[f].facts->contracts.all)
      contracts_[f].push_back({&contract, tables.paths.intern(contract.lock, owner)});
  }
}

void LockPromises::add(Key key, const std::vector<Guard>& guards, const LockOrderPromise& order, Tables& tables) {
  for (const Guard& guard : guards)
    guards_[key].push_back({guard.of, tables.paths.intern(guard.lock, FunctionIndex::None)});
  for (const Path& lock : order.before)
    orders_[key].before.push_back(tables.paths.intern(lock, FunctionIndex::None));
  for (const Path& lock : order.after) orders_[key].after.push_back(tables.paths.intern(lock, FunctionIndex::None));
}

LockPromises::Key LockPromises::keyOf(const PathTable& paths, PathId path) {
  const PathNode& node = paths[path];
  if (node.kind == PathNode::Kind::Field) return {raw(node.record), raw(node.name)};
  if (node.kind == PathNode::Kind::Root && node.storage == Storage::Global) return {0, raw(node.name)};
  return {0, 0};
}

const std::vector<LinkedGuard>& LockPromises::guards(const PathTable& paths, PathId path) const {
  static const std::vector<LinkedGuard> none;
  auto found = guards_.find(keyOf(paths, path));
  return found == guards_.end() ? none : found->second;
}

const LinkedOrder* LockPromises::order(const PathTable& paths, PathId lock) const {
  auto found = orders_.find(keyOf(paths, lock));
  return found == orders_.end() ? nullptr : &found->second;
}

const std::vector<LinkedContract>& LockPromises::contracts(FunctionIndex f) const {
  static const std::vector<LinkedContract> none;
  auto found = contracts_.find(f);
  return found == contracts_.end() ? none : found->second;
}

bool LockPromises::isUnchecked(FunctionIndex f) const {
  return f != FunctionIndex::None && bodies_[f].facts->contracts.unchecked;
}

}  // namespace deadheat
