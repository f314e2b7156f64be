#include "analyzers/checks/kept_out.h"

#include <algorithm>

#include "analyzers/link/handles.h"

namespace deadheat {

bool waitsFor(const Program& program, const Scope& scope, const SharedOperation& join, std::uint32_t actor) {
  const Actor& thread = scope.actors[actor];
  if (thread.kind != Actor::Kind::Thread || join.fact.object == PathId::Unknown) return false;
  const PathTable& paths = program.tables().paths;
  return std::any_of(thread.thread.handles.begin(), thread.thread.handles.end(),
                     [&](PathId handle) { return sameHandle(paths, handle, join.fact.object); });
}

bool isForResult(const Scope& scope, const SharedOperation& join, std::uint32_t actor) {
  const auto* what = std::get_if<Join>(join.fact.facts);
  const Spawn* start = scope.actors[actor].thread.facts;
  return (what && what->ofResult) || (start && start->where == SpawnWhere::Async);
}

const HeldLock* heldAgainst(const Program& program, const SharedOperation& join, const AcquireFact& want) {
  if (want.once || want.wait != LockWait::Blocking) return nullptr;
  for (const HeldLock& held : program.tables().locksets[join.fact.held]) {
    const bool shared = held.hold == Hold::Shared && want.mode == LockMode::Shared;
    if (held.hold == Hold::Passed || held.once || shared || held.lock != want.lock) continue;
    if (!program.tables().paths.passes(held.lock, PathNode::Kind::Element)) return &held;
  }
  return nullptr;
}

KeptOut keptOutBy(const Program& program, const Scope& scope, const SharedOperation& join, std::uint32_t actor) {
  KeptOut out{actor, std::nullopt, nullptr};
  auto offer = [&](const AcquireFact& want) {
    if (out.want && !(want.location < out.want->location)) return;
    if (const HeldLock* lock = heldAgainst(program, join, want)) out = {actor, want, lock};
  };
  for (const LockAcquisition& want : scope.acquisitions)
    if (want.actor == actor) offer(want.fact);
  // A frame that has callers leaves them what is not its own; here its own thread is waited for.
  if (scope.kind == Scope::Kind::Frame && !scope.whole && !out.want)
    for (const AcquireFact& want : program.summary(scope.frame).acquires)
      if (want.thread == scope.actors[actor].number) offer(want);
  return out;
}

}  // namespace deadheat
