#include "analyzers/checks/frame_uses.h"

#include <algorithm>

namespace deadheat {

/// A look at one coroutine.
struct FrameUses::Look {
  const Program& program;
  const FunctionView& view;
  FrameUse& use;
  const PathTable& paths = program.tables().paths;
  std::map<PathId, PathId> copies = {};  ///< Pointers in locals: which pointer of a parameter or capture they copy.
  Location at = {};

  void noteCopies() {
    for (const BlockView& block : view.blocks) {
      for (const StepView& step : block.steps) {
        const PathId from = step.value.path;
        const bool copies = std::holds_alternative<Assign>(*step.step->what) && step.value.kind == Value::Kind::Load;
        if (!copies || from == PathId::Unknown || step.step->path == PathId::Unknown) continue;
        const Storage storage = paths.storage(from);
        const bool isGiven = storage == Storage::Parameter || storage == Storage::This;
        if (isGiven && paths.isRoot(step.step->path) && paths.storage(step.step->path) == Storage::Local)
          this->copies.try_emplace(step.step->path, from);
      }
    }
  }

  /// `follows`: the pointer at `path` is followed, as it is where it is passed on.
  void note(PathId path, bool follows) {
    if (path == PathId::Unknown) return;
    const bool leads = follows || paths.passes(path, PathNode::Kind::Deref);
    if (auto copied = copies.find(paths[path].root); copied != copies.end() && leads) return note(copied->second, true);
    const PathNode& root = paths[paths[path].root];
    const std::vector<PathId> way = paths.prefixes(path);
    const PathNode* first = way.size() > 1 ? &paths[way[1]] : nullptr;
    const bool isMember = first && first->kind == PathNode::Kind::Field;
    if (root.storage == Storage::Parameter && leads) {
      if (isMember)
        use.members.try_emplace({root.index, first->name}, at);
      else
        use.parameters.try_emplace(root.index, at);
    }
    if (root.storage != Storage::This) return;
    if (!use.ofObject) use.ofObject = at;
    if (leads && isMember) use.captures.try_emplace(first->name, at);
  }

  void value(const LinkedValue& v) { note(v.path, v.kind == Value::Kind::Load); }

  void handOn(const LinkedValue& v) {
    value(v);
    const bool isObject = v.kind == Value::Kind::AddressOf || v.kind == Value::Kind::Object;
    if (isObject && v.path != PathId::Unknown && paths.isRoot(v.path) && paths.storage(v.path) == Storage::Parameter)
      use.wholes.try_emplace(paths[v.path].index, at);
  }

  bool onlyEnds(const StepView& step) const {
    return !step.targets.empty() && std::ranges::all_of(step.targets, [&](FunctionIndex target) {
      return program.function(target).kind == Function::Kind::Destructor;
    });
  }

  void look(const StepView& step) {
    const EventKind& what = *step.step->what;
    if (std::holds_alternative<Suspend>(what) || std::holds_alternative<Flag>(what)) return;
    at = step.step->location;
    // A copy in a local is followed where that is.
    const bool isCopy = std::holds_alternative<Assign>(what) && copies.contains(step.step->path);
    if (isCopy) return;
    note(step.step->path, false);
    value(step.step->value);
    if (step.step->sources != Step::kNoCall)
      for (PathId from : view.body->sources[step.step->sources]) note(from, false);
    if (step.step->call == Step::kNoCall) return;
    const CallSite& call = view.body->calls[step.step->call];
    if (call.receiver && !onlyEnds(step)) handOn(*call.receiver);
    value(call.target);
    for (const LinkedValue& argument : call.arguments) handOn(argument);
  }
};

const FrameUse& FrameUses::of(FunctionIndex coroutine) {
  auto [slot, fresh] = known_.try_emplace(coroutine);
  const Function& function = program_.function(coroutine);
  if (!fresh) return slot->second;
  const FunctionView view = program_.view(coroutine);
  const Suspensions suspensions(program_, view);
  const bool isLazy = !function.coroutine || function.coroutine->start == Coroutine::Start::Lazy;
  Look look{program_, view, slot->second};
  look.noteCopies();
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b)
    for (std::uint32_t s = 0; s < view.blocks[b].steps.size(); ++s)
      if (isLazy || suspensions.before({b, s})) look.look(view.blocks[b].steps[s]);
  return slot->second;
}

}  // namespace deadheat
