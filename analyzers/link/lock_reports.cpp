// The last pass over the ways: what went wrong where, on how many of them, and what a caller has to know.
#include <algorithm>

#include "analyzers/link/lock_walk.h"

namespace deadheat {

void LockWalk::visit(PathId lock, HoldSiteId at) {
  if (reporting_) ++visits_[{lock, at}];
}

/// The object is the lock, and this is how it is made: its methods give back by other means what the attributes say.
bool LockWalk::isLockItself(PathId lock) const {
  return tables_.paths.isRoot(lock) && tables_.paths.storage(lock) == Storage::This;
}

void LockWalk::note(LockIncident::Kind kind, const LockState& state, HoldSiteId at, FunctionIndex callee) {
  if (!reporting_ || isLockItself(state.lock)) return;
  LockIncident incident;
  incident.kind = kind;
  incident.frame = self_;
  incident.lock = state.lock;
  incident.at = at;
  const bool held = state.fate == LockFate::Held || kind == LockIncident::Kind::Robbed;
  incident.since = held ? state.taken : state.changed;
  incident.callee = callee;
  incident.hold = state.hold;
  incident.recursion = state.recursion;
  Count& count = found_[incident];
  count.incident = incident;
  ++count.ways;
}

/// Seen on some ways only, among which there may be ways that no run can take.
bool LockWalk::isBlurred(const LockIncident& incident) const {
  return blurred_ && !incident.always && incident.kind != LockIncident::Kind::CallerGivesBack &&
         incident.kind != LockIncident::Kind::CallerHolds;
}

void LockWalk::report() {
  for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
    if (blocks_[b].ways.empty()) {
      for (const Step& step : body_.blocks[b].steps) dead_.insert(step.location);
    }
    for (const LockWay& entry : blocks_[b].ways) {
      LockWay way = entry;
      const bool goesOn = std::all_of(blocks_[b].steps.begin(), blocks_[b].steps.end(),
                                      [&](const StepEffect& effect) { return transfer(b, way, effect); });
      const std::vector<std::uint32_t>& next = body_.blocks[b].successors;
      for (std::size_t edge = 0; goesOn && edge < next.size(); ++edge) {
        LockWay out = way;
        const bool returns = next[edge] == body_.exit && !body_.blocks[b].unwinds;
        if (returns && tests_.take(out, b, edge)) leave(b, way);
      }
      if (goesOn && b == body_.exit) addOutcomes(way);
    }
  }
  for (auto& [key, count] : found_) {
    auto visits = visits_.find({count.incident.lock, count.incident.at});
    const bool doubted = doubted_.contains({count.incident.lock, count.incident.at});
    const bool paired = paired_.contains(elements_.family(count.incident.lock));
    count.incident.always = visits != visits_.end() && visits->second == count.ways && (!doubted || paired);
    count.incident.doubted = count.incident.always && doubted;
    if (!isBlurred(count.incident)) incidents.push_back(count.incident);
  }
  reportLeaks();
  for (PathId family : lostGives_) {
    LockOutcome& outcome = outcome_[family];
    outcome.lock = family;
    outcome.ways |= LockOutcome::kGives | LockOutcome::kKeeps;
  }
  for (auto& [lock, outcome] : outcome_) {
    if (touched_[lock] < waysOut_) outcome.ways |= LockOutcome::kKeeps;
    if (outcome.ways != LockOutcome::kKeeps && outcome.ways != 0) outcomes.push_back(outcome);
  }
}

/// The function returns from `block`.
void LockWalk::leave(std::uint32_t block, const LockWay& way) {
  for (const LockState& state : way.locks) {
    const bool held = state.fate == LockFate::Held;
    if (state.taken == HoldSiteId::None || state.byCaller || (!held && state.fate != LockFate::Free)) continue;
    Leaving& leaving = leaving_[{state.lock, state.taken}];
    if (!held || state.byGuard) {
      ++leaving.given;
      continue;
    }
    if (leaving.held++ > 0) continue;
    leaving.state = state;
    const std::vector<Step>& steps = body_.blocks[block].steps;
    if (!steps.empty()) leaving.out = tables_.holdSites.intern({steps.back().location, self_, TraceId::Here});
  }
}

void LockWalk::reportLeaks() {
  for (const auto& [key, leaving] : leaving_) {
    if (leaving.held == 0 || isLockItself(leaving.state.lock)) continue;
    LockIncident leak;
    leak.kind = LockIncident::Kind::Leaks;
    leak.frame = self_;
    leak.lock = leaving.state.lock;
    leak.at = leaving.out;
    leak.since = leaving.state.taken;
    leak.hold = leaving.state.hold;
    leak.recursion = leaving.state.recursion;
    leak.always = leaving.given == 0 && !givenEarlier_.contains(key);
    if (!isBlurred(leak)) incidents.push_back(leak);
  }
}

/// What is done to some element of the family, or not.
void LockWalk::addToFamily(LockOutcome& outcome, const LockState& state) const {
  outcome.ways |= LockOutcome::kKeeps;
  if (state.fate == LockFate::Held || state.fate == LockFate::Unclear) outcome.ways |= LockOutcome::kTakes;
  if (state.fate == LockFate::Unclear || (state.fate == LockFate::Free && state.byCaller))
    outcome.ways |= LockOutcome::kGives;
}

void LockWalk::addOutcomes(const LockWay& way) {
  ++waysOut_;
  for (const LockState& state : way.locks) {
    const PathId lock = elements_.exported(state.lock);
    LockOutcome& outcome = outcome_[lock];
    outcome.lock = lock;
    if (elements_.isFamily(lock)) {
      addToFamily(outcome, state);
      continue;
    }
    ++touched_[lock];
    std::uint8_t bit = LockOutcome::kKeeps;
    switch (state.fate) {
      case LockFate::Held: bit = state.byCaller ? LockOutcome::kKeepsHeld : LockOutcome::kTakes; break;
      case LockFate::Free:
        bit = state.byCaller ? LockOutcome::kGives : state.begun ? LockOutcome::kBegins : LockOutcome::kKeeps;
        break;
      case LockFate::Gone: bit = state.byCaller ? LockOutcome::kGivesEnds : LockOutcome::kEnds; break;
      case LockFate::Unclear: bit = LockOutcome::kTakes | LockOutcome::kGives | LockOutcome::kKeeps; break;
    }
    outcome.ways |= bit;
    if (bit == LockOutcome::kKeeps || state.fate == LockFate::Unclear) continue;
    const bool held = state.fate == LockFate::Held;
    if (outcome.site == HoldSiteId::None) outcome.site = held ? state.taken : state.changed;
    outcome.byGuard |= state.byGuard;
    if (!held) continue;
    outcome.hold = state.hold;
    outcome.recursion = state.recursion;
  }
}

}  // namespace deadheat
