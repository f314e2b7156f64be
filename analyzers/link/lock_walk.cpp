// The ways through the control-flow graph: which are kept apart, and when they are joined.
#include "analyzers/link/lock_walk.h"

#include <algorithm>

namespace deadheat {
namespace {

constexpr std::size_t kMaxWays = 32;
constexpr std::size_t kBudget = 6000;

}  // namespace

LockWalk::LockWalk(const Body& body, FunctionIndex self, Tables& tables, Environment& environment, CallEffects effects)
    : body_(body), self_(self), tables_(tables), environment_(environment), effects_(std::move(effects)), tests_(body, environment) {}

void LockWalk::run() {
  prepare();
  const bool any = std::any_of(blocks_.begin(), blocks_.end(), [](const BlockEffects& b) { return !b.steps.empty(); });
  if (!any) return;
  if (!solve()) {
    outcomes.clear();
    return;
  }
  reporting_ = true;
  report();
}

/// An element whose index is not a number may be another one at the next look.
bool LockWalk::isTracked(PathId lock) const {
  if (lock == PathId::Unknown) return false;
  for (PathId p : tables_.paths.prefixes(lock)) {
    const PathNode& node = tables_.paths[p];
    if (node.kind == PathNode::Kind::Cut) return false;
    if (node.kind == PathNode::Kind::Element && !tables_.paths.isConstantIndex(node.name)) return false;
  }
  const Storage storage = tables_.paths.storage(lock);
  return storage != Storage::Opaque && storage != Storage::Unknown;
}

/// A once-flag is passed, not held.
bool LockWalk::isOnce(PathId lock) const {
  if (onceFlags_.contains(lock)) return true;
  const PathNode& node = tables_.paths[lock];
  return node.kind == PathNode::Kind::Field && tables_.symbols.text(node.name) == "$once";
}

/// A lock that lives in the function itself: nobody held it before.
bool LockWalk::isOwn(PathId lock) const {
  return tables_.paths.storage(lock) == Storage::Local && !tables_.paths.passes(lock, PathNode::Kind::Deref);
}

bool LockWalk::isRelevant(const Step& step, StepEffect& effect) {
  const EventKind& what = *step.what;
  effect.step = &step;
  if (const auto* acquire = std::get_if<Acquire>(&what)) {
    effect.path = environment_.normalise(step.path);
    const bool once = acquire->type.find("once_flag") != std::string::npos ||
                      acquire->type.find("once_t") != std::string::npos;
    if (once) onceFlags_.insert(effect.path);
    return !once && isTracked(effect.path);
  }
  if (std::holds_alternative<Release>(what) || std::holds_alternative<Lifetime>(what)) {
    effect.path = environment_.normalise(step.path);
    return isTracked(effect.path) && !isOnce(effect.path);
  }
  if (std::holds_alternative<Wait>(what)) {
    effect.path = environment_.normalise(step.second);
    return isTracked(effect.path);
  }
  if (std::holds_alternative<Throw>(what)) return true;
  if (const auto* start = std::get_if<GuardStart>(&what)) {
    effect.path = environment_.normalise(step.second);
    return start->how == GuardStart::How::Adopted && isTracked(effect.path);
  }
  if (std::holds_alternative<Assign>(what)) {
    effect.path = environment_.normalise(step.path);
    return effect.path != PathId::Unknown;
  }
  const auto* access = std::get_if<Access>(&what);
  if (std::holds_alternative<Flag>(what) || (access && access->kind != AccessKind::Read)) {
    effect.path = environment_.normalise(step.path);
    return tests_.concern(effect.path);
  }
  if (!std::holds_alternative<Call>(what)) return false;
  effect.call = effects_(step);
  std::erase_if(effect.call.outcomes, [&](const LockOutcome& o) { return !isTracked(o.lock); });
  return !effect.call.outcomes.empty() || !effect.call.handedOut.empty() || effect.call.mayThrow ||
         !effect.call.returns || tests_.concern(body_.calls[step.call].result) || body_.calls[step.call].result != PathId::Unknown;
}

void LockWalk::prepare() {
  blocks_.resize(body_.blocks.size());
  bool touches = false;
  for (std::uint32_t b = 0; b < body_.blocks.size(); ++b) {
    for (std::uint32_t to : body_.blocks[b].successors) {
      if (body_.blocks[to].unwinds) blocks_[b].unwind = to;
    }
    for (const Step& step : body_.blocks[b].steps) {
      StepEffect effect;
      if (!isRelevant(step, effect)) continue;
      const bool assigns = std::holds_alternative<Assign>(*step.what) || std::holds_alternative<Flag>(*step.what) ||
                           std::holds_alternative<Access>(*step.what);
      touches |= !assigns && (effect.path != PathId::Unknown || !effect.call.outcomes.empty() || effect.call.mayThrow ||
                              std::holds_alternative<Throw>(*step.what));
      if (!assigns && effect.path != PathId::Unknown) locks_.insert(effect.path);
      for (const LockOutcome& outcome : effect.call.outcomes) locks_.insert(outcome.lock);
      if (!assigns) effect.site = tables_.holdSites.intern({step.location, self_, TraceId::Here});
      blocks_[b].steps.push_back(std::move(effect));
    }
  }
  for (BlockEffects& block : blocks_) {
    for (StepEffect& effect : block.steps) {
      std::erase_if(effect.call.handedOut, [&](PathId p) { return !locks_.contains(p); });
    }
  }
  if (touches) return;
  for (BlockEffects& block : blocks_) block.steps.clear();
}

/// False if there are more ways than can be followed.
bool LockWalk::solve() {
  budget_ = kBudget;
  enter(0, {});
  while (!work_.empty()) {
    if (budget_-- == 0) return false;
    auto [block, way] = std::move(work_.back());
    work_.pop_back();
    flow(block, way);
  }
  return true;
}

void LockWalk::enter(std::uint32_t block, LockWay way) {
  bool changed = false;
  addWay(blocks_[block], std::move(way), changed);
  if (!changed) return;
  const std::vector<LockWay>& ways = blocks_[block].ways;
  if (blocks_[block].joined) work_.emplace_back(block, ways.front());
}

void LockWalk::addWay(BlockEffects& block, LockWay way, bool& changed) {
  if (block.plain) way.tests.clear();
  if (block.joined) {
    LockWay joint = joinedWays(block.ways.front(), way);
    changed = joint != block.ways.front();
    block.ways.front() = std::move(joint);
    return;
  }
  auto at = std::lower_bound(block.ways.begin(), block.ways.end(), way);
  if (at != block.ways.end() && *at == way) return;
  changed = true;
  const auto number = static_cast<std::uint32_t>(&block - blocks_.data());
  block.ways.insert(at, way);
  if (block.ways.size() > kMaxWays) return thin(block);
  work_.emplace_back(number, std::move(way));
}

/// There are too many ways to the block: those that differ in tests only become one; if that is not enough, all do.
void LockWalk::thin(BlockEffects& block) {
  if (!block.plain) {
    block.plain = blurred_ = true;
    for (LockWay& way : block.ways) way.tests.clear();
    std::sort(block.ways.begin(), block.ways.end());
    block.ways.erase(std::unique(block.ways.begin(), block.ways.end()), block.ways.end());
    const auto number = static_cast<std::uint32_t>(&block - blocks_.data());
    for (const LockWay& way : block.ways) work_.emplace_back(number, way);
  }
  if (block.ways.size() <= kMaxWays) return;
  block.joined = true;
  LockWay joint = block.ways.front();
  for (const LockWay& each : block.ways) joint = joinedWays(joint, each);
  block.ways = {std::move(joint)};
}

/// What both ways agree on; a lock they treat differently is unclear.
LockWay LockWalk::joinedWays(const LockWay& a, const LockWay& b) const {
  LockWay out = a;
  auto unclear = [](const LockState& s) {
    LockState state;
    state.lock = s.lock;
    return state;
  };
  for (LockState& state : out.locks) {
    const LockState* other = const_cast<LockWay&>(b).find(state.lock);
    if (!other || *other != state) state = unclear(state);
  }
  for (const LockState& state : b.locks) {
    if (!out.find(state.lock)) out.set(unclear(state));
  }
  std::erase_if(out.tests, [&](const LockWay::Tested& t) {
    return std::find(b.tests.begin(), b.tests.end(), t) == b.tests.end();
  });
  return out;
}

void LockWalk::flow(std::uint32_t block, const LockWay& way) {
  LockWay state = way;
  for (const StepEffect& effect : blocks_[block].steps) {
    if (!transfer(block, state, effect)) return;
  }
  if (block == body_.exit) return;
  const std::vector<std::uint32_t>& next = body_.blocks[block].successors;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (next[i] == blocks_[block].unwind && next.size() > 1) continue;  // Entered where something may throw.
    if (next[i] == body_.exit && body_.blocks[block].unwinds) continue;  // No handler takes it.
    LockWay out = state;
    if (tests_.take(out, block, i)) enter(next[i], std::move(out));
  }
}

/// False if nothing follows on this way.
bool LockWalk::transfer(std::uint32_t block, LockWay& way, const StepEffect& effect) {
  const EventKind& what = *effect.step->what;
  if (const auto* acquired = std::get_if<Acquire>(&what)) {
    acquire(way, effect, *acquired);
  } else if (const auto* released = std::get_if<Release>(&what)) {
    release(way, effect.path, released->mode, released->holder == LockHolder::Guard, effect.site);
  } else if (const auto* lifetime = std::get_if<Lifetime>(&what)) {
    if (lifetime->phase == Lifetime::Phase::Ends)
      end(way, effect.path, effect.site);
    else
      begin(way, effect.path, effect.site);
  } else if (std::holds_alternative<Wait>(what)) {
    visit(effect.path, effect.site);
    const LockState* state = way.find(effect.path);
    if (state && state->fate == LockFate::Free) note(LockIncident::Kind::WaitsNotHeld, *state, effect.site);
  } else if (std::holds_alternative<GuardStart>(what)) {
    adopt(way, effect.path);
  } else if (std::holds_alternative<Throw>(what)) {
    throwAt(block, way, effect.site);
    return false;
  } else if (const auto* flag = std::get_if<Flag>(&what)) {
    tests_.change(way, effect.path, flag->constant);
  } else if (std::holds_alternative<Access>(what)) {
    tests_.change(way, effect.path, std::nullopt);
  } else if (const auto* assign = std::get_if<Assign>(&what)) {
    const bool isNull = assign->value.kind == Value::Kind::Constant;
    tests_.change(way, effect.path, isNull ? std::optional<std::string>("") : std::nullopt);
    overwrite(way, effect.path);
  } else {
    if (effect.call.mayThrow) throwAt(block, way, effect.site);
    call(way, effect);
    return effect.call.returns;
  }
  return true;
}

/// `cell` points elsewhere from now on: what was known through it is known no more.
void LockWalk::overwrite(LockWay& way, PathId cell) {
  if (way.locks.empty() || cell == PathId::Unknown) return;
  const PathId object = tables_.paths.deref(cell);
  std::erase_if(way.locks, [&](const LockState& s) { return tables_.paths.hasPrefix(s.lock, object); });
}

}  // namespace deadheat
