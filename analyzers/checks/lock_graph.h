// The lock-order graph of one scope: who waits for which lock while holding which.
#pragma once

#include <map>
#include <vector>

#include "analyzers/checks/protection.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// One thread waits for a lock (`want`) while it holds another.
struct LockEdge {
  const Scope* scope = nullptr;
  const LockAcquisition* want = nullptr;
  HeldLock held;
  std::uint32_t from = 0, to = 0;  ///< Nodes.
};

/// How locks become nodes.
enum class LockNaming : std::uint8_t {
  Exact,   ///< By path, whichever element of a container.
  ByType,  ///< A class's lock field in whichever object; a link between two names needs one that is not fully known.
};

class LockGraph {
 public:
  LockGraph(const Program& program, const Scope& scope, LockNaming naming);

  /// Sets of edges that can close a circle: each thread holds what the one before it waits for, all may run at once,
  /// and no lock held by two of them keeps them apart. One cycle for each set of locks, the most convincing.
  std::vector<std::vector<LockEdge>> cycles() const;

  /// Edges between two objects' locks of one kind: several threads doing this to each other's objects may block.
  std::vector<LockEdge> selfEdges() const;

 private:
  using Key = std::vector<std::uint32_t>;
  Key keyOf(PathId lock) const;
  bool mayBeSame(PathId wanted, PathId held) const;
  bool isVague(PathId lock) const;
  void addEdges(const LockAcquisition& want);
  bool fits(const std::vector<LockEdge>& chain, const LockEdge& next) const;
  bool closes(const std::vector<LockEdge>& chain) const;
  void extend(std::uint32_t start, std::vector<LockEdge>& chain, std::vector<std::vector<LockEdge>>& out) const;

  const Program& program_;
  const Scope& scope_;
  const LockNaming naming_;
  std::map<Key, std::uint32_t> nodes_;
  std::map<std::uint32_t, std::vector<LockEdge>> edges_;  ///< By from.
  std::vector<LockEdge> self_;
  mutable std::size_t budget_ = 0;
};

}  // namespace deadheat
