#include "analyzers/checks/task_fate.h"

#include <algorithm>

#include "analyzers/link/executor_turns.h"
#include "analyzers/link/handles.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// Functions that hand a task on to each other are followed so far.
constexpr int kMostHandovers = 3;

bool isOwnVariable(const PathTable& paths, PathId path) {
  const Storage storage = paths.storage(path);
  return (storage == Storage::Local || storage == Storage::Parameter || storage == Storage::Result) &&
         !paths.passes(path, PathNode::Kind::Deref);
}

bool onlyEnds(const Program& program, const StepView& step) {
  return !step.targets.empty() && std::ranges::all_of(step.targets, [&](FunctionIndex target) {
    return program.function(target).kind == Function::Kind::Destructor;
  });
}

template <typename Visit>
void eachStep(const FunctionView& view, Visit visit) {
  for (const BlockView& block : view.blocks)
    for (const StepView& step : block.steps) visit(step);
}

bool isParameter(const PathTable& paths, PathId path, std::uint32_t index) {
  if (path == PathId::Unknown || paths.storage(path) != Storage::Parameter) return false;
  const PathNode& root = paths[paths[path].root];
  return root.index == index;
}

/// Whether what the path is part of is there when the function that names it is over.
bool outlivesFunction(const PathTable& paths, PathId path) {
  if (path == PathId::Unknown) return false;
  const Storage storage = paths.storage(path);
  if (storage == Storage::Global || storage == Storage::This) return true;
  return storage == Storage::Parameter && paths.passes(path, PathNode::Kind::Deref);
}

/// Whether what the call keeps is kept beyond the function that makes it: not in an object that it makes itself.
bool keepsBeyond(const Program& program, const CallSite& call, FunctionIndex target) {
  if (program.function(target).kind == Function::Kind::Constructor) return false;
  return !call.receiver || outlivesFunction(program.tables().paths, call.receiver->path);
}

/// What a function does with the task that it is given as parameter `index`: Stored and Detached are known, PassedOn is
/// anything else.
Fate fateOfParameter(const Program& program, FunctionIndex f, std::uint32_t index, int depth) {
  const PathTable& paths = program.tables().paths;
  const FunctionView view = program.view(f);
  Fate fate = Fate::PassedOn;
  bool waits = false;
  auto raise = [&](Fate to) { fate = std::max(fate, to); };
  eachStep(view, [&](const StepView& step) {
    const EventKind& what = *step.step->what;
    waits |= mayRunTasks(program, step);
    if (std::holds_alternative<Detach>(what) && isParameter(paths, step.path, index)) raise(Fate::Detached);
    if (std::holds_alternative<Assign>(what) && isParameter(paths, step.value.path, index) &&
        outlivesFunction(paths, step.path))
      raise(Fate::Stored);
    if (step.step->call == Step::kNoCall || step.targets.size() != 1 || depth == 0 || onlyEnds(program, step)) return;
    const CallSite& call = view.body->calls[step.step->call];
    if (!keepsBeyond(program, call, step.targets[0])) return;
    for (std::uint32_t i = 0; i < call.arguments.size(); ++i)
      if (isParameter(paths, call.arguments[i].path, index))
        raise(fateOfParameter(program, step.targets[0], i, depth - 1));
  });
  return waits ? Fate::PassedOn : fate;
}

}  // namespace

bool isTask(const Program& program, const ThreadFact& thread) {
  return thread.facts && thread.facts->where == SpawnWhere::Task && thread.entry != FunctionIndex::None &&
         (program.function(thread.entry).coroutine || thread.facts->runs != Resumption::Unknown);
}

bool namesTask(const PathTable& paths, const ThreadFact& thread, PathId path) {
  return path != PathId::Unknown && std::any_of(thread.handles.begin(), thread.handles.end(),
                                                [&](PathId handle) { return sameHandle(paths, handle, path); });
}

bool isPartOfAwaiting(const EventKind& what) {
  const auto* call = std::get_if<Call>(&what);
  if (!call) return false;
  const llvm::StringRef name = llvm::StringRef(call->callee.name).rsplit("::").second;
  return name.starts_with("await_") || name == "operator co_await";
}

bool mayRunTasks(const Program& program, const StepView& step) {
  const EventKind& what = *step.step->what;
  const auto* block = std::get_if<Block>(&what);
  const auto* join = std::get_if<Join>(&what);
  const auto* resume = std::get_if<Resume>(&what);
  if (block && block->what != "sleep") return true;
  if (std::holds_alternative<Wait>(what) || (join && join->by == Join::By::Call)) return true;
  if (resume && resume->how == Resume::How::Resume) return true;
  if (!std::holds_alternative<Call>(what) || isPartOfAwaiting(what)) return false;
  return std::ranges::any_of(step.targets, [&](FunctionIndex target) {
    using enum OperationFact::Kind;
    if (program.function(target).kind == Function::Kind::Destructor) return false;  // It may end coroutines.
    return program.anyOperation(target, {Resume, Wait, Join}, [](const OperationFact&) { return true; });
  });
}

Fate fateOf(const Program& program, const FunctionView& view, const ThreadFact& thread) {
  const PathTable& paths = program.tables().paths;
  const Function& entry = program.function(thread.entry);
  Fate fate = Fate::Kept;
  bool used = false;
  auto raise = [&](Fate to) { fate = std::max(fate, to); };
  auto names = [&](PathId path) { return namesTask(paths, thread, path); };
  for (PathId handle : thread.handles)
    if (!isOwnVariable(paths, handle)) raise(Fate::Stored);
  eachStep(view, [&](const StepView& step) {
    const EventKind& what = *step.step->what;
    if (std::holds_alternative<Detach>(what) && names(step.path)) raise(Fate::Detached);
    if (std::holds_alternative<Return>(what) && names(step.value.path)) raise(Fate::Returned);
    if (std::holds_alternative<Assign>(what) && names(step.value.path)) used = true;
    if (std::holds_alternative<Escape>(what) && names(step.value.path)) {
      raise(Fate::PassedOn);
      used = true;
    }
    if (std::holds_alternative<Join>(what) && names(step.path)) used = true;
    if (step.step->call == Step::kNoCall || std::get_if<Spawn>(&what) == thread.facts) return;
    const CallSite& call = view.body->calls[step.step->call];
    if (isPartOfAwaiting(what)) return;
    for (std::uint32_t i = 0; i < call.arguments.size(); ++i) {
      if (!names(call.arguments[i].path)) continue;
      used = true;
      const bool isKnown = step.targets.size() == 1 && keepsBeyond(program, call, step.targets[0]);
      raise(isKnown ? fateOfParameter(program, step.targets[0], i, kMostHandovers) : Fate::PassedOn);
    }
    if (!call.receiver || !names(call.receiver->path) || onlyEnds(program, step)) return;
    raise(Fate::PassedOn);
    used = true;
  });
  // Started by a library call that takes a callable, with nothing to wait by.
  if (thread.facts->how != "coroutine" && (thread.handles.empty() || isHandler(program.tables(), thread.handles)))
    raise(Fate::Detached);
  // A task whose frame ends itself needs nobody.
  const bool startsItself =
      entry.coroutine && entry.coroutine->endsItself && entry.coroutine->start == Coroutine::Start::Eager;
  if (startsItself && !used && fate == Fate::Kept) fate = Fate::Detached;
  return fate;
}

}  // namespace deadheat
