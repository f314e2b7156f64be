#include "analyzers/checks/frame_uses.h"

namespace deadheat {

/// `follows`: the pointer at `path` is followed, as it is where it is passed on.
void FrameUses::note(PathId path, bool follows, FrameUse& use) const {
  if (path == PathId::Unknown) return;
  const PathTable& paths = program_.tables().paths;
  const bool leads = follows || paths.passes(path, PathNode::Kind::Deref);
  const PathNode& root = paths[paths[path].root];
  if (root.storage == Storage::Parameter && leads) use.parameters.insert(root.index);
  if (root.storage != Storage::This) return;
  use.ofObject = true;
  const std::vector<PathId> way = paths.prefixes(path);
  if (leads && way.size() > 1 && paths[way[1]].kind == PathNode::Kind::Field) use.captures.insert(paths[way[1]].name);
}

void FrameUses::look(const FunctionView& view, const StepView& step, FrameUse& use) const {
  const EventKind& what = *step.step->what;
  if (std::holds_alternative<Suspend>(what) || std::holds_alternative<Flag>(what)) return;
  note(step.step->path, false, use);
  auto value = [&](const LinkedValue& v) {
    note(v.path, v.kind == Value::Kind::Load, use);
  };
  value(step.step->value);
  for (PathId from : step.step->sources == Step::kNoCall ? std::vector<PathId>{} : view.body->sources[step.step->sources])
    note(from, false, use);
  if (step.step->call == Step::kNoCall) return;
  const CallSite& call = view.body->calls[step.step->call];
  if (call.receiver) value(*call.receiver);
  value(call.target);
  for (const LinkedValue& argument : call.arguments) value(argument);
}

const FrameUse& FrameUses::of(FunctionIndex coroutine) {
  auto [slot, fresh] = known_.try_emplace(coroutine);
  const Function& function = program_.function(coroutine);
  if (!fresh) return slot->second;
  FrameUse& use = slot->second;
  const FunctionView view = program_.view(coroutine);
  const Suspensions suspensions(program_, view);
  const bool isLazy = !function.coroutine || function.coroutine->start == Coroutine::Start::Lazy;
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    for (std::uint32_t s = 0; s < view.blocks[b].steps.size(); ++s) {
      if (!isLazy && !suspensions.before({b, s})) continue;
      const bool before = use.any();
      look(view, view.blocks[b].steps[s], use);
      if (!before && use.any()) use.place = view.blocks[b].steps[s].step->location;
    }
  }
  return use;
}

}  // namespace deadheat
