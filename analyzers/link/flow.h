// Flow: what is held, joined, passed and running at each point of one function.
#pragma once

#include <vector>

#include "analyzers/link/summary.h"

namespace deadheat {

/// The state before a step.
struct FlowState {
  LocksetId held = LocksetId::Empty;
  LocksetId leaked = LocksetId::Empty;  ///< Possibly left held by a callee.
  PathSetId released = PathSetId::Empty;
  PathSetId joined = PathSetId::Empty;
  PathSetId taken = PathSetId::Empty;
  PathSetId acquired = PathSetId::Empty;
  PathSetId notified = PathSetId::Empty;
  PathSetId published = PathSetId::Empty;  ///< Fresh objects that others may know by now.
  PathSetId phases = kFromOutside;
  PathSetId tasks = kFromOutside;
  CellMapId guards = CellMapId::Empty;     ///< Which lock each guard of this function stands for by now.
  ThreadSet live = 0;
  ThreadSet straight = 0;  ///< As live, without going round a loop.
  bool reached = false;
  bool operator==(const FlowState&) const = default;
};

/// The state on a point that both `a` and `b` lead to.
FlowState merged(const FlowState& a, const FlowState& b, Tables& tables);

/// Handles that count as joined on certain edges though the join is on another path: the exits of a loop that joins
/// one element a turn, and the empty branch of `if (t.joinable()) t.join()`.
class EdgeJoins {
 public:
  EdgeJoins(const Body& body, const std::vector<std::vector<PathId>>& joinsByBlock,
            const std::vector<std::vector<PathId>>& spawnsByBlock);
  const std::vector<PathId>& on(std::uint32_t from, std::uint32_t to) const;
  /// Whether the edge stays inside a loop whose condition `from` decides.
  bool turnsLoop(std::uint32_t from, std::uint32_t to) const;
  bool inLoop(std::uint32_t block) const { return loop_[block] != 0; }

 private:
  void findLoops(const Body& body);
  std::vector<std::uint32_t> loop_;  ///< Loop number by block; 0 is none.
  std::vector<bool> decides_;        ///< Block inside a loop with an edge out of it.
  std::vector<std::vector<std::pair<std::uint32_t, std::vector<PathId>>>> joins_;
};

}  // namespace deadheat
