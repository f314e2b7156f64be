// ContextTable: the regions on the way to an event, from the frame that looks at it down to where it happens, as one
// number. Regions of callees hang below those around the call; numbers and paths in them are in the frame's terms.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "analyzers/facts/region.h"
#include "analyzers/link/ids.h"
#include "analyzers/link/symbols.h"
#include "llvm/ADT/DenseMap.h"

namespace deadheat {

/// Range, interned.
struct LinkedRange {
  Symbol variable = Symbol::Empty;
  std::vector<Symbol> lower;
  std::vector<Symbol> upper;
  std::uint32_t step = 1;
  auto operator<=>(const LinkedRange&) const = default;
};

struct LinkedDependence {
  Dependence::Kind kind = Dependence::Kind::In;
  PathId object = PathId::Unknown;
  auto operator<=>(const LinkedDependence&) const = default;
};

/// One region, in the terms of some frame.
struct ContextNode {
  ContextId parent = ContextId::None;
  const Region* facts = nullptr;
  FunctionIndex function = FunctionIndex::None;
  std::uint32_t number = 0;  ///< Of the region in its function.
  std::uint32_t file = 0;    ///< Of its location, as the program numbers files.
  std::vector<LinkedRange> ranges;
  Symbol condition = Symbol::Empty;
  PathId task = PathId::Unknown;  ///< Task: its mark in sets of tasks.
  std::vector<LinkedDependence> dependences;
  auto operator<=>(const ContextNode&) const = default;
};

/// Interned, append-only.
class ContextTable {
 public:
  ContextTable() { nodes_.emplace_back(); }

  ContextId intern(ContextNode node);
  const ContextNode& operator[](ContextId id) const { return nodes_[raw(id)]; }
  /// `inner` as seen from where `outer` stands.
  ContextId below(ContextId outer, ContextId inner);
  /// Outermost first.
  std::vector<ContextId> chain(ContextId id) const;
  /// Whether several threads or tasks may be there at once, as far as the context tells.
  bool isParallel(ContextId id) const { return parallel_[raw(id)]; }

 private:
  std::vector<ContextNode> nodes_;
  std::vector<bool> parallel_{false};
  std::map<ContextNode, ContextId> index_;
  llvm::DenseMap<std::uint64_t, ContextId> below_;
};

}  // namespace deadheat
