// FunctionView: one function as link understood it, step by step, for checks that look at what happens in which order.
//
// Paths and values are normalised: pointers and references on the way are replaced by what they are known to point to.
#pragma once

#include <optional>
#include <vector>

#include "analyzers/link/summary.h"

namespace deadheat {

/// A pointer that a task is given, itself or in an object that is copied or moved into its frame.
struct GivenPointer {
  static constexpr std::uint32_t kReceiver = 0xffffffff;
  std::uint32_t argument = kReceiver;
  Symbol field = Symbol::Empty;     ///< The object's member that holds it, or has a part that does; Empty: no object.
  PathId object = PathId::Unknown;  ///< What it points to.
  bool direct = false;              ///< The call itself says so, not a variable that the pointer is in.
};

/// One step with what is known before it happens.
struct StepView {
  const Step* step = nullptr;
  PathId path = PathId::Unknown;    ///< Of Step::path.
  PathId second = PathId::Unknown;  ///< Of Step::second. Join of a result: the state that its promise shares.
  LinkedValue value;                ///< Of Step::value.
  LocksetId held = LocksetId::Empty;
  PathSetId released = PathSetId::Empty;  ///< Locks of callers that may have been given back by now.
  ThreadSet live = 0;                     ///< Threads of `threads` that may be running.
  /// Calls: the bodies that run, by what this function knows of the target; empty if unknown.
  std::vector<FunctionIndex> targets;
  std::vector<PathId> from;  ///< Compute, Return: what the number depends on.
  std::vector<GivenPointer> given;  ///< Spawn of a task.
};

/// What decides between the first two successors of a block: the first is taken if the condition holds.
struct BranchView {
  const Branch* what = nullptr;
  PathId tested = PathId::Unknown;
  std::vector<PathId> depends;
};

struct BlockView {
  bool reached = false;
  std::vector<StepView> steps;
  LocksetId heldAtEnd = LocksetId::Empty;
  std::optional<BranchView> branch;
};

struct FunctionView {
  FunctionIndex function = FunctionIndex::None;
  const Body* body = nullptr;  ///< Successors, predecessors, calls and branches of the blocks.
  std::vector<BlockView> blocks;
  std::vector<ThreadFact> threads;
};

}  // namespace deadheat
