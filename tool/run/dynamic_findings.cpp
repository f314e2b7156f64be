#include "tool/run/dynamic_findings.h"

#include <algorithm>
#include <set>

#include "tool/run/narrator.h"
#include "tool/run/suppressions.h"
#include "tool/run/tell.h"

namespace deadheat {
namespace {

bool isWrite(const RecordedAccess& access) { return access.flags & (protocol::kAccessWrite | protocol::kAccessFree); }

std::string verb(const RecordedAccess& access) {
  if (access.flags & protocol::kAccessFrame) return "ends the life of";
  if (access.flags & protocol::kAccessFree) return "frees";
  const bool atomic = access.flags & protocol::kAccessAtomic;
  if (isWrite(access)) return atomic ? "atomically writes" : "writes";
  return atomic ? "atomically reads" : "reads";
}

Deed deedOf(const RecordedAccess& access, const std::string& variable) {
  const auto kind = access.flags & protocol::kAccessFree ? WitnessStep::Kind::Free
                    : isWrite(access)                    ? WitnessStep::Kind::Write
                                                         : WitnessStep::Kind::Read;
  return {kind, verb(access) + " '" + variable + "'"};
}

/// Of what no run has shown.
Verdict predictedVerdict() {
  Verdict verdict;
  verdict.kind = Verdict::Kind::Predicted;
  verdict.reason = "another order of the critical sections of a run leads there";
  return verdict;
}

/// One thread freed it, and then came by it once more.
void tellUseAfterFree(Finding& finding, const std::string& variable, const std::string& use) {
  finding.message = inFunction(finding.witness[1]) + " " + use + " '" + variable + "' after " +
                    inFunction(finding.witness[0]) + " has freed it";
  finding.fixHint = "keep the owner of the memory for as long as anybody uses it";
}

/// The first side of the race is the end of a variable's life, the second a use.
void tellUseAfterScope(Finding& finding, const std::string& variable, const std::string& use) {
  finding.check = "captured-reference";
  const std::string named = llvm::StringRef(variable).contains(' ') ? "a variable" : "'" + variable + "'";
  finding.message = inFunction(finding.witness[1]) + " " + use + " " + named + " of " + inFunction(finding.witness[0]) +
                    " after its life has ended";
  finding.fixHint = "give the thread a copy of its own, or join it while the variable lives";
}

DynamicFinding raceFinding(const RecordedRace& race, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Race;
  out.atPlannedSites = race.sides[0].site && race.sides[1].site;
  Finding& finding = out.finding;
  finding.check = "data-race";
  const std::string variable = narrator.variable(race);
  finding.subjects = {variable};
  for (auto side = race.sides.rbegin(); side != race.sides.rend(); ++side) {
    finding.witness.push_back(narrator.witness(side->thread, side == race.sides.rend() - 1 ? race.tasks : side->tasks,
                                               side->stack, deedOf(*side, variable), narrator.locks(side->held)));
    finding.sites.push_back(siteAt(finding.witness.back(), isWrite(*side) ? Site::Kind::Write : Site::Kind::Read));
  }
  finding.message =
      "data race on '" + variable + "': " + inFunction(finding.witness[0]) + " " + verb(race.sides[1]) + " it, " +
      inFunction(finding.witness[1]) + " " + verb(race.sides[0]) +
      (race.predicted ? " it, and only who came first to a lock kept them apart" : " it, and nothing orders them");
  if (race.allocation && race.allocation->frameOf) {
    finding.witness.push_back(narrator.history(*race.allocation->frameOf));
    finding.message += "; it lies in the frame of " + finding.witness.back().name;
  }
  finding.fixHint = "hold the same lock on both sides, make it atomic, or order the threads";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = race.proof == protocol::RaceProof::Caught ? Verdict::Proof::Caught : Verdict::Proof::Observed;
  if (race.predicted) finding.verdict = predictedVerdict();
  const bool freed = race.sides[1].flags & protocol::kAccessFree;
  if (freed && race.sides[0].thread == race.sides[1].thread) tellUseAfterFree(finding, variable, verb(race.sides[0]));
  if (race.sides[1].flags & protocol::kAccessFrame) tellUseAfterScope(finding, variable, verb(race.sides[0]));
  completeDynamic(finding);
  return out;
}

/// Only a run that was directed at two places tells of one, so it is always what a check suspected.
DynamicFinding gapFinding(const RecordedGap& gap, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Gap;
  out.atPlannedSites = true;
  Finding& finding = out.finding;
  finding.check = "atomicity";
  RecordedRace on;
  on.sides[0].address = on.sides[1].address = gap.address;
  on.sides[0].size = on.sides[1].size = gap.size;
  on.sides[0].stack = gap.look;
  on.sides[1].stack = gap.change;
  const std::string variable = narrator.variable(on);
  finding.subjects = {variable};
  WitnessThread own =
      narrator.witness(gap.thread, gap.task, gap.look, {WitnessStep::Kind::Read, "looks at '" + variable + "'"}, {});
  WitnessThread act =
      narrator.witness(gap.thread, gap.task, gap.act, {WitnessStep::Kind::Write, "acts on what it saw"}, {});
  own.steps.back().order = 1;
  own.steps.push_back(act.steps.back());
  own.steps.back().order = 3;
  WitnessThread other = narrator.witness(gap.other, gap.otherTask, gap.change,
                                         {WitnessStep::Kind::Write, "changes '" + variable + "'"}, {});
  other.steps.back().order = 2;
  finding.witness = {std::move(own), std::move(other)};
  finding.message = inFunction(finding.witness[0]) + " acts on what it saw of '" + variable + "', which " +
                    inFunction(finding.witness[1]) + " changed in between";
  finding.fixHint = "look and act in one step";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Caught;
  completeDynamic(finding);
  return out;
}

/// "2 ms", or empty for a time that is not known.
std::string lengthOf(std::uint64_t nanos) {
  constexpr std::uint64_t kMicro = 1000, kMilli = 1'000'000, kSecond = 1'000'000'000;
  if (nanos == 0) return {};
  if (nanos >= 10 * kSecond) return std::to_string(nanos / kSecond) + " s";
  return nanos >= kMilli ? std::to_string(nanos / kMilli) + " ms" : std::to_string(nanos / kMicro + 1) + " us";
}

/// A task that waits, and another of its thread that stands still.
DynamicFinding blockedTaskFinding(const RecordedBlocked& blocked, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Blocked;
  out.atPlannedSites = true;
  Finding& finding = out.finding;
  finding.check = "blocking-in-task";
  finding.witness.push_back(
      narrator.witness(blocked.thread, blocked.tasks, blocked.waits, {WitnessStep::Kind::Wait, "waits"}, {}));
  finding.witness.push_back(narrator.history(*blocked.task));
  if (!blocked.tasks.empty()) finding.subjects = {narrator.place(blocked.tasks.front().created).function};
  const std::string length = lengthOf(blocked.nanos);
  finding.verdict.effect = finding.witness[1].name + ", which the thread goes on with next, stands still meanwhile, " +
                           (length.empty() ? "as long as that takes" : "for " + length + " of the run's time");
  finding.message = inFunction(finding.witness[0]) + " waits in a task: " + finding.verdict.effect;
  finding.fixHint = "await it, or leave it to a thread that is there for it";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Caught;
  completeDynamic(finding);
  return out;
}

/// Only a run that was directed at the wait tells of one.
DynamicFinding blockedFinding(const RecordedBlocked& blocked, const Narrator& narrator) {
  if (blocked.task) return blockedTaskFinding(blocked, narrator);
  DynamicFinding out;
  out.what = DynamicFinding::What::Blocked;
  out.atPlannedSites = true;
  Finding& finding = out.finding;
  finding.check = "blocking-under-lock";
  const std::string lock = narrator.lock(blocked.lock, blocked.taken);
  finding.subjects = {lock};
  finding.witness.push_back(narrator.witness(blocked.thread, blocked.waits,
                                             {WitnessStep::Kind::Wait, "waits with '" + lock + "' held"}, {lock}));
  finding.witness.push_back(
      narrator.witness(blocked.other, blocked.wants, {WitnessStep::Kind::Acquire, "waits for '" + lock + "'"}, {}));
  const std::string length = lengthOf(blocked.nanos);
  const std::string meanwhile =
      " meanwhile, " + (length.empty() ? "as long as that takes" : "for " + length + " of the run's time");
  finding.verdict.effect = inFunction(finding.witness[1]) + " waits for '" + lock + "'" + meanwhile;
  finding.message = inFunction(finding.witness[0]) + " waits with '" + lock + "' held, for which " +
                    inFunction(finding.witness[1]) + " waits" + meanwhile;
  finding.fixHint = "give the lock back before, and take it again after";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Caught;
  completeDynamic(finding);
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "'" : i + 1 == names.size() ? " and '" : ", '") + names[i] + "'";
  return text;
}

DynamicFinding cycleFinding(const RecordedLockCycle& cycle, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::LockCycle;
  Finding& finding = out.finding;
  finding.check = "lock-order";
  for (const RecordedLockEdge& edge : cycle.edges) {
    const std::string held = narrator.lock(edge.held, edge.heldStack),
                      wanted = narrator.lock(edge.wanted, edge.wantedStack);
    finding.subjects.push_back(held);
    finding.witness.push_back(
        narrator.witness(edge.thread, edge.wantedStack,
                         {WitnessStep::Kind::Acquire, "locks '" + wanted + "' while holding '" + held + "'"}, {held}));
    Site site = siteAt(finding.witness.back(), Site::Kind::Acquire);
    site.heldSince = narrator.place(edge.heldStack).point;
    finding.sites.push_back(std::move(site));
  }
  completeDynamic(finding);
  finding.message = "locks " + listed(finding.subjects) + " are taken in opposite orders: " +
                    (finding.witness.empty() ? "" : inFunction(finding.witness.front())) + " and " +
                    (finding.witness.empty() ? "" : inFunction(finding.witness.back())) + " can wait for each other";
  finding.fixHint = "take the locks in one order everywhere, or together with std::scoped_lock";
  finding.verdict.kind = Verdict::Kind::Predicted;
  finding.verdict.reason = "the lock order was seen inverted, the deadlock was not reached";
  if (cycle.predicted) finding.verdict = predictedVerdict();
  return out;
}

const char* describe(protocol::MisuseKind kind) {
  switch (kind) {
    case protocol::MisuseKind::UnlockNotHeld:
      return "unlocks it though nobody holds it";
    case protocol::MisuseKind::UnlockByOther:
      return "unlocks it though another thread holds it";
    case protocol::MisuseKind::DestroyLocked:
      return "destroys it while it is locked";
    case protocol::MisuseKind::ExitHoldingLock:
      return "ends while holding it";
    case protocol::MisuseKind::UseAfterDestroy:
      return "uses it after it was destroyed";
    case protocol::MisuseKind::LockTwice:
      return "locks it though it is held for good";
    case protocol::MisuseKind::ShareLockExclusive:
      return "locks it for reading while it is locked for writing";
    case protocol::MisuseKind::ShareUnlockExclusive:
      return "unlocks it as a reader while it is locked for writing";
    case protocol::MisuseKind::HeldWhereForbidden:
      return "holds it where no lock may be held";
    case protocol::MisuseKind::NeverMade:
      return "uses it though no lock was made there";
    case protocol::MisuseKind::DestroyWaited:
      return "destroys it while threads wait for it";
    case protocol::MisuseKind::WaitWithoutLock:
      return "waits for it without holding the mutex";
    case protocol::MisuseKind::ConditionTwoMutexes:
      return "waits for it with another mutex than the threads that wait already";
    case protocol::MisuseKind::TakenByNobody:
      return "waits for it though nobody locked it: it was copied while locked, or never initialised";
    case protocol::MisuseKind::HeldAcrossFork:
      return "waits for it in the child of a fork, where the thread that holds it does not exist";
    case protocol::MisuseKind::JoinTwice:
      return "joins or detaches a thread that was joined or detached before";
    case protocol::MisuseKind::ThreadLeaked:
      return "creates a thread that nobody joins or detaches";
    case protocol::MisuseKind::PromiseBroken:
      return "asks for a result whose promise was destroyed without it";
    case protocol::MisuseKind::PromiseKeptTwice:
      return "stores a result in a promise that has one";
    case protocol::MisuseKind::FutureTakenTwice:
      return "takes a second future of a promise";
    case protocol::MisuseKind::ResultGone:
      return "uses a promise or future that has left, or gave its result";
    case protocol::MisuseKind::UnsafeInHandler:
      return "calls, in a handler of a signal, what is not safe there";
    case protocol::MisuseKind::ErrnoChanged:
      return "leaves another errno than it found";
    case protocol::MisuseKind::EndedIgnoring:
      return "asks for accesses to be ignored, and the thread ends so";
    case protocol::MisuseKind::TaskResumedRunning:
      return "resumes it while it runs";
    case protocol::MisuseKind::TaskResumedEnded:
      return "resumes it though it has run to its end";
    case protocol::MisuseKind::TaskResumedDestroyed:
      return "resumes it though it was destroyed";
    case protocol::MisuseKind::TaskDestroyedRunning:
      return "destroys it while it runs";
    case protocol::MisuseKind::TaskDestroyedTwice:
      return "destroys it though it was destroyed";
    case protocol::MisuseKind::TaskStranded:
      return "suspends it for good: nothing holds it any more";
    case protocol::MisuseKind::TaskCycle:
      return "awaits another that, by way of others or not, awaits it";
    case protocol::MisuseKind::TaskUsesOtherLocal:
      return "uses a thread_local variable of another thread in it";
    case protocol::MisuseKind::TaskDropped:
      return "destroys it before anything of it has run";
  }
  return "misuses it";
}

/// The check that finds the same in the source, and what to do.
struct MisuseText {
  const char* check;
  const char* hint;
};

MisuseText textOf(protocol::MisuseKind kind) {
  switch (kind) {
    case protocol::MisuseKind::ThreadLeaked:
      return {"unjoined-thread", "join or detach every thread"};
    case protocol::MisuseKind::UnsafeInHandler:
      return {"signal-unsafe", "only set a flag in the handler, and do the work where it is read"};
    case protocol::MisuseKind::ErrnoChanged:
      return {"signal-unsafe", "save errno in the handler and put it back"};
    case protocol::MisuseKind::PromiseBroken:
      return {"promise-misuse", "store a value or an exception on every way, errors included"};
    case protocol::MisuseKind::PromiseKeptTwice:
    case protocol::MisuseKind::FutureTakenTwice:
      return {"promise-misuse", "store one result, on each way once"};
    case protocol::MisuseKind::ResultGone:
      return {"promise-misuse", "keep what get() returned, or share() the future where several ask"};
    case protocol::MisuseKind::EndedIgnoring:
      return {"lock-misuse", "end what was begun, in the same function"};
    case protocol::MisuseKind::JoinTwice:
      return {"unjoined-thread", "join or detach every thread once, in one place"};
    case protocol::MisuseKind::DestroyWaited:
      return {"lock-destroyed", "wake the waiters and join them before what they wait for is destroyed"};
    case protocol::MisuseKind::WaitWithoutLock:
    case protocol::MisuseKind::ConditionTwoMutexes:
      return {"wait-wrong-mutex", "wait with the mutex that guards the predicate, held, and always the same"};
    case protocol::MisuseKind::TakenByNobody:
      return {"lock-misuse", "initialise every lock where it lies and never copy one"};
    case protocol::MisuseKind::HeldAcrossFork:
      return {"lock-misuse", "take the lock round the fork (pthread_atfork), or call nothing but exec in the child"};
    case protocol::MisuseKind::TaskResumedRunning:
    case protocol::MisuseKind::TaskResumedEnded:
    case protocol::MisuseKind::TaskResumedDestroyed:
    case protocol::MisuseKind::TaskDestroyedRunning:
    case protocol::MisuseKind::TaskDestroyedTwice:
      return {"task-lifetime",
              "let one owner hold the handle, resume it only while it is suspended, and destroy it once"};
    case protocol::MisuseKind::TaskStranded:
      return {"task-lifetime", "keep the handle until somebody resumes or destroys the coroutine"};
    case protocol::MisuseKind::TaskCycle:
      return {"await-cycle", "let one of them go on without the other"};
    case protocol::MisuseKind::TaskUsesOtherLocal:
      return {"tls-across-suspend", "keep in the task's frame what belongs to it"};
    case protocol::MisuseKind::TaskDropped:
      return {"task-lifetime", "await the task, or give it to somebody who runs it"};
    default:
      return {"lock-misuse",
              "let a guard take and give back the lock, in the thread that took it and within its lifetime"};
  }
}

DynamicFinding misuseFinding(const RecordedMisuse& misuse, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Misuse;
  Finding& finding = out.finding;
  const bool hasLock = misuse.lock.instance != 0;
  finding.check = textOf(misuse.kind).check;
  const std::string lock = hasLock ? narrator.lock(misuse.lock, misuse.stack) : "";
  if (hasLock) finding.subjects = {lock};
  finding.witness.push_back(narrator.witness(misuse.thread, misuse.tasks, misuse.stack,
                                             {WitnessStep::Kind::Other, describe(misuse.kind)}, {}));
  std::string about = hasLock ? "lock '" + lock + "': " : "";
  if (hasLock && misuse.before) finding.witness.push_back(narrator.taken(lock, *misuse.before));
  if (misuse.kind == protocol::MisuseKind::PromiseBroken && misuse.before)
    finding.witness.push_back(narrator.witness(
        misuse.detail, *misuse.before, {WitnessStep::Kind::Free, "destroys the promise, which has no result"}, {}));
  if (misuse.task) {
    finding.witness.push_back(narrator.history(*misuse.task));
    finding.subjects = {narrator.place(misuse.task->created).function};
    about = finding.witness.back().name + ": ";
  }
  finding.message = about + inFunction(finding.witness[0]) + " " + describe(misuse.kind);
  finding.fixHint = textOf(misuse.kind).hint;
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Observed;
  completeDynamic(finding);
  return out;
}

/// A deadlock says all that the cycle it closes says.
void dropCyclesThatClosed(std::vector<DynamicFinding>& found) {
  std::set<std::vector<std::string>> closed;
  for (const DynamicFinding& entry : found)
    if (entry.what == DynamicFinding::What::Deadlock) closed.insert(entry.finding.subjects);
  std::erase_if(found, [&](const DynamicFinding& entry) {
    return entry.what == DynamicFinding::What::LockCycle && closed.count(entry.finding.subjects);
  });
}

}  // namespace

std::vector<DynamicFinding> dynamicFindings(const Recording& recording, Symbolizer& symbolizer) {
  const Narrator narrator(recording, symbolizer);
  std::vector<DynamicFinding> found;
  const Suppressions suppressions(recording.suppressions);
  for (const RecordedRace& race : recording.races)
    if (!race.predicted || !suppressions.silence(race, recording, symbolizer))
      found.push_back(raceFinding(race, narrator));
  for (const RecordedDeadlock& deadlock : recording.deadlocks) found.push_back(tellDeadlock(deadlock, narrator));
  for (const RecordedLockCycle& cycle : recording.lockCycles)
    if (!cycle.predicted || !suppressions.silence(cycle, recording, symbolizer))
      found.push_back(cycleFinding(cycle, narrator));
  for (const RecordedGap& gap : recording.gaps) found.push_back(gapFinding(gap, narrator));
  for (const RecordedBlocked& blocked : recording.blocked) found.push_back(blockedFinding(blocked, narrator));
  for (const RecordedMisuse& misuse : recording.misuses) found.push_back(misuseFinding(misuse, narrator));
  dropCyclesThatClosed(found);
  std::set<std::string> seen;
  std::erase_if(found, [&](const DynamicFinding& entry) { return !seen.insert(fingerprint(entry.finding)).second; });
  return found;
}

std::optional<DynamicFinding> crashIn(const Recording& recording, Symbolizer& symbolizer) {
  if (!recording.crash || recording.state == protocol::RunState::Livelocked) return std::nullopt;
  return tellCrash(*recording.crash, Narrator(recording, symbolizer));
}

}  // namespace deadheat
