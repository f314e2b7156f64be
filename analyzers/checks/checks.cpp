// The table of checks: adding one is a row here and its file.
#include <algorithm>
#include <map>
#include <tuple>

#include "analyzers/checks/causes.h"
#include "analyzers/checks/check.h"
#include "analyzers/checks/likewise.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/link/program.h"

namespace deadheat {

extern const Check kAtomicMisuse;
extern const Check kAwaitCycle;
extern const Check kBadUnlock;
extern const Check kBlockingInTask;
extern const Check kBlockingUnderLock;
extern const Check kCallbackUnderLock;
extern const Check kCapturedReference;
extern const Check kCheckThenAct;
extern const Check kCoroutineDangling;
extern const Check kDataRace;
extern const Check kDeadlock;
extern const Check kDiscardedFuture;
extern const Check kDoubleCheckedLocking;
extern const Check kDoubleLock;
extern const Check kExecutorAffinity;
extern const Check kForeignLock;
extern const Check kFutureDeadlock;
extern const Check kGuardAnnotation;
extern const Check kInconsistentGuard;
extern const Check kIneffectiveGuard;
extern const Check kJoinDeadlock;
extern const Check kLockAcrossSuspend;
extern const Check kLockDestroyed;
extern const Check kLockLeak;
extern const Check kLockMisuse;
extern const Check kLockOrder;
extern const Check kLostWakeup;
extern const Check kNeverNotified;
extern const Check kPlainFlagSync;
extern const Check kPromiseMisuse;
extern const Check kPublishBeforeInit;
extern const Check kRwlockUpgrade;
extern const Check kSharedPtrRace;
extern const Check kSignalUnsafe;
extern const Check kSleepAsSync;
extern const Check kStaleAfterSuspend;
extern const Check kTaskLifetime;
extern const Check kThreadUnsafeCall;
extern const Check kTlsAcrossSuspend;
extern const Check kTlsEscape;
extern const Check kUnguardedEscape;
extern const Check kUnjoinedThread;
extern const Check kWaitWithoutPredicate;
extern const Check kWaitWrongMutex;
extern const Check kWriteUnderSharedLock;

const std::vector<Check>& allChecks() {
  static const std::vector<Check> checks = {
      kAtomicMisuse,
      kAwaitCycle,
      kBadUnlock,
      kBlockingInTask,
      kBlockingUnderLock,
      kCallbackUnderLock,
      kCapturedReference,
      kCheckThenAct,
      kCoroutineDangling,
      kDataRace,
      kDeadlock,
      kDiscardedFuture,
      kDoubleCheckedLocking,
      kDoubleLock,
      kExecutorAffinity,
      kForeignLock,
      kFutureDeadlock,
      kGuardAnnotation,
      kInconsistentGuard,
      kIneffectiveGuard,
      kJoinDeadlock,
      kLockAcrossSuspend,
      kLockDestroyed,
      kLockLeak,
      kLockMisuse,
      kLockOrder,
      kLostWakeup,
      kNeverNotified,
      kPlainFlagSync,
      kPromiseMisuse,
      kPublishBeforeInit,
      kRwlockUpgrade,
      kSharedPtrRace,
      kSignalUnsafe,
      kSleepAsSync,
      kStaleAfterSuspend,
      kTaskLifetime,
      kThreadUnsafeCall,
      kTlsAcrossSuspend,
      kTlsEscape,
      kUnguardedEscape,
      kUnjoinedThread,
      kWaitWithoutPredicate,
      kWaitWrongMutex,
      kWriteUnderSharedLock,
  };
  return checks;
}

const Check* findCheck(std::string_view id) {
  for (const Check& check : allChecks()) {
    if (check.info.id == id) return &check;
  }
  return nullptr;
}

namespace {

bool absorbs(const Check& teller, const Check& told) {
  return std::ranges::count(teller.info.absorbs, told.info.id) != 0;
}

/// Each race in the words of the check that says most about it, if any check that was asked for recognises it.
void tellRaces(const std::vector<const Check*>& tellers, const Program& program, std::vector<Finding>& findings) {
  if (tellers.empty()) return;
  for (Race& race : findRaces(program)) {
    const Check* best = nullptr;
    Finding told;
    for (const Check* check : tellers) {
      if (best && !absorbs(*check, *best)) continue;
      Finding finding = race.finding;
      if (!check->recognise(program, race.pair, finding)) continue;
      best = check;
      told = std::move(finding);
    }
    if (best) findings.push_back(std::move(told));
  }
}

/// Instances of one template are one text: what is told of several in the same words is told once, by the surest.
std::vector<Finding> oneForEachText(std::vector<Finding> findings) {
  std::map<std::tuple<std::string, SourcePoint, std::string>, std::size_t> told;
  std::vector<Finding> kept;
  for (Finding& finding : findings) {
    auto [same, isNew] = told.try_emplace({finding.check, finding.location, finding.message}, kept.size());
    if (isNew)
      kept.push_back(std::move(finding));
    else if (finding.confidence > kept[same->second].confidence)
      kept[same->second] = std::move(finding);
  }
  return kept;
}

}  // namespace

std::vector<Finding> runChecks(std::span<const Check* const> selected, const Program& program) {
  std::vector<Finding> findings;
  std::vector<InspectFunction> inspections;
  std::vector<const Check*> tellers;
  for (const Check* check : selected) {
    if (check->recognise) tellers.push_back(check);
    if (check->inspect) inspections.push_back(check->inspect);
    if (!check->run) continue;
    for (Finding& finding : check->run(program)) findings.push_back(std::move(finding));
  }
  tellRaces(tellers, program, findings);
  if (!inspections.empty()) {
    program.forEachConcurrentFunction([&](const FunctionView& view) {
      for (InspectFunction inspect : inspections) inspect(program, view, findings);
    });
  }
  findings = oneForEachText(oneForEachWay(oneForEachCause(std::move(findings))));
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.location, a.check) < std::tie(b.location, b.check);
  });
  return findings;
}

}  // namespace deadheat
