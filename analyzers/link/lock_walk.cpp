// The ways through the control-flow graph: which are kept apart, and when they are joined.
#include "analyzers/link/lock_walk.h"

#include <algorithm>

namespace deadheat {
namespace {

constexpr std::size_t kMaxWays = 32;
constexpr std::size_t kBudget = 6000;

}  // namespace

LockWalk::LockWalk(const Body& body, FunctionIndex self, Tables& tables, Environment& environment, CallEffects effects)
    : body_(body),
      self_(self),
      tables_(tables),
      environment_(environment),
      effects_(std::move(effects)),
      tests_(body, environment),
      elements_(body, tables) {}

void LockWalk::run() {
  prepare();
  const bool any = std::any_of(blocks_.begin(), blocks_.end(), [](const BlockEffects& b) { return !b.steps.empty(); });
  if (!any) return;
  if (!solve()) {
    LockIncident unknown;
    unknown.kind = LockIncident::Kind::NotFollowed;
    unknown.frame = self_;
    incidents.push_back(unknown);
    return;
  }
  reporting_ = true;
  report();
}

bool LockWalk::isHeldable(PathId lock) const {
  if (lock == PathId::Unknown || tables_.paths.passes(lock, PathNode::Kind::Cut)) return false;
  const Storage storage = tables_.paths.storage(lock);
  return storage != Storage::Opaque && storage != Storage::Unknown;
}

/// The lock that the function calls `named`: by what its pointers point to, or, where that is an element that cannot be
/// told from others, by the pointer; else its family.
PathId LockWalk::lockAt(PathId named) {
  const PathId lock = environment_.normalise(named);
  if (!isHeldable(lock) || elements_.isNamed(lock)) return lock;
  const bool byPointer = tables_.paths.storage(named) == Storage::Local && isTracked(named) &&
                         !environment_.isAmbiguous(tables_.paths[named].root);
  if (!byPointer) return elements_.family(lock);
  elements_.noteAlias(named, lock);
  return named;
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
    effect.path = lockAt(step.path);
    const bool once = acquire->type.find("once_flag") != std::string::npos ||
                      acquire->type.find("once_t") != std::string::npos;
    if (once) onceFlags_.insert(effect.path);
    return !once && isHeldable(effect.path);
  }
  if (std::holds_alternative<Release>(what) || std::holds_alternative<Lifetime>(what)) {
    effect.path = lockAt(step.path);
    return isHeldable(effect.path) && !isOnce(effect.path);
  }
  if (std::holds_alternative<Wait>(what)) {
    effect.path = lockAt(step.second);
    return isTracked(effect.path);
  }
  if (std::holds_alternative<Throw>(what)) return true;
  if (const auto* start = std::get_if<GuardStart>(&what)) {
    effect.path = lockAt(step.second);
    return start->how == GuardStart::How::Adopted && isTracked(effect.path);
  }
  if (std::holds_alternative<Assign>(what)) {
    effect.path = environment_.normalise(step.path);
    return effect.path != PathId::Unknown;
  }
  const auto* access = std::get_if<Access>(&what);
  if (std::holds_alternative<Flag>(what)) {
    effect.path = environment_.normalise(step.path);
    const Symbol variable = elements_.variable(effect.path);
    elements_.noteChange(variable);
    return variable != Symbol::Empty || tests_.concern(effect.path);
  }
  if (access && access->kind != AccessKind::Read) {
    effect.path = environment_.normalise(step.path);
    return effect.path != PathId::Unknown;
  }
  if (!std::holds_alternative<Call>(what)) return false;
  effect.call = effects_(step);
  std::erase_if(effect.call.outcomes, [&](const LockOutcome& o) { return !isHeldable(o.lock); });
  for (LockOutcome& outcome : effect.call.outcomes)
    if (!elements_.isNamed(outcome.lock)) outcome.lock = elements_.family(outcome.lock);
  return actsOnLocks(effect) || !effect.call.stores.empty();
}

/// The call does something that the walk follows, whatever it stores.
bool LockWalk::actsOnLocks(const StepEffect& effect) const {
  const PathId result = body_.calls[effect.step->call].result;
  return !effect.call.outcomes.empty() || !effect.call.handedOut.empty() || effect.call.mayThrow ||
         !effect.call.returns || result != PathId::Unknown;
}

/// A variable takes a value that nothing here depends on, or memory changes that is no lock's.
bool LockWalk::isIdle(const StepEffect& effect) const {
  if (effect.step->call != Step::kNoCall) return effect.call.stores.empty() && !actsOnLocks(effect);
  if (std::holds_alternative<Access>(*effect.step->what))
    return !tests_.concern(effect.path) && !locks_.contains(effect.path);
  if (!std::holds_alternative<Flag>(*effect.step->what) || tests_.concern(effect.path)) return false;
  const Symbol variable = elements_.variable(effect.path);
  return std::none_of(locks_.begin(), locks_.end(), [&](PathId p) { return elements_.dependsOn(p, variable); });
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
      const bool isLock = !assigns && effect.path != PathId::Unknown && !elements_.isFamily(effect.path);
      const bool calls = std::any_of(effect.call.outcomes.begin(), effect.call.outcomes.end(),
                                     [&](const LockOutcome& o) { return !elements_.isFamily(o.lock); });
      touches |= isLock || calls || effect.call.mayThrow || std::holds_alternative<Throw>(*step.what);
      if (!assigns && effect.path != PathId::Unknown) locks_.insert(effect.path);
      for (const LockOutcome& outcome : effect.call.outcomes) locks_.insert(outcome.lock);
      if (!assigns) effect.site = tables_.holdSites.intern({step.location, self_, TraceId::Here});
      blocks_[b].steps.push_back(std::move(effect));
    }
  }
  const std::set<FieldName> pointers = pointersToLocks();
  for (BlockEffects& block : blocks_) {
    for (StepEffect& effect : block.steps) {
      std::erase_if(effect.call.handedOut, [&](PathId p) { return !locks_.contains(p); });
      std::erase_if(effect.call.stores, [&](const FieldName& field) { return !pointers.contains(field); });
    }
    std::erase_if(block.steps, [&](const StepEffect& effect) { return isIdle(effect); });
  }
  if (touches) return;
  for (BlockEffects& block : blocks_) block.steps.clear();
}

/// Members that pointers on the way to the function's locks are kept in.
std::set<FieldName> LockWalk::pointersToLocks() const {
  std::set<FieldName> out;
  for (PathId lock : locks_) {
    for (PathId at = lock; at != PathId::Unknown; at = tables_.paths[at].parent) {
      if (tables_.paths[at].kind != PathNode::Kind::Deref) continue;
      if (const FieldName field = tables_.paths.lastField(tables_.paths[at].parent); field != FieldName{}) out.insert(field);
    }
  }
  return out;
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
    tests_.follow(way, tables_.paths, effect.step->path);
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
    forgetElements(way, elements_.variable(effect.path));
  } else if (const auto* access = std::get_if<Access>(&what)) {
    tests_.change(way, effect.path, std::nullopt);
    const LockState* state = access->kind == AccessKind::Write ? way.find(effect.path) : nullptr;
    if (state && state->fate == LockFate::Held)  // A lock made by hand is given back.
      release(way, effect.path, LockMode::Exclusive, false, effect.site);
  } else if (std::holds_alternative<Assign>(what)) {
    const bool isNull = effect.step->value.kind == Value::Kind::Constant;
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
  std::set<PathId> families;
  std::erase_if(way.locks, [&](const LockState& s) {
    if (!tables_.paths.hasPrefix(s.lock, object)) return false;
    if (s.fate == LockFate::Held && elements_.family(s.lock) != s.lock) families.insert(elements_.family(s.lock));
    return true;
  });
  for (PathId family : families) blur(way, family);
}

/// The callee changes pointers by which locks are named here: one that was given back may be another by that name now.
void LockWalk::overwriteStored(LockWay& way, const CallOnLocks& call) {
  if (call.stores.empty()) return;
  std::erase_if(way.locks, [&](const LockState& s) {
    if (s.fate != LockFate::Free && s.fate != LockFate::Gone) return false;
    for (PathId at = s.lock; at != PathId::Unknown; at = tables_.paths[at].parent) {
      const bool isPointee = tables_.paths[at].kind == PathNode::Kind::Deref;
      if (isPointee && std::binary_search(call.stores.begin(), call.stores.end(),
                                          tables_.paths.lastField(tables_.paths[at].parent)))
        return true;
    }
    return false;
  });
}

}  // namespace deadheat
