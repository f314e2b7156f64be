#include "analyzers/checks/double_locks.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/open_calls.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

class Collector {
 public:
  explicit Collector(const Program& program) : program_(program), evidence_(program), open_(program) {}

  std::vector<LockTwice> collect() {
    for (const DoubleLock& d : program_.doubleLocks()) {
      if (!d.leaked) choose(d);  // Else lock-leak tells where the lock was left.
    }
    std::vector<LockTwice> out;
    for (const auto& [key, d] : best_) {
      if (evidence_.recursion(d->first.lock, d->acquire.recursion) == Recursion::Yes) continue;
      out.push_back(certain(*d));
      told_.insert({d->acquire.location, siteOf(*d).location});
    }
    for (const LockIncident& incident : program_.lockIncidents()) {
      if (incident.kind == LockIncident::Kind::TakenTwice) addPossible(incident, out);
    }
    return out;
  }

 private:
  using Key = std::tuple<Location, Location>;
  const HoldSite& siteOf(const DoubleLock& d) const { return program_.tables().holdSites[d.first.since]; }

  LockPlace placeOf(const AcquireFact& a) const { return placeOf(a.trace, a.location, a.function); }
  LockPlace placeOf(const HoldSite& s) const { return placeOf(s.trace, s.location, s.function); }

  /// Before what is only a name for taking the lock; else the last call that leads there.
  LockPlace placeOf(TraceId trace, Location location, FunctionIndex function) const {
    const LockPlace place = placeToTell(program_, trace, location, function);
    if (place.location != location) return place;
    for (; trace != TraceId::Here; trace = program_.tables().traces[trace].rest)
      location = program_.tables().traces[trace].location;
    return {location, function};
  }

  /// A helper that takes the lock is one place for each of its callers.
  void choose(const DoubleLock& d) {
    const bool helper = d.acquire.location == siteOf(d).location && d.acquire.trace != TraceId::Here;
    const Key key = helper ? Key{placeOf(d.acquire).location, placeOf(siteOf(d)).location}
                           : Key{d.acquire.location, siteOf(d).location};
    const DoubleLock*& slot = best_[key];
    const Traces& traces = program_.tables().traces;
    auto rank = [&](const DoubleLock& x) { return std::tuple(!x.certain, traces.length(x.acquire.trace)); };
    if (!slot || rank(d) < rank(*slot)) slot = &d;
  }

  /// Both calls go to one function that takes the lock on some ways only, and tell it different things: so one of them
  /// may be the call that gives it back.
  bool areToldApart(const DoubleLock& d) const {
    const Traces& traces = program_.tables().traces;
    if (d.certain || d.acquire.trace == TraceId::Here || siteOf(d).trace == TraceId::Here) return false;
    const Trace &second = traces[d.acquire.trace], &first = traces[siteOf(d).trace];
    if (second.callee != first.callee || second.function != first.function) return false;
    const CallSite *one = callAt(first), *other = callAt(second);
    if (!one || !other || one->arguments.size() != other->arguments.size()) return false;
    for (std::size_t i = 0; i < one->arguments.size(); ++i) {
      const Symbol a = one->arguments[i].number, b = other->arguments[i].number;
      if (a != b && program_.tables().paths.isConstantIndex(a) && program_.tables().paths.isConstantIndex(b)) return true;
    }
    return false;
  }

  const CallSite* callAt(const Trace& trace) const {
    const Body& body = program_.bodies()[trace.function];
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (step.location == trace.location && std::holds_alternative<Call>(*step.what)) return &body.calls[step.call];
      }
    }
    return nullptr;
  }

  /// The same place takes the lock both times: a function that calls itself while it holds the lock.
  bool reenters(const DoubleLock& d) const {
    const LockPlace first = placeOf(siteOf(d)), second = placeOf(d.acquire);
    return first.location == second.location && second.function == d.frame;
  }

  void rate(const DoubleLock& d, Finding& finding) {
    const Recursion recursion = evidence_.recursion(d.first.lock, d.acquire.recursion);
    auto say = [&](Confidence confidence, const char* reason) {
      finding.confidence = confidence;
      finding.confidenceReason = reason;
    };
    if (d.acquire.wait != LockWait::Blocking) {
      say(Confidence::Medium, "a thread that tries a lock it holds never gets it, or worse: the behaviour is undefined");
    } else if (d.acquire.mode == LockMode::Shared && d.first.hold == Hold::Shared) {
      say(Confidence::Low, "two shared holds block only if a writer waits in between");
    } else if (areToldApart(d)) {
      say(Confidence::Low, "the function is told different things by the two calls, and does not always take the lock");
    } else if (reenters(d) && !d.certain) {
      say(Confidence::Low, "the function comes back to itself on some ways only, which may be those without the lock");
    } else if (recursion == Recursion::Unknown && reenters(d)) {
      say(Confidence::Low, "a function that calls itself under the lock would hang in every run, unless it is recursive");
    } else if (recursion == Recursion::Unknown) {
      say(Confidence::Medium, "the lock may have been made recursive");
    } else if (!d.certain && open_.leadTo(d.acquire.trace, Callee::Kind::Virtual)) {
      say(Confidence::Low, "a virtual call on the way may reach other classes' methods, and takes the lock on some ways only");
    } else if (!d.certain) {
      say(Confidence::Medium, "the second acquisition is on some ways through the called function only");
    } else {
      say(Confidence::High, "the same lock is held on every way to the second acquisition");
    }
  }

  LockTwice certain(const DoubleLock& d) {
    const AcquireFact& second = d.acquire;
    const HoldSite& first = siteOf(d);
    // A helper that both calls go through says less than the call that should not have been made.
    const bool helper = second.location == first.location && second.trace != TraceId::Here;
    const LockPlace waits = helper ? placeOf(second) : LockPlace{second.location, second.function};
    const LockPlace holds = helper ? placeOf(first) : LockPlace{first.location, first.function};
    LockTwice out{second.lock, d.first.hold, second.mode, holds.function, waits.function, {}};
    Finding& finding = out.finding;
    finding.location = program_.point(waits.location);
    finding.subjects = {nameOf(program_, second.lock)};
    std::set<std::string> functions{program_.functionName(first.function), program_.functionName(second.function)};
    if (helper) functions.insert(program_.functionName(d.frame));
    finding.functions.assign(functions.begin(), functions.end());
    finding.witness = {witnessThread(program_, nullptr, 0, second, acquireStep(program_, second))};
    finding.sites = {{Site::Kind::Acquire, program_.point(second.location), program_.functionName(second.function),
                      program_.point(first.location)}};
    rate(d, finding);
    return out;
  }

  /// Held on one way of several.
  void addPossible(const LockIncident& incident, std::vector<LockTwice>& out) {
    const HoldSite& second = program_.tables().holdSites[incident.at];
    const HoldSite& first = program_.tables().holdSites[incident.since];
    if (evidence_.recursion(incident.lock, incident.recursion) != Recursion::No) return;
    if (!told_.insert({second.location, first.location}).second) return;
    LockTwice twice{incident.lock, incident.hold, LockMode::Exclusive, first.function, second.function, {}};
    twice.finding = lockFinding(program_, incident, "double-lock");
    if (second.location == first.location) twice.finding.location = program_.point(placeOf(second).location);
    const std::string lock = quoted(nameOf(program_, incident.lock));
    twice.finding.witness = {tellMarks(program_, {{incident.since, WitnessStep::Kind::Acquire, "takes " + lock},
                                                  {incident.at, WitnessStep::Kind::Acquire, "waits for " + lock}})};
    twice.finding.sites = {{Site::Kind::Acquire, pointOf(program_, incident.at), program_.functionName(second.function),
                            pointOf(program_, incident.since)}};
    twice.finding.confidence = incident.always ? Confidence::Medium : Confidence::Low;
    twice.finding.confidenceReason = incident.always ? "it is held on every way here that could be followed"
                                                     : "it is held on some ways here, which are assumed to be possible";
    out.push_back(std::move(twice));
  }

  const Program& program_;
  const LockEvidence evidence_;
  OpenCalls open_;
  std::map<Key, const DoubleLock*> best_;
  std::set<std::pair<Location, Location>> told_;
};

}  // namespace

std::vector<LockTwice> locksTakenTwice(const Program& program) { return Collector(program).collect(); }

}  // namespace deadheat
