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
  for (const Application& app : applications_[step.call]) {
    if (!app.deferred) out.targets.push_back(app.target);
  }
  return out;
}

}  // namespace deadheat
