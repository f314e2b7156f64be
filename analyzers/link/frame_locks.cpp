// What a frame's calls do to locks, for the walk over its ways.
#include <algorithm>

#include "analyzers/link/frame.h"

namespace deadheat {

void Frame::walkLocks() {
  LockWalk walk(body_, self_, tables_, aliases_.environment, [this](const Step& step) { return locksAt(step); });
  walk.run();
  lockIncidents = std::move(walk.incidents);
  std::erase_if(doubleLocks, [&](const DoubleLock& d) {
    const TraceId trace = d.acquire.trace;
    return walk.isDead(trace == TraceId::Here ? d.acquire.location : tables_.traces[trace].location);
  });
  summary.mayThrow = walk.mayThrow && !body_.facts->isNoexcept;
  for (LockOutcome& outcome : walk.outcomes) {
    outcome.lock = renamed(outcome.lock);
    if (isRelative(tables_.paths, outcome.lock)) summary.lockOutcomes.push_back(outcome);
  }
}

void Frame::addOutcome(Application& app, const LockOutcome& inner, std::map<PathId, LockOutcome>& out) {
  LockOutcome outcome = inner;
  outcome.lock = app.names->path(inner.lock);
  if (outcome.lock == PathId::Unknown) return;
  HoldSite site = tables_.holdSites[inner.site];
  site.trace = wrapped(app, site.trace);
  outcome.site = tables_.holdSites.intern(site);
  outcome.byGuard |= context_.bodies[app.target].facts->kind == Function::Kind::Constructor;
  auto [slot, fresh] = out.try_emplace(outcome.lock, outcome);
  if (!fresh) slot->second.ways |= outcome.ways;
}

CallOnLocks Frame::locksAt(const Step& step) {
  CallOnLocks out;
  out.returns = returns(step);
  const CallSite& call = body_.calls[step.call];
  const auto* made = std::get_if<Call>(step.what);
  const bool byGuard = made && made->byGuard;
  std::map<PathId, LockOutcome> outcomes;
  std::map<PathId, std::size_t> affected;
  std::size_t direct = 0;
  for (Application& app : applications_[step.call]) {
    if (app.spawn) continue;
    out.mayThrow |= app.callee->mayThrow;
    if (!app.deferred) ++direct;
    out.callee = app.target;
    out.destructor |= isDestructor(app.target) || byGuard;
    for (const auto& [cell, value] : context_.aliases.summaries[raw(app.target)].stores)
      if (const FieldName field = tables_.paths.lastField(cell); field != FieldName{}) out.stores.push_back(field);
    for (const LockOutcome& inner : app.callee->lockOutcomes) {
      const std::size_t before = outcomes.size();
      addOutcome(app, inner, outcomes);
      if (app.guessed || app.deferred) continue;
      if (outcomes.size() > before || direct > 1) ++affected[app.names->path(inner.lock)];
    }
  }
  for (auto& [lock, outcome] : outcomes) {
    outcome.byGuard |= byGuard;
    if (affected[lock] != direct) outcome.ways |= LockOutcome::kKeeps;
    out.outcomes.push_back(outcome);
  }
  std::sort(out.stores.begin(), out.stores.end());
  out.stores.erase(std::unique(out.stores.begin(), out.stores.end()), out.stores.end());
  if (applications_[step.call].empty()) {  // Code that cannot be seen.
    for (const LinkedValue& argument : call.arguments) {
      const LinkedValue value = aliases_.environment.normalise(argument);
      if (value.kind == Value::Kind::AddressOf && value.path != PathId::Unknown) out.handedOut.push_back(value.path);
    }
  }
  return out;
}

}  // namespace deadheat
