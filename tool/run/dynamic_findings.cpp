#include "tool/run/dynamic_findings.h"

#include <algorithm>
#include <set>

#include "tool/run/narrator.h"

namespace deadheat {
namespace {

using protocol::ResourceKind;

void sortUnique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

/// Fields every dynamic finding fills alike, from its witness.
void complete(Finding& finding) {
  finding.origin = Finding::Origin::Dynamic;
  finding.confidence = Confidence::High;
  finding.confidenceReason = "seen in a run";
  for (const WitnessThread& thread : finding.witness) finding.functions.push_back(thread.steps.back().function);
  std::erase(finding.functions, "");
  sortUnique(finding.functions);
  sortUnique(finding.subjects);
  if (!finding.witness.empty()) finding.location = finding.witness.front().steps.back().point;
}

Site siteAt(const WitnessStep& step, Site::Kind kind) { return {kind, step.point, step.function, {}}; }

bool isWrite(const RecordedAccess& access) { return access.flags & (protocol::kAccessWrite | protocol::kAccessFree); }

std::string verb(const RecordedAccess& access) {
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

std::string inFunction(const WitnessThread& thread) {
  const WitnessStep& last = thread.steps.back();
  return thread.name + (last.function.empty() ? "" : " in '" + last.function + "'");
}

DynamicFinding raceFinding(const RecordedRace& race, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Race;
  out.atPlannedSites = race.sides[0].site && race.sides[1].site;
  Finding& finding = out.finding;
  finding.check = "data-race";
  const RecordedAllocation* allocation = race.allocation ? &*race.allocation : nullptr;
  const std::string variable = narrator.variable(race.sides[0], allocation);
  finding.subjects = {variable};
  for (auto side = race.sides.rbegin(); side != race.sides.rend(); ++side) {
    finding.witness.push_back(
        narrator.witness(side->thread, side->stack, deedOf(*side, variable), narrator.locks(side->held)));
    finding.sites.push_back(
        siteAt(finding.witness.back().steps.back(), isWrite(*side) ? Site::Kind::Write : Site::Kind::Read));
  }
  finding.message = "data race on '" + variable + "': " + inFunction(finding.witness[0]) + " " + verb(race.sides[1]) +
                    " it, " + inFunction(finding.witness[1]) + " " + verb(race.sides[0]) +
                    " it, and nothing orders them";
  finding.fixHint = "hold the same lock on both sides, make it atomic, or order the threads";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof =
      race.proof == protocol::RaceProof::Caught ? Verdict::Proof::Caught : Verdict::Proof::Observed;
  complete(finding);
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
    const std::string held = narrator.lock(edge.held, edge.heldStack), wanted = narrator.lock(edge.wanted, edge.wantedStack);
    finding.subjects.push_back(held);
    finding.witness.push_back(narrator.witness(
        edge.thread, edge.wantedStack, {WitnessStep::Kind::Acquire, "locks '" + wanted + "' while holding '" + held + "'"},
        {held}));
    Site site = siteAt(finding.witness.back().steps.back(), Site::Kind::Acquire);
    site.heldSince = narrator.place(edge.heldStack).point;
    finding.sites.push_back(std::move(site));
  }
  complete(finding);
  finding.message = "locks " + listed(finding.subjects) + " are taken in opposite orders: " +
                    (finding.witness.empty() ? "" : inFunction(finding.witness.front())) + " and " +
                    (finding.witness.empty() ? "" : inFunction(finding.witness.back())) + " can wait for each other";
  finding.fixHint = "take the locks in one order everywhere, or together with std::scoped_lock";
  finding.verdict.kind = Verdict::Kind::Predicted;
  finding.verdict.reason = "the lock order was seen inverted, the deadlock was not reached";
  return out;
}

bool isLock(ResourceKind kind) {
  return kind == ResourceKind::Mutex || kind == ResourceKind::RwLockRead || kind == ResourceKind::RwLockWrite ||
         kind == ResourceKind::Spinlock;
}

const char* waitsFor(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::Mutex: return "waits for lock";
    case ResourceKind::RwLockRead: return "waits to read-lock";
    case ResourceKind::RwLockWrite: return "waits to write-lock";
    case ResourceKind::Spinlock: return "spins on lock";
    case ResourceKind::Condition: return "waits to be notified of condition";
    case ResourceKind::Semaphore: return "waits for semaphore";
    case ResourceKind::Barrier: return "waits at barrier";
    case ResourceKind::Once: return "waits for a running once initialiser of";
    case ResourceKind::Join: return "waits for the end of";
    case ResourceKind::Future: return "waits for future";
    case ResourceKind::Futex:
    case ResourceKind::None: break;
  }
  return "waits on";
}

class DeadlockTeller {
 public:
  DeadlockTeller(const RecordedDeadlock& deadlock, const Narrator& narrator) : deadlock_(deadlock), narrator_(narrator) {}

  DynamicFinding tell() {
    DynamicFinding out;
    out.what = DynamicFinding::What::Deadlock;
    finding_.check = check();
    for (const RecordedStuckThread& thread : deadlock_.threads) addThread(thread);
    complete(finding_);
    finding_.message = message();
    finding_.fixHint = selfDeadlock()   ? "do not take the lock again, or split off a function that expects it held"
                       : onlyLocks()    ? "take the locks in one order everywhere, or together with std::scoped_lock"
                                        : "make sure that somebody who is not waiting can end each wait";
    finding_.verdict.kind = Verdict::Kind::Confirmed;
    finding_.verdict.proof = Verdict::Proof::Caught;
    out.finding = std::move(finding_);
    return out;
  }

 private:
  bool onlyLocks() const {
    return !deadlock_.threads.empty() &&
           std::all_of(deadlock_.threads.begin(), deadlock_.threads.end(),
                       [](const RecordedStuckThread& thread) { return isLock(thread.wants); });
  }
  bool selfDeadlock() const {
    return onlyLocks() && deadlock_.threads.size() == 1 && deadlock_.threads[0].owner == deadlock_.threads[0].thread;
  }
  std::string check() const { return selfDeadlock() ? "double-lock" : onlyLocks() ? "lock-order" : "deadlock"; }

  /// Where the wanted lock was taken by its owner, if the record tells; else where it is wanted.
  const RecordedStack& takenAt(const RecordedStuckThread& wanting) const {
    for (const RecordedStuckThread& other : deadlock_.threads)
      for (const RecordedHeldLock& held : other.held)
        if (held.lock.address == wanting.resource.address) return held.stack;
    return wanting.stack;
  }

  std::string resourceName(const RecordedStuckThread& thread) const {
    if (thread.wants == ResourceKind::Join)
      return thread.owner ? narrator_.threadName(*thread.owner, stackOf(*thread.owner)) : "a thread";
    return narrator_.lock(thread.resource, takenAt(thread));
  }

  RecordedStack stackOf(std::uint32_t id) const {
    for (const RecordedStuckThread& thread : deadlock_.threads)
      if (thread.thread == id) return thread.stack;
    return {};
  }

  void addThread(const RecordedStuckThread& thread) {
    const std::string name = resourceName(thread);
    if (thread.wants != ResourceKind::Join) finding_.subjects.push_back(name);
    std::vector<std::string> held;
    SourcePoint heldSince;
    for (const RecordedHeldLock& lock : thread.held) {
      held.push_back(narrator_.lock(lock.lock, lock.stack));
      heldSince = narrator_.place(lock.stack).point;
    }
    const auto kind = isLock(thread.wants) ? WitnessStep::Kind::Acquire : WitnessStep::Kind::Wait;
    finding_.witness.push_back(narrator_.witness(
        thread.thread, thread.stack, {kind, std::string(waitsFor(thread.wants)) + " '" + name + "'"}, std::move(held)));
    Site site = siteAt(finding_.witness.back().steps.back(), Site::Kind::Acquire);
    site.heldSince = heldSince;
    finding_.sites.push_back(std::move(site));
  }

  std::string message() const {
    if (deadlock_.threads.empty()) return "deadlock: no thread can go on";
    if (selfDeadlock())
      return inFunction(finding_.witness[0]) + " locks '" + finding_.subjects[0] + "' which it holds already";
    std::string text = "deadlock: ";
    for (std::size_t i = 0; i < finding_.witness.size(); ++i)
      text += (i ? ", " : "") + inFunction(finding_.witness[i]) + " " + finding_.witness[i].steps.back().text;
    return text;
  }

  const RecordedDeadlock& deadlock_;
  const Narrator& narrator_;
  Finding finding_;
};

const char* describe(protocol::MisuseKind kind) {
  switch (kind) {
    case protocol::MisuseKind::UnlockNotHeld: return "unlocks it though nobody holds it";
    case protocol::MisuseKind::UnlockByOther: return "unlocks it though another thread holds it";
    case protocol::MisuseKind::DestroyLocked: return "destroys it while it is locked";
    case protocol::MisuseKind::ExitHoldingLock: return "ends while holding it";
    case protocol::MisuseKind::UseAfterDestroy: return "uses it after it was destroyed";
  }
  return "misuses it";
}

DynamicFinding misuseFinding(const RecordedMisuse& misuse, const Narrator& narrator) {
  DynamicFinding out;
  out.what = DynamicFinding::What::Misuse;
  Finding& finding = out.finding;
  finding.check = "lock-misuse";
  const std::string lock = narrator.lock(misuse.lock, misuse.stack);
  finding.subjects = {lock};
  finding.witness.push_back(
      narrator.witness(misuse.thread, misuse.stack, {WitnessStep::Kind::Other, describe(misuse.kind)}, {}));
  finding.message = "lock '" + lock + "': " + inFunction(finding.witness[0]) + " " + describe(misuse.kind);
  finding.fixHint = "let a guard take and give back the lock, in the thread that took it and within its lifetime";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Observed;
  complete(finding);
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
  for (const RecordedRace& race : recording.races) found.push_back(raceFinding(race, narrator));
  for (const RecordedDeadlock& deadlock : recording.deadlocks) found.push_back(DeadlockTeller(deadlock, narrator).tell());
  for (const RecordedLockCycle& cycle : recording.lockCycles) found.push_back(cycleFinding(cycle, narrator));
  for (const RecordedMisuse& misuse : recording.misuses) found.push_back(misuseFinding(misuse, narrator));
  dropCyclesThatClosed(found);
  std::set<std::string> seen;
  std::erase_if(found, [&](const DynamicFinding& entry) { return !seen.insert(fingerprint(entry.finding)).second; });
  return found;
}

}  // namespace deadheat
