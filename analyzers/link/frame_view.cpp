#include "analyzers/link/frame.h"

namespace deadheat {

FunctionView Frame::view() {
  order_ = reversePostOrder(body_);
  collectApplications();
  nameHandles();
  settle();
  FunctionView view;
  view.function = self_;
  view.body = &body_;
  view.blocks.resize(body_.blocks.size());
  for (std::uint32_t b : order_) {
    block_ = b;
    BlockView& block = view.blocks[b];
    Ways ways = guarded(entry_[b], tables_);
    block.reached = !ways.empty();
    if (!block.reached) continue;
    for (const Step& step : body_.blocks[b].steps) {
      block.steps.push_back(viewOf(mergedState(ways, tables_), step));
      if (endsBlock(step)) break;
      advance(ways, step);
      ways = guarded(ways, tables_);
    }
    block.heldAtEnd = mergedState(ways, tables_).held;
    if (body_.blocks[b].branch != StepBlock::kNoBranch) {
      const LinkedBranch& branch = body_.branches[body_.blocks[b].branch];
      block.branch = {branch.what, aliases_.environment.normalise(branch.tested), normalised(branch.depends)};
    }
  }
  view.threads = threads_;
  return view;
}

std::vector<PathId> Frame::normalised(std::vector<PathId> paths) {
  for (PathId& path : paths) path = aliases_.environment.normalise(path);
  return paths;
}

StepView Frame::viewOf(const FlowState& state, const Step& step) {
  StepView out;
  out.step = &step;
  out.path = lockAt(state, step.path);
  out.second = std::holds_alternative<Join>(*step.what) ? promisedBy(step) : lockAt(state, step.second);
  out.value = aliases_.environment.normalise(step.value);
  out.held = state.held;
  out.released = state.released;
  out.live = state.live;
  if (step.sources != Step::kNoCall) out.from = normalised(body_.sources[step.sources]);
  if (step.call == Step::kNoCall) return out;
  const auto* spawn = std::get_if<Spawn>(step.what);
  if (spawn && spawn->where == SpawnWhere::Task) out.given = givenPointers(body_.calls[step.call]);
  for (const Application& app : applications_[step.call]) {
    if (!app.deferred) out.targets.push_back(app.target);
  }
  return out;
}

std::vector<GivenPointer> Frame::givenPointers(const CallSite& call) {
  std::vector<GivenPointer> out;
  for (std::uint32_t i = 0; i < call.arguments.size(); ++i) addGiven(i, call.arguments[i], out);
  if (call.receiver) addGiven(GivenPointer::kReceiver, *call.receiver, out);
  return out;
}

void Frame::addGiven(std::uint32_t argument, const LinkedValue& raw, std::vector<GivenPointer>& out) {
  Environment& environment = aliases_.environment;
  const PathTable& paths = tables_.paths;
  LinkedValue value = environment.normalise(raw);
  auto add = [&](Symbol field, const LinkedValue& from, const LinkedValue& to) {
    if (to.kind != Value::Kind::AddressOf || to.path == PathId::Unknown) return;
    const bool direct = from.kind == Value::Kind::AddressOf && paths[from.path].root == paths[to.path].root;
    out.push_back({argument, field, to.path, direct});
  };
  add(Symbol::Empty, raw, value);
  // A closure is the receiver itself, whichever way it is told.
  const bool isObject = value.kind == Value::Kind::Object ||
                        (value.kind == Value::Kind::AddressOf && argument == GivenPointer::kReceiver);
  for (int copies = 0; isObject && copies < 4 && value.path != PathId::Unknown; ++copies) {
    for (const auto& [cell, held] : environment.cellsUnder(value.path)) {
      if (cell == value.path) continue;
      const std::vector<PathId> way = paths.prefixes(cell);
      const PathNode& first = paths[way[paths.prefixes(value.path).size()]];
      if (first.kind == PathNode::Kind::Field) add(first.name, held, environment.normalise(held));
    }
    const LinkedValue copied = environment.valueOf(value.path);
    if (copied.kind != Value::Kind::Object || copied.path == value.path) break;
    value.path = environment.normalise(copied.path);
  }
}

}  // namespace deadheat
