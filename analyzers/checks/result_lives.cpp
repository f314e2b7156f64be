#include "analyzers/checks/result_lives.h"

#include <algorithm>
#include <set>

namespace deadheat {
namespace {

using How = ResultUse::How;
using Side = ResultUse::Side;

constexpr int kMaxDepth = 3;  ///< Calls that an effect is followed through.
constexpr int kMaxVisits = 40;

bool usesResults(const Body& body) {
  for (const StepBlock& block : body.blocks)
    for (const Step& step : block.steps)
      if (std::holds_alternative<ResultUse>(*step.what)) return true;
  return false;
}

bool isSameStep(const PathNode& a, const PathNode& b) {
  return a.kind == b.kind && a.name == b.name && a.record == b.record;
}

/// Whether `object` of the caller is what its callee calls `inner`, which starts at a formal that stands for `actual`.
bool isActual(const PathTable& paths, PathId object, PathId inner, const LinkedValue& actual, bool isThis) {
  while (!paths.isRoot(inner) && !(paths.isRoot(paths[inner].parent) && !isThis)) {
    if (paths.isRoot(object) || !isSameStep(paths[object], paths[inner])) return false;
    object = paths[object].parent;
    inner = paths[inner].parent;
  }
  if (!isThis && (paths.isRoot(inner) || paths[inner].kind != PathNode::Kind::Deref)) return false;
  if (actual.kind == Value::Kind::AddressOf) return object == actual.path;
  return actual.kind == Value::Kind::Load && !paths.isRoot(object) && paths[object].kind == PathNode::Kind::Deref &&
         paths[object].parent == actual.path;
}

}  // namespace

ResultSummaries::ResultSummaries(const Program& program) : program_(program) {
  const auto& bodies = program.bodies().functions;
  depth_.assign(bodies.size(), -1);
  for (std::size_t f = 0; f < bodies.size(); ++f)
    if (usesResults(bodies[f])) depth_[f] = 0;
  for (int depth = 1; depth <= kMaxDepth; ++depth) {
    for (std::size_t f = 0; f < bodies.size(); ++f) {
      if (depth_[f] >= 0) continue;
      const bool calls = std::ranges::any_of(bodies[f].calls, [&](const CallSite& call) {
        return !call.spawn && std::ranges::any_of(call.targets, [&](FunctionIndex target) {
          const int below = depth_[static_cast<std::size_t>(target)];
          return below >= 0 && below < depth;
        });
      });
      if (calls) depth_[f] = depth;
    }
  }
}

const ResultEffects& ResultSummaries::of(FunctionIndex f) {
  auto [slot, fresh] = known_.try_emplace(f);
  if (!fresh || !concerns(f)) return slot->second;  // In a ring of calls: nothing is known as yet.
  const FunctionView view = program_.view(f);
  ResultEffects effects = ResultLives(program_, view, *this).effects();
  return known_[f] = std::move(effects);
}

ResultLives::ResultLives(const Program& program, const FunctionView& view, ResultSummaries& summaries)
    : program_(program),
      paths_(program.tables().paths),
      view_(view),
      summaries_(summaries),
      entry_(view.blocks.size()),
      end_(view.blocks.size()),
      reached_(view.blocks.size()),
      before_(view.blocks.size()) {
  if (!entry_.empty()) solve();
}

const ResultState* ResultLives::find(const ResultStates& states, PathId object) {
  auto found = states.find(object);
  return found == states.end() ? nullptr : &found->second;
}

/// The path names one object, not some element of many.
bool ResultLives::isOne(PathId object) const {
  return object != PathId::Unknown && !paths_.passes(object, PathNode::Kind::Element) &&
         !paths_.passes(object, PathNode::Kind::Cut);
}

/// Not made by the function itself: who calls it may know more.
bool ResultLives::isFound(PathId object) const {
  switch (paths_.storage(object)) {
    case Storage::This:
    case Storage::Global:
      return true;
    case Storage::Parameter:
      return !paths_.isRoot(object);
    default:
      return false;
  }
}

/// A promise that is given by value, or kept by a closure, is taken to be given to be kept.
ResultState ResultLives::initial(PathId object, Side side) const {
  const bool isClosure = program_.function(view_.function).kind == Function::Kind::Lambda;
  const bool isOwn = !paths_.passes(object, PathNode::Kind::Deref) &&
                     ((paths_.isRoot(object) && paths_.storage(object) == Storage::Parameter) ||
                      (isClosure && paths_.storage(object) == Storage::This));
  ResultState state{side, kUnknown, false, {}};
  if (isOwn && side == Side::Maker)
    state.life = kOpen;
  else if (isFound(object))
    state.life = kAsFound;
  return state;
}

void ResultLives::solve() {
  // What is made elsewhere is there from the start; what is made here when it begins.
  for (const BlockView& block : view_.blocks) {
    for (const StepView& step : block.steps) {
      const auto* use = std::get_if<ResultUse>(step.step->what);
      if (!use || !isOne(step.path)) continue;
      objects_.insert(step.path);
      const ResultState state = initial(step.path, use->side);
      if (state.life != kUnknown) entry_[0].try_emplace(step.path, state);
    }
  }
  reached_[0] = true;
  std::set<std::uint32_t> work{0};
  std::vector<int> visits(view_.blocks.size());
  while (!work.empty()) {
    const std::uint32_t b = *work.begin();
    work.erase(work.begin());
    if (++visits[b] > kMaxVisits) continue;
    ResultStates states = entry_[b];
    std::vector<ResultStates> thrown{inDoubt(states)};
    before_[b].clear();
    for (const StepView& step : view_.blocks[b].steps) {
      before_[b].push_back(states);
      if (std::holds_alternative<Call>(*step.step->what)) thrown.push_back(inDoubt(states));
      transfer(states, step);
    }
    end_[b] = states;
    for (std::uint32_t to : view_.body->blocks[b].successors) {
      const bool unwinds = view_.body->blocks[to].unwinds;
      for (const ResultStates& out : unwinds ? thrown : std::vector<ResultStates>{states})
        if (flow(out, to)) work.insert(to);
    }
  }
  for (std::uint32_t b = 0; b < before_.size(); ++b) before_[b].resize(view_.blocks[b].steps.size());
}

/// What is known once an exception has come from a call that stands there: whether what came after was done is not.
ResultStates ResultLives::inDoubt(ResultStates states) {
  for (auto& [object, state] : states) state.life |= kUnknown;
  return states;
}

/// Whether more is known at the entry of `to` than before.
bool ResultLives::flow(const ResultStates& out, std::uint32_t to) {
  if (!reached_[to]) {
    reached_[to] = true;
    entry_[to] = out;
    return true;
  }
  auto missing = [&](PathId object, ResultState& state) {
    state.life |= isFound(object) ? kAsFound : kUnknown;
    state.handed = false;
  };
  ResultStates next = out;
  for (auto& [object, state] : next) {
    auto other = entry_[to].find(object);
    if (other == entry_[to].end()) {
      missing(object, state);
      continue;
    }
    state.life |= other->second.life;
    state.handed &= other->second.handed;
    if (other->second.changed.line != 0) state.changed = other->second.changed;
  }
  for (const auto& [object, state] : entry_[to])
    if (auto [slot, fresh] = next.try_emplace(object, state); fresh) missing(object, slot->second);
  if (next == entry_[to]) return false;
  entry_[to] = std::move(next);
  return true;
}

void ResultLives::transfer(ResultStates& states, const StepView& step) {
  const EventKind& what = *step.step->what;
  if (const auto* result = std::get_if<ResultUse>(&what)) return use(states, step, *result);
  if (std::holds_alternative<Assign>(what)) return assign(states, step);
  if (std::holds_alternative<Escape>(what)) return open(states, step.value.path);
  if (step.step->call != Step::kNoCall) call(states, step);
}

void ResultLives::use(ResultStates& states, const StepView& step, const ResultUse& use) {
  const PathId object = step.path;
  if (!isOne(object)) return;
  auto slot = states.try_emplace(object, initial(object, use.side)).first;
  ResultState& state = slot->second;
  // A future that is not kept goes by the name of its promise.
  if (state.side != use.side && state.side == Side::Maker) return;
  const bool uses = use.how == How::Stores || use.how == How::Takes;
  if (uses && (state.life & kAsFound)) {
    found_[object].stores = true;
    if (found_[object].where.line == 0) found_[object].where = step.step->location;
  }
  state.side = use.side;
  switch (use.how) {
    case How::Begins:
      state = {use.side, kOpen, false, {}};
      break;
    case How::Defers:
      state = {use.side, kDeferred, false, {}};
      break;
    case How::Empty:
      state = {use.side, kGone, false, step.step->location};
      break;
    case How::Stores:
    case How::Takes:
      state.life = kDone;
      state.changed = step.step->location;
      break;
    case How::Hands:
      state.handed = true;
      break;
    case How::Awaits:
      if (state.life & kDeferred) state.life = (state.life & ~kDeferred) | kOpen;
      break;
    case How::Polls:
      break;
    case How::Tests:
      state.life = kUnknown;
      state.handed = false;
      break;
    case How::Leaves:
      state.life = kGone;
      state.changed = step.step->location;
      break;
    case How::Ends:
      states.erase(slot);
      break;
  }
}

/// The object itself goes over, or a pointer to it is kept where others may find it.
void ResultLives::assign(ResultStates& states, const StepView& step) const {
  std::erase_if(states, [&](const auto& entry) {
    return entry.first != step.path && step.path != PathId::Unknown && paths_.hasPrefix(entry.first, step.path) &&
           paths_.passes(entry.first, PathNode::Kind::Deref);
  });
  const bool isCopy = step.value.kind == Value::Kind::Object || step.value.kind == Value::Kind::Load;
  if (auto source = states.find(step.value.path); isCopy && source != states.end()) {
    const ResultState* target = find(states, step.path);
    if (step.path != PathId::Unknown && (!target || target->side == source->second.side)) {
      const ResultState moved = source->second;
      states[step.path] = moved;
    }
    return;
  }
  const bool isOwnPointer =
      step.path != PathId::Unknown && paths_.isRoot(step.path) && paths_.storage(step.path) == Storage::Local;
  if (!isOwnPointer) open(states, step.value.path);
}

void ResultLives::open(ResultStates& states, PathId prefix) const {
  if (prefix == PathId::Unknown) return;
  for (auto& [object, state] : states)
    if (paths_.hasPrefix(object, prefix)) state.life |= kUnknown;
}

std::vector<std::pair<PathId, ResultEffect>> ResultLives::effectsOf(const StepView& step) const {
  std::vector<std::pair<PathId, ResultEffect>> out;
  const CallSite& site = view_.body->calls[step.step->call];
  if (site.spawn || site.guessed || step.targets.size() != 1 || !summaries_.concerns(step.targets.front())) return out;
  for (const auto& [inner, effect] : summaries_.of(step.targets.front())) {
    const Storage storage = paths_.storage(inner);
    for (PathId object : objects_) {
      bool is = storage == Storage::Global && object == inner;
      if (storage == Storage::This && site.receiver) is = isActual(paths_, object, inner, *site.receiver, true);
      const std::uint32_t index = paths_[paths_[inner].root].index;
      if (storage == Storage::Parameter && index < site.arguments.size())
        is = isActual(paths_, object, inner, site.arguments[index], false);
      if (is) out.emplace_back(object, effect);
    }
  }
  return out;
}

void ResultLives::call(ResultStates& states, const StepView& step) const {
  const CallSite& site = view_.body->calls[step.step->call];
  const ResultStates before = states;
  if (site.receiver) open(states, site.receiver->path);
  for (const LinkedValue& argument : site.arguments) open(states, argument.path);
  for (const auto& [object, effect] : effectsOf(step)) {
    auto old = before.find(object);
    const ResultState known = old != before.end() ? old->second : initial(object, Side::Maker);
    ResultState state = known;
    state.life = effect.atExit & ~kAsFound;
    if (effect.atExit & kAsFound) state.life |= known.life;
    if (effect.stores) state.changed = step.step->location;
    states[object] = state;
  }
}

ResultEffects ResultLives::effects() const {
  ResultEffects out = found_;
  if (view_.blocks.empty() || !reached_[view_.body->exit]) return out;
  for (const auto& [object, state] : end_[view_.body->exit])
    if (isFound(object)) out[object].atExit = state.life;
  for (auto& [object, effect] : out)
    if (effect.atExit == 0) effect.atExit = kUnknown;
  return out;
}

}  // namespace deadheat
