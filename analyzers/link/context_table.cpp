#include "analyzers/link/context_table.h"

#include <algorithm>

namespace deadheat {

ContextId ContextTable::intern(ContextNode node) {
  auto [slot, fresh] = index_.try_emplace(node, static_cast<ContextId>(nodes_.size()));
  if (!fresh) return slot->second;
  const Region::Kind kind = node.facts->kind;
  parallel_.push_back(parallel_[raw(node.parent)] || kind == Region::Kind::Team || kind == Region::Kind::League ||
                      kind == Region::Kind::Task || kind == Region::Kind::Lanes);
  nodes_.push_back(std::move(node));
  return slot->second;
}

ContextId ContextTable::below(ContextId outer, ContextId inner) {
  if (outer == ContextId::None || inner == ContextId::None) return outer == ContextId::None ? inner : outer;
  const std::uint64_t key = (std::uint64_t{raw(outer)} << 32) | raw(inner);
  if (auto known = below_.find(key); known != below_.end()) return known->second;
  ContextNode node = nodes_[raw(inner)];
  node.parent = below(outer, node.parent);
  const ContextId out = intern(std::move(node));
  below_[key] = out;
  return out;
}

std::vector<ContextId> ContextTable::chain(ContextId id) const {
  std::vector<ContextId> all;
  for (; id != ContextId::None; id = nodes_[raw(id)].parent) all.push_back(id);
  std::reverse(all.begin(), all.end());
  return all;
}

}  // namespace deadheat
