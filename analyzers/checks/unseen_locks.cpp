#include "analyzers/checks/unseen_locks.h"

#include <algorithm>

namespace deadheat {

bool UnseenLocks::mayHoldOne(const AccessFact& access) {
  const Traces& traces = program_.tables().traces;
  for (TraceId t = access.trace; t != TraceId::Here; t = traces[t].rest)
    if (callsUncertainLock(traces[t].function)) return true;
  return callsUncertainLock(access.function);
}

bool UnseenLocks::callsUncertainLock(FunctionIndex function) {
  if (function == FunctionIndex::None) return false;
  auto [slot, fresh] = known_.try_emplace(function, false);
  if (!fresh) return slot->second;
  const std::vector<CallSite>& calls = program_.bodies()[function].calls;
  return slot->second = std::ranges::any_of(calls, [&](const CallSite& call) {
    const bool uncertain = call.guessed || call.targets.size() > 1;
    return !call.spawn && std::ranges::any_of(call.targets, [&](FunctionIndex target) {
      return (uncertain && leavesLock(target)) || waitsIfAsked(target);
    });
  });
}

/// Whether it is the arguments that say whether `target` only tries to take a lock, as its result then tells, or waits
/// for it: whoever does not look at the result has asked it to wait.
bool UnseenLocks::waitsIfAsked(FunctionIndex target) const {
  const Summary& summary = program_.summary(target);
  auto isTaken = [&](PathId lock, LockWait wait) {
    return program_.anyAcquire(target, [&](const AcquireFact& acquire) {
      return acquire.lock == lock && acquire.wait == wait && acquire.thread == kSelf;
    });
  };
  return std::ranges::any_of(summary.lockOutcomes, [&](const LockOutcome& outcome) {
    const bool always = program_.tables().locksets.find(summary.heldAtExit, outcome.lock) != nullptr;
    return (outcome.ways & LockOutcome::kTakes) && !always && isTaken(outcome.lock, LockWait::Blocking) &&
           isTaken(outcome.lock, LockWait::Try);
  });
}

bool UnseenLocks::leavesLock(FunctionIndex target) const {
  return std::ranges::any_of(program_.summary(target).lockOutcomes,
                             [](const LockOutcome& outcome) { return (outcome.ways & LockOutcome::kTakes) != 0; });
}

}  // namespace deadheat
