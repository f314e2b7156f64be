// What each step does to the locks of one way, and what it must not do.
#include <algorithm>

#include "analyzers/link/lock_walk.h"

namespace deadheat {
namespace {

constexpr std::uint8_t kMaxCount = 3;

bool isSharedType(const std::string& type) { return type.find("shared_") != std::string::npos; }

/// `state` given back at `site`.
void setFree(LockState& state, HoldSiteId site) {
  state.fate = LockFate::Free;
  state.count = 1;
  state.changed = site;
}

}  // namespace

void LockWalk::acquire(LockWay& way, const StepEffect& effect, const Acquire& acquire) {
  LockState taken;
  taken.lock = effect.path;
  taken.fate = LockFate::Held;
  taken.hold = acquire.mode == LockMode::Shared ? Hold::Shared : Hold::Exclusive;
  taken.recursion = acquire.recursion;
  taken.byGuard = acquire.holder == LockHolder::Guard;
  taken.strict = isSharedType(acquire.type);
  taken.taken = effect.site;
  this->acquire(way, taken, acquire.wait, effect.site);
}

void LockWalk::acquire(LockWay& way, LockState taken, LockWait wait, HoldSiteId site) {
  if (elements_.isFamily(taken.lock)) return markUnclear(way, taken.lock);
  visit(taken.lock, site);
  LockState* known = way.find(taken.lock);
  if (!known) return way.set(taken);
  taken.byCaller = known->byCaller;
  taken.begun = known->begun;
  if (known->fate == LockFate::Gone) {
    note(LockIncident::Kind::UsedAfterEnd, *known, site);
    return way.forget(taken.lock);
  }
  if (known->fate != LockFate::Held) return way.set(taken);
  const bool recursive = known->recursion == Recursion::Yes || taken.recursion == Recursion::Yes;
  const bool shared = known->hold == Hold::Shared && taken.hold == Hold::Shared;
  if (!recursive && !shared && wait == LockWait::Blocking) note(LockIncident::Kind::TakenTwice, *known, site);
  known->count = std::min<std::uint8_t>(known->count + 1, kMaxCount);
}

void LockWalk::release(LockWay& way, PathId lock, LockMode mode, bool byGuard, HoldSiteId site) {
  LockState* known = elements_.isFamily(lock) ? nullptr : way.find(lock);
  const bool doubtful = !known && isDoubtful(way, lock, site);
  if (!doubtful || !blurred_) visit(lock, site);  // Where tests were forgotten, doubts come from ways that are none.
  if (doubtful && reporting_) doubted_.insert({lock, site});
  if (doubtful) return;
  if (!known) {
    LockState fresh;
    fresh.lock = lock;
    fresh.byCaller = !isOwn(lock);
    fresh.byGuard = byGuard;
    const auto wrong = fresh.byCaller ? LockIncident::Kind::NotTaken : LockIncident::Kind::NotHeld;
    if (!byGuard) note(wrong, fresh, site);
    setFree(fresh, site);
    return way.set(fresh);
  }
  switch (known->fate) {
    case LockFate::Held: {
      const bool shared = mode == LockMode::Shared;
      if (known->strict && !byGuard && shared != (known->hold == Hold::Shared)) {
        note(LockIncident::Kind::WrongMode, *known, site);
      }
      if (known->count > 1) {
        --known->count;
        return;
      }
      if (const PathId family = elements_.family(lock); reporting_ && family != lock) paired_.insert(family);
      known->robbed = known->byGuard && !byGuard;
      return setFree(*known, site);
    }
    case LockFate::Free:
      if (isSomeHeld(way, lock)) return blur(way, elements_.family(lock));
      if (!byGuard) note(LockIncident::Kind::NotHeld, *known, site);
      if (byGuard && known->robbed) note(LockIncident::Kind::Robbed, *known, site);
      return;
    case LockFate::Gone:
      if (!byGuard) note(LockIncident::Kind::UsedAfterEnd, *known, site);
      return way.forget(lock);
    case LockFate::Unclear:
      if (known->unclearAfter != FunctionIndex::None) {
        note(LockIncident::Kind::CallerGivesBack, *known, site, known->unclearAfter);
      }
      return setFree(*known, site);
  }
}

/// From now on a guard gives back what was taken by hand.
void LockWalk::adopt(LockWay& way, PathId lock) {
  LockState* known = way.find(lock);
  if (known && known->fate == LockFate::Held) known->byGuard = true;
}

void LockWalk::end(LockWay& way, PathId lock, HoldSiteId site) {
  if (elements_.isFamily(lock)) return markUnclear(way, lock);
  visit(lock, site);
  LockState state;
  state.lock = lock;
  if (const LockState* known = way.find(lock)) {
    if (known->fate == LockFate::Held) note(LockIncident::Kind::EndsHeld, *known, site);
    if (known->fate == LockFate::Gone) note(LockIncident::Kind::UsedAfterEnd, *known, site);
    state = *known;
    state.byCaller = known->byCaller && known->fate == LockFate::Free;
  }
  state.fate = LockFate::Gone;
  state.changed = site;
  way.set(state);
}

void LockWalk::begin(LockWay& way, PathId lock, HoldSiteId site) {
  if (elements_.isFamily(lock)) return;
  visit(lock, site);
  if (const LockState* known = way.find(lock); known && known->fate == LockFate::Held) {
    // An object that is made at its first use was made before anybody could take its lock.
    const PathTable& paths = tables_.paths;
    if (paths.storage(lock) == Storage::Global && paths.passes(lock, PathNode::Kind::Deref)) return;
    note(LockIncident::Kind::BeginsHeld, *known, site);
  }
  LockState state;
  state.lock = lock;
  state.begun = true;
  setFree(state, HoldSiteId::None);
  way.set(state);
}

void LockWalk::call(LockWay& way, const StepEffect& effect) {
  for (PathId lock : effect.call.handedOut) {
    LockState unclear;
    unclear.lock = lock;
    way.set(unclear);
  }
  overwriteStored(way, effect.call);
  for (const LockOutcome& outcome : effect.call.outcomes) apply(way, outcome, effect.call, effect.site);
  const CallSite& site = body_.calls[effect.step->call];
  overwrite(way, site.result);
  tests_.change(way, site.result, std::nullopt);
  for (const LinkedValue& argument : site.arguments) {
    if (argument.kind == Value::Kind::AddressOf) tests_.change(way, environment_.normalise(argument.path), std::nullopt);
  }
}

void LockWalk::apply(LockWay& way, const LockOutcome& outcome, const CallOnLocks& call, HoldSiteId site) {
  const bool gives = outcome.ways & (LockOutcome::kGives | LockOutcome::kKeepsHeld | LockOutcome::kGivesEnds);
  if (gives && isSomeHeld(way, outcome.lock)) {
    LockState held;
    held.lock = outcome.lock;
    note(LockIncident::Kind::CallerHolds, held, site, call.callee);
  }
  if (elements_.isFamily(outcome.lock)) {
    isDoubtful(way, outcome.lock, outcome.site);
    blur(way, outcome.lock, outcome.ways & LockOutcome::kTakes ? call.callee : FunctionIndex::None);
    return;
  }
  LockState* known = way.find(outcome.lock);
  const bool needsHeld = outcome.ways == LockOutcome::kGives || outcome.ways == LockOutcome::kKeepsHeld;
  switch (outcome.ways) {
    case LockOutcome::kTakes: {
      LockState taken;
      taken.lock = outcome.lock;
      taken.fate = LockFate::Held;
      taken.hold = outcome.hold;
      taken.recursion = outcome.recursion;
      taken.byGuard = outcome.byGuard;
      taken.taken = outcome.site;
      return acquire(way, taken, LockWait::Blocking, outcome.site);
    }
    case LockOutcome::kEnds: return end(way, outcome.lock, outcome.site);
    case LockOutcome::kBegins: return begin(way, outcome.lock, site);
    case LockOutcome::kGives:
    case LockOutcome::kGivesEnds:
      release(way, outcome.lock, known && known->hold == Hold::Shared ? LockMode::Shared : LockMode::Exclusive,
              call.destructor || outcome.byGuard, outcome.site);
      if (outcome.ways == LockOutcome::kGivesEnds) end(way, outcome.lock, outcome.site);
      return;
    default: break;
  }
  visit(outcome.lock, site);
  if (needsHeld && known && known->fate == LockFate::Free) note(LockIncident::Kind::NotHeld, *known, outcome.site);
  if (needsHeld) return;
  LockState unclear;
  unclear.lock = outcome.lock;
  if (outcome.ways & LockOutcome::kTakes) unclear.unclearAfter = call.callee;
  way.set(unclear);
}

/// An exception starts here: on to the handlers, or out of the function.
void LockWalk::throwAt(std::uint32_t block, const LockWay& way, HoldSiteId site) {
  if (blocks_[block].unwind != kNoBlock) {
    if (!reporting_) enter(blocks_[block].unwind, way);
    return;
  }
  mayThrow = true;
  for (const LockState& state : way.locks) {
    if (state.fate == LockFate::Held && !state.byGuard && !state.byCaller) {
      note(LockIncident::Kind::LeaksByThrow, state, site);
    }
  }
}

}  // namespace deadheat
