// bad-unlock: a lock is given back by whoever does not hold it.
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/lock_entry.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

using Kind = LockIncident::Kind;

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program), evidence_(program), entries_(program, evidence_) {}

  void add(const LockIncident& incident) {
    if (!seen_.insert({placeInFrame(program_, incident.at), incident.lock}).second) return;
    const HoldSite& site = program_.tables().holdSites[incident.at];
    const LockPlace place = placeToTell(program_, site.trace, site.location, site.function);
    const std::string lock = quoted(nameOf(program_, incident.lock));
    Finding out = lockFinding(program_, incident, "bad-unlock");
    out.location = program_.point(place.location);
    const std::string who = quoted(program_.functionName(place.function));
    const bool given = incident.since != HoldSiteId::None;
    std::string before = "gives " + lock + " back", last = "gives " + lock + " back, which is not held";
    switch (incident.kind) {
      case Kind::WaitsNotHeld:
        out.message = who + " waits and gives back " + lock + " meanwhile, which it does not hold";
        last = "waits, and gives back " + lock + " meanwhile";
        break;
      case Kind::WrongMode:
        out.message = who + " gives " + lock + " back in another mode than it was taken in";
        before = incident.hold == Hold::Shared ? "takes a shared hold of " + lock : "takes " + lock;
        last = incident.hold == Hold::Shared ? "gives back an exclusive hold" : "gives back a shared hold";
        break;
      case Kind::Robbed:
        out.message = "The guard of " + lock + " gives back in " + who + " what was given back by hand before";
        before = "a guard takes " + lock;
        break;
      default:
        out.message = given ? who + " gives " + lock + " back a second time"
                            : who + " gives " + lock + " back without having taken it";
        break;
    }
    if (!incident.always) out.message += " on some ways";
    out.witness = {tellMarks(program_, {{incident.since, WitnessStep::Kind::Release, before},
                                        {incident.at, WitnessStep::Kind::Release, last}})};
    out.fixHint = "Let a guard own each hold, so that it is given back once and by whoever took it.";
    out.confidence = incident.always && !incident.doubted ? Confidence::High : Confidence::Medium;
    out.confidenceReason = !incident.always ? "it is not held on some ways here, which are assumed to be possible"
                           : incident.doubted ? "unless an element locked earlier is still held, it is not held here"
                                              : "it is not held on any way that leads here";
    if (given && out.confidence == Confidence::High &&
        evidence_.recursion(incident.lock, incident.recursion) != Recursion::No) {
      out.confidence = Confidence::Medium;
      out.confidenceReason = "the lock is recursive, and may have been taken more often than can be followed";
    }
    findings_.push_back(std::move(out));
  }

  /// A thread begins without locks: what its function gives back without taking it is somebody else's.
  void addEntry(FunctionIndex entry) {
    for (const LockOutcome& outcome : program_.summary(entry).lockOutcomes) {
      if (outcome.ways != LockOutcome::kGives && outcome.ways != LockOutcome::kKeepsHeld &&
          outcome.ways != LockOutcome::kGivesEnds)
        continue;
      if (outcome.site == HoldSiteId::None) continue;
      LockIncident incident;
      incident.kind = Kind::NotHeld;
      incident.frame = entry;
      incident.lock = outcome.lock;
      incident.at = outcome.site;
      incident.always = true;
      const std::size_t before = findings_.size();
      add(incident);
      if (findings_.size() == before) continue;
      findings_.back().message += ": a thread starts here, and another thread must have locked it";
      findings_.back().confidenceReason = "a new thread holds no locks";
    }
  }

  /// What `incident.frame` gives back must have been held when it was entered.
  void addNotTaken(const LockIncident& incident) {
    if (program_.function(incident.frame).kind == Function::Kind::Destructor) return;
    const HoldSite& site = program_.tables().holdSites[incident.at];
    const LockedEntry entry = entries_.of(incident.frame, incident.lock);
    const bool isInner = site.trace != TraceId::Here;
    const bool takes = entries_.takesItself(incident.frame, incident.lock);
    const bool isWrong = entry == LockedEntry::Without || (entry != LockedEntry::Held && takes && !isInner);
    if (!isWrong || (isInner && isToldInside(site, incident.lock))) return;
    const LockPlace place = placeToTell(program_, site.trace, site.location, site.function);
    if (!told_.insert({place.location, evidence_.keyOf(incident.lock)}).second) return;
    const std::size_t before = findings_.size();
    add(incident);
    if (findings_.size() == before) return;
    Finding& out = findings_.back();
    auto say = [&](Confidence confidence, const char* reason) {
      out.confidence = confidence;
      out.confidenceReason = reason;
    };
    if (!incident.always)
      say(Confidence::Low, "it is not held on some ways here, which may be none that a run can take");
    else if (incident.doubted)
      say(Confidence::Medium, "no thread that comes here has taken it, unless an element locked earlier is still held");
    else if (program_.tables().paths.passes(incident.lock, PathNode::Kind::Deref))
      say(Confidence::Medium, "no thread that comes here has taken it, unless by way of another pointer");
    else if (entry == LockedEntry::Without && !isInner && !takes && !evidence_.isThreadEntry(incident.frame))
      say(Confidence::Medium, "no caller that could be followed holds it");
    else if (entry == LockedEntry::Without)
      say(Confidence::High, "no thread that comes here has taken it");
    else if (entry == LockedEntry::Callback)
      say(Confidence::Medium, "no caller holds it, and on other ways the function takes it itself");
    else
      say(Confidence::Low, "on other ways the function takes it itself; who calls it is not known");
  }

  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  /// The function that gives the lock back is never entered with it either: it is told there.
  bool isToldInside(const HoldSite& site, PathId lock) {
    const Trace& outer = program_.tables().traces[site.trace];
    return outer.callee != FunctionIndex::None && entries_.of(outer.callee, lock) == LockedEntry::Without;
  }

  const Program& program_;
  const LockEvidence evidence_;
  LockEntries entries_;
  std::set<std::pair<Location, PathId>> seen_;
  std::set<std::pair<Location, LockEvidence::Key>> told_;  ///< By addNotTaken.
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) {
  Reporter reporter(program);
  for (const LockIncident& incident : program.lockIncidents()) {
    if (incident.kind == Kind::NotHeld || incident.kind == Kind::WaitsNotHeld || incident.kind == Kind::WrongMode ||
        incident.kind == Kind::Robbed) {
      reporter.add(incident);
    }
  }
  for (const LockIncident& incident : program.lockIncidents())
    if (incident.kind == Kind::NotTaken) reporter.addNotTaken(incident);
  for (const Body& body : program.bodies().functions) {
    for (const CallSite& call : body.calls) {
      if (!call.spawn || call.guessed) continue;
      for (FunctionIndex entry : call.targets) reporter.addEntry(entry);
    }
  }
  return reporter.findings();
}

constexpr std::string_view kShownBy[] = {"lock-misuse"};

constexpr CheckInfo kInfo = {
    .id = "bad-unlock",
    .title = "A lock is given back by whoever does not hold it",
    .reason =
        R"(A mutex may be unlocked by the thread that locked it, and once for each time it was locked. Anything else is
undefined behaviour, and what happens in practice is worse than a crash: if another thread has just taken the lock, it
loses it without knowing, and two threads are in the section that the lock was to protect.

It comes from ways that join again: an error branch unlocks, then goes to the common end, which unlocks too. A lock that
one thread takes and another gives back, to signal something, is the same mistake: that is what a semaphore is for.)",
    .example = R"(std::mutex mu;
int balance = 0;

bool withdraw(int amount) {
  bool done = true;
  mu.lock();
  if (balance < amount) {
    mu.unlock();
    done = false;
  } else {
    balance -= amount;
  }
  mu.unlock();  // a second time if there was too little
  return done;
})",
    .fix =
        R"(Let a guard (std::lock_guard, std::unique_lock) own each hold: it gives it back exactly once, on the thread
that took it. In C, unlock in one place that all ways lead to. To pass a signal from one thread to another use a
condition variable or a semaphore.)",
    .cwe = "CWE-765",
    .shownBy = kShownBy,
};

}  // namespace

extern const Check kBadUnlock;
const Check kBadUnlock = {.info = kInfo, .run = run};

}  // namespace deadheat
