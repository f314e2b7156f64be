#include "analyzers/checks/lock_entry.h"

#include <algorithm>

namespace deadheat {

LockEntries::LockEntries(const Program& program, const LockEvidence& evidence)
    : program_(program), evidence_(evidence) {
  const Bodies& bodies = program.bodies();
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    for (const CallSite& call : bodies[f].calls) {
      if (call.spawn) continue;
      for (FunctionIndex target : call.targets) callers_[target].insert(f);
    }
  }
  for (const LockIncident& incident : program.lockIncidents()) {
    if (incident.kind == LockIncident::Kind::CallerHolds) held_.insert({incident.callee, evidence.keyOf(incident.lock)});
    if (incident.kind == LockIncident::Kind::NotFollowed) notFollowed_.insert(incident.frame);
  }
}

/// How a function that nobody calls by name is entered.
LockedEntry LockEntries::start(FunctionIndex f) const {
  if (evidence_.isThreadEntry(f) || program_.functionName(f) == "main") return LockedEntry::Without;
  return program_.function(f).addressTaken ? LockedEntry::Callback : LockedEntry::Unknown;
}

LockedEntry LockEntries::find(FunctionIndex f, const Key& key, std::map<FunctionIndex, LockedEntry>& known) {
  auto [slot, fresh] = known.try_emplace(f, LockedEntry::Without);  // While it is looked for: round in a circle.
  if (!fresh) return slot->second;
  const auto callers = callers_.find(f);
  const bool isCalled = callers != callers_.end();
  LockedEntry worst = isCalled && !program_.function(f).addressTaken ? LockedEntry::Without : start(f);
  if (held_.contains({f, key})) worst = LockedEntry::Held;
  if (isCalled && worst != LockedEntry::Held) {
    for (FunctionIndex caller : callers->second) {
      const bool isBlind = notFollowed_.contains(caller);
      worst = std::max({worst, isBlind ? LockedEntry::Unknown : worst, find(caller, key, known)});
    }
  }
  return known[f] = worst;
}

LockedEntry LockEntries::of(FunctionIndex f, PathId lock) {
  const bool isNamedAlike = program_.tables().paths.storage(lock) == Storage::Global;
  if (!isNamedAlike) return callers_.contains(f) ? LockedEntry::Unknown : start(f);
  const Key key = evidence_.keyOf(lock);
  return find(f, key, known_[key]);
}

bool LockEntries::takesItself(FunctionIndex f, PathId lock) const {
  const Tables& tables = program_.tables();
  return program_.anyAcquire(f, [&](const AcquireFact& a) {
    const auto released = tables.pathSets[a.released];
    return a.lock == lock && a.thread == kSelf && a.wait == LockWait::Blocking && !a.once &&
           evidence_.recursion(lock, a.recursion) == Recursion::No &&
           std::find(released.begin(), released.end(), lock) == released.end();
  });
}

}  // namespace deadheat
