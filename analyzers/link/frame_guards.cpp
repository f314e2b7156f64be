// Guards that stand for one lock now and another later: assigned, swapped, moved, filled late. What a guard holds is a
// matter of the point in the function, unlike other aliases.
#include "analyzers/link/frame.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {

/// Whether `cell` is where a guard keeps its lock: `guard.$lock`, `guard.$lock1`.
bool Frame::isGuardCell(PathId cell) const {
  if (cell == PathId::Unknown || tables_.paths[cell].kind != PathNode::Kind::Field) return false;
  return llvm::StringRef(tables_.symbols.text(tables_.paths[cell].name)).starts_with("$lock");
}

/// Only cells that this function sets are followed; others are what the environment says of them.
void Frame::findGuardCells() {
  for (const StepBlock& block : body_.blocks) {
    for (const Step& step : block.steps) {
      if (std::holds_alternative<Assign>(*step.what) && isGuardCell(step.path))
        guardCells_.insert(aliases_.environment.normalise(step.path));
    }
  }
}

void Frame::noteGuard(FlowState& state, const Step& step) {
  if (!isGuardCell(step.path)) return;
  const PathId cell = aliases_.environment.normalise(step.path);
  PathId lock = PathId::Unknown;
  if (step.value.kind == Value::Kind::AddressOf) {
    lock = aliases_.environment.normalise(step.value.path);
  } else if (step.value.kind == Value::Kind::Load) {
    const PathId from = aliases_.environment.normalise(step.value.path);
    const PathId* held = tables_.cellMaps.find(state.guards, from);
    if (!held && guardCells_.contains(from)) return;  // That guard is empty so far, and so is this one.
    lock = held && *held != PathId::Unknown ? *held : aliases_.environment.normalise(tables_.paths.deref(step.value.path));
  }
  state.guards = tables_.cellMaps.with(state.guards, cell, lock);
}

/// The lock at `path` as this point of the function knows it; Unknown for a guard that stands for none yet.
PathId Frame::lockAt(const FlowState& state, PathId path) {
  if (path == PathId::Unknown) return path;
  const PathNode node = tables_.paths[path];
  if (node.kind == PathNode::Kind::Deref && isGuardCell(node.parent)) {
    const PathId cell = aliases_.environment.normalise(node.parent);
    if (guardCells_.contains(cell)) {
      const PathId* lock = tables_.cellMaps.find(state.guards, cell);
      if (!lock) return PathId::Unknown;
      if (*lock != PathId::Unknown) return *lock;
    }
  }
  return aliases_.environment.normalise(path);
}

}  // namespace deadheat
