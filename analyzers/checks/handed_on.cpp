#include "analyzers/checks/handed_on.h"

#include <algorithm>

#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

/// A variable of a function, not part of one, and no temporary.
bool isVariable(const Tables& tables, PathId handle) {
  return tables.paths.storage(handle) == Storage::Local && tables.paths.isRoot(handle) &&
         !tables.symbols.text(tables.paths[handle].name).starts_with("$");
}

/// Whether the function gives what `handle` names to a call, to another variable, or to its caller.
bool gives(const Program& program, const Body& body, PathId handle) {
  const PathTable& paths = program.tables().paths;
  auto names = [&](const LinkedValue& value) {
    return value.path != PathId::Unknown && sameHandle(paths, value.path, handle);
  };
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      if (std::holds_alternative<Return>(*step.what) && (names(step.value) || step.path == handle)) return true;
      if (std::holds_alternative<Assign>(*step.what) && names(step.value) && step.path != handle) return true;
      if (step.call == Step::kNoCall) continue;
      const CallSite& call = body.calls[step.call];
      if (!call.spawn && std::ranges::any_of(call.arguments, names)) return true;
    }
  }
  return false;
}

}  // namespace

bool isHandedOn(const Program& program, const ThreadFact& thread) {
  if (!thread.facts || thread.facts->where != SpawnWhere::Task || thread.facts->how != "coroutine") return false;
  if (!thread.facts->handle.known() || thread.spawner == FunctionIndex::None) return false;
  // Callers of the function that makes it have no name for what only that one keeps.
  if (thread.handles.empty()) return true;
  const Tables& tables = program.tables();
  const bool isKept = std::ranges::any_of(thread.handles, [&](PathId handle) { return isVariable(tables, handle); });
  const bool isOnlyKept = isKept && std::ranges::all_of(thread.handles, [&](PathId handle) {
                            return isVariable(tables, handle) || tables.paths.storage(handle) == Storage::Result;
                          });
  if (!isOnlyKept) return true;
  return std::ranges::any_of(thread.handles, [&](PathId handle) {
    return isVariable(tables, handle) && gives(program, program.bodies()[thread.spawner], handle);
  });
}

Confidence confidenceInHandedOn(const Program& program, const ThreadFact& thread) {
  using enum OperationFact::Kind;
  const Body& body = program.bodies()[thread.spawner];
  auto waits = [&](FunctionIndex target) {
    return program.anyOperation(target, {Wait, Join}, [](const OperationFact&) { return true; });
  };
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      const auto* join = std::get_if<deadheat::Join>(step.what);
      if (std::holds_alternative<deadheat::Wait>(*step.what) || (join && join->by == deadheat::Join::By::Call))
        return Confidence::Low;
      if (step.call == Step::kNoCall || body.calls[step.call].spawn) continue;
      if (std::ranges::any_of(body.calls[step.call].targets, waits)) return Confidence::Low;
    }
  }
  return Confidence::Medium;
}

}  // namespace deadheat
