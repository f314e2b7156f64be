// lock-destroyed: a lock ends while it is held or while other threads may use it, or is used after its end.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/handed_on.h"
#include "analyzers/checks/handle_fields.h"
#include "analyzers/checks/joins_before.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/handles.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

using Kind = LockIncident::Kind;

/// Pointers on the way to a lock through which it is still taken to be the one that somebody else means.
constexpr int kMaxSurePointers = 2;

/// What one function does to its locks.
class OnOneWay {
 public:
  explicit OnOneWay(const Program& program) : program_(program) {}

  std::vector<Finding> findings() {
    std::vector<Finding> out;
    for (const LockIncident& incident : program_.lockIncidents()) {
      const bool ours = incident.kind == Kind::EndsHeld || incident.kind == Kind::BeginsHeld ||
                        incident.kind == Kind::UsedAfterEnd;
      if (ours && !isNextInLoop(incident) && seen_.insert({placeInFrame(program_, incident.at), incident.lock}).second) {
        out.push_back(finding(incident));
      }
    }
    return out;
  }

 private:
  /// One place ends locks that it reaches through a pointer, one after the other.
  bool isNextInLoop(const LockIncident& incident) const {
    return incident.kind == Kind::UsedAfterEnd && incident.at == incident.since &&
           program_.tables().paths.passes(incident.lock, PathNode::Kind::Deref);
  }

  Finding finding(const LockIncident& incident) const {
    const std::string lock = quoted(nameOf(program_, incident.lock));
    const std::string who = quoted(program_.functionName(program_.tables().holdSites[incident.at].function));
    Finding out = lockFinding(program_, incident, "lock-destroyed");
    const bool held = incident.kind != Kind::UsedAfterEnd;
    const std::string verb = incident.kind == Kind::EndsHeld ? "destroys " : "initialises ";
    out.message = held ? who + " " + verb + lock + " while it is held"
                       : who + " uses " + lock + " after it was destroyed";
    if (!incident.always) out.message += ", on some ways";
    out.witness = {tellMarks(program_, {{incident.since, held ? WitnessStep::Kind::Acquire : WitnessStep::Kind::Free,
                                         (held ? "takes " : "destroys ") + lock},
                                        {incident.at, held ? WitnessStep::Kind::Free : WitnessStep::Kind::Other,
                                         (held ? verb : "uses ") + lock}})};
    out.fixHint = held ? "Give " + lock + " back before it is destroyed." : "Destroy " + lock + " after its last use.";
    out.confidence = incident.always && !incident.doubted ? Confidence::High : Confidence::Medium;
    out.confidenceReason = incident.always ? "it is so on every way that leads here"
                                           : "it is so on some ways here, which are assumed to be possible";
    return out;
  }

  const Program& program_;
  std::set<std::pair<Location, PathId>> seen_;
};

/// What other threads of a scope do to a lock meanwhile.
class Beside {
 public:
  explicit Beside(const Program& program) : program_(program) {}

  void add(const Scope& scope) {
    for (const SharedOperation& end : scope.operations) {
      if (end.fact.kind != OperationFact::Kind::End) continue;
      addUse(scope, end.fact, end.actor, end.fact.object, "destroys");
      addWaiter(scope, end);
    }
    for (const SharedAccess& access : scope.accesses) {
      // Locals that end are told by addLocals.
      const bool heap = paths().storage(access.fact.path) != Storage::Local;
      if (access.fact.frees && heap && isSure(access.fact.path))
        addUse(scope, access.fact, access.actor, access.fact.path, "frees");
    }
    if (scope.kind == Scope::Kind::Frame) addLocals(scope);
  }

  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  const PathTable& paths() const { return program_.tables().paths; }

  /// Which object it is is known: it is not reached through a pointer.
  bool isSure(PathId object) const {
    const Storage storage = paths().storage(object);
    const bool named = storage == Storage::Global || storage == Storage::Local || storage == Storage::Allocation;
    return named && !paths().passes(object, PathNode::Kind::Deref) && !paths().passes(object, PathNode::Kind::Cut);
  }

  /// The end stands on a branch that the outcome of the call decides that was to start the thread: it did not.
  bool isOnFailedStart(const Moment& end, const ThreadFact& thread) const {
    if (thread.spawner == FunctionIndex::None) return false;
    const EventWay start = wayTo(program_.tables(), thread.trace, thread.spawner, thread.location);
    const EventWay ending = wayTo(program_.tables(), end.trace, end.function, end.location);
    for (std::size_t i = 0; i < std::min(start.size(), ending.size()); ++i) {
      if (start[i].first != ending[i].first) return false;
      if (start[i].second != ending[i].second) return decides(start[i].first, start[i].second, ending[i].second);
    }
    return false;
  }

  /// On the way to the end a condition was waited for, or an atomic read, that the thread `other` signals or sets once it
  /// has taken `lock`.
  bool waitsFor(const Scope& scope, const Moment& end, std::uint32_t other, PathId lock) const {
    const PathSets& sets = program_.tables().pathSets;
    auto follows = [&](const Moment& m) { return sets.contains(m.taken, lock); };
    const bool signalled = std::any_of(scope.operations.begin(), scope.operations.end(), [&](const SharedOperation& o) {
      return o.actor == other && o.fact.kind == OperationFact::Kind::Notify && follows(o.fact) &&
             sets.contains(end.acquired, o.fact.object);
    });
    return signalled || std::any_of(scope.accesses.begin(), scope.accesses.end(), [&](const SharedAccess& access) {
      return access.actor == other && access.fact.atomicity == Atomicity::Atomic && access.fact.writes() &&
             follows(access.fact) && sets.contains(end.acquired, access.fact.path);
    });
  }

  /// Whether a branch on what the call at `call` returned leads to `place`, and no other way does.
  bool decides(FunctionIndex f, Location call, Location place) const {
    const Body& body = program_.bodies()[f];
    PathId result = PathId::Unknown;
    std::uint32_t at = static_cast<std::uint32_t>(body.blocks.size());
    for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
      for (const Step& step : body.blocks[b].steps) {
        if (step.location == call && step.call != Step::kNoCall) result = body.calls[step.call].result;
        if (step.location == place) at = b;
      }
    }
    if (result == PathId::Unknown || at == body.blocks.size()) return false;
    for (std::size_t hops = 0; hops < body.blocks.size() && body.blocks[at].predecessors.size() == 1; ++hops) {
      at = body.blocks[at].predecessors.front();
      const std::uint32_t branch = body.blocks[at].branch;
      if (branch != StepBlock::kNoBranch && body.branches[branch].outcome == result) return true;
    }
    return false;
  }

  /// Who takes a lock that ends there may still be about to.
  void addUse(const Scope& scope, const Moment& end, std::uint32_t actor, PathId object, const char* verb) {
    for (const LockAcquisition& use : scope.acquisitions) {
      const bool known = scope.actors[actor].kind == Actor::Kind::Thread || scope.actors[use.actor].kind == Actor::Kind::Thread;
      if (use.actor == actor || !known || use.fact.once || !paths().hasPrefix(use.fact.lock, object)) continue;
      if (paths().passes(use.fact.lock, PathNode::Kind::Element) || ended_.contains(use.fact.lock)) continue;
      if (!scope.mayHappenInParallel(end, actor, use.fact, use.actor, program_.tables())) continue;
      if (isOnFailedStart(end, scope.actors[use.actor].thread)) continue;
      WitnessStep last;
      last.kind = WitnessStep::Kind::Free;
      last.point = program_.point(end.location);
      last.function = program_.functionName(end.function);
      last.text = std::string(verb) + " " + quoted(nameOf(program_, object));
      Finding out = finding(scope, use, program_.point(end.location), end.function);
      out.message = quoted(last.function) + " " + verb + " " + quoted(nameOf(program_, use.fact.lock)) + " while " +
                    quoted(program_.functionName(use.fact.function)) + " may use it in another thread";
      out.witness.insert(out.witness.begin(), witnessThread(program_, &scope, actor, end, last));
      const bool sure = scope.kind == Scope::Kind::Frame && isSure(object);
      out.confidence = sure ? Confidence::High : Confidence::Medium;
      out.confidenceReason = sure ? "the threads are known, and nothing orders the end after the last use"
                                  : "it is assumed that both mean the same object, and that nothing else orders them";
      if (!sure && paths().derefs(object) > kMaxSurePointers) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "the lock is behind several pointers, which may mean other objects by then";
      }
      if (comesByJoin(scope, program_.tables(), end, actor, scope.actors[use.actor].thread)) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "threads like it are joined before, if only under a condition";
      }
      if (out.confidence == Confidence::High && (isHandedOn(program_, scope.actors[use.actor].thread) ||
                                                 isHandedOn(program_, scope.actors[actor].thread))) {
        out.confidence = Confidence::Medium;
        out.confidenceReason = kHandedOn;
      }
      if (waitsFor(scope, end, use.actor, use.fact.lock)) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "the end of the lock waits for something that the other thread signals";
      }
      ended_.insert(use.fact.lock);
      keep(std::move(out));
      return;
    }
  }

  /// Who waits for a condition that ends may sleep for good.
  void addWaiter(const Scope& scope, const SharedOperation& end) {
    for (const SharedOperation& wait : scope.operations) {
      if (wait.fact.kind != OperationFact::Kind::Wait || wait.actor == end.actor || wait.fact.object != end.fact.object) continue;
      const bool known = scope.kind == Scope::Kind::Frame && isSure(end.fact.object);
      if (!known || ended_.contains(end.fact.object)) continue;
      if (!scope.mayHappenInParallel(end.fact, end.actor, wait.fact, wait.actor, program_.tables())) continue;
      if (isOnFailedStart(end.fact, scope.actors[wait.actor].thread) ||
          comesByJoin(scope, program_.tables(), end.fact, end.actor, scope.actors[wait.actor].thread))
        continue;
      const std::string condition = quoted(nameOf(program_, end.fact.object));
      Finding out;
      out.check = "lock-destroyed";
      out.location = program_.point(end.fact.location);
      out.subjects = {nameOf(program_, end.fact.object)};
      const std::string who = program_.functionName(end.fact.function), waits = program_.functionName(wait.fact.function);
      out.functions = {std::min(who, waits), std::max(who, waits)};
      out.message = quoted(who) + " destroys " + condition + " while " + quoted(waits) + " may wait for it in another thread";
      const WitnessStep ends{WitnessStep::Kind::Free, out.location, who, "destroys " + condition, {}, 0};
      const WitnessStep sleeps{WitnessStep::Kind::Wait, program_.point(wait.fact.location), waits, "waits for " + condition, {}, 0};
      out.witness = {witnessThread(program_, &scope, end.actor, end.fact, ends),
                     witnessThread(program_, &scope, wait.actor, wait.fact, sleeps)};
      out.fixHint = "Destroy " + condition + " once every thread that waits for it has gone on.";
      out.confidence = Confidence::Medium;
      out.confidenceReason = "that the waiter still sleeps then is assumed";
      ended_.insert(end.fact.object);
      keep(std::move(out));
      return;
    }
  }

  /// The object that has the lock keeps the thread's handle too. Whoever ends such an object while the thread can be
  /// joined ends the program, and no thread is left to miss the lock.
  bool endsWith(const Scope& scope, const ThreadFact& thread, PathId lock) const {
    const llvm::StringRef how = thread.facts ? llvm::StringRef(thread.facts->how) : llvm::StringRef();
    if (how.empty() || how.contains("pthread") || how.contains("thrd")) return false;
    const bool isKept = std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
      return !paths().isRoot(handle) && paths()[handle].root == paths()[lock].root;
    });
    return isKept && std::none_of(scope.operations.begin(), scope.operations.end(), [&](const SharedOperation& operation) {
             return operation.fact.kind == OperationFact::Kind::Detach &&
                    std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
                      return sameHandle(paths(), handle, operation.fact.object);
                    });
           });
  }

  /// A lock of the frame's own that threads use which outlive it.
  void addLocals(const Scope& scope) {
    if (scope.isMain) return;  // The process ends with it.
    const ThreadSet live = program_.summary(scope.frame).liveAtExit;
    for (const LockAcquisition& use : scope.acquisitions) {
      const Actor& actor = scope.actors[use.actor];
      if (actor.kind != Actor::Kind::Thread || !(live & threadBit(actor.number))) continue;
      const PathId lock = use.fact.lock;
      if (paths().storage(lock) != Storage::Local || paths().passes(lock, PathNode::Kind::Deref)) continue;
      if (paths()[paths()[lock].root].owner != scope.frame || endsWith(scope, actor.thread, lock)) continue;
      if (!ended_.insert(lock).second) continue;
      Finding out = finding(scope, use, program_.point(actor.thread.location), scope.frame);
      out.message = quoted(program_.functionName(scope.frame)) + " returns, and its " + quoted(nameOf(program_, lock)) +
                    " is gone, while " + quoted(program_.functionName(use.fact.function)) +
                    " may still use it in a thread that nobody joined";
      out.confidence = Confidence::High;
      out.confidenceReason = "the lock lives in the function, and the thread is not joined on some way out";
      if (isHandedOn(program_, actor.thread)) {
        out.confidence = confidenceInHandedOn(program_, actor.thread);
        out.confidenceReason = kHandedOn;
      }
      if (movesOn(program_, actor.thread)) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "the thread's handle is moved on, and may be joined by another name";
      }
      keep(std::move(out));
    }
  }

  Finding finding(const Scope& scope, const LockAcquisition& use, SourcePoint at, FunctionIndex ends) const {
    Finding out;
    out.check = "lock-destroyed";
    out.location = std::move(at);
    out.subjects = {nameOf(program_, use.fact.lock)};
    std::set<std::string> functions{program_.functionName(ends), program_.functionName(use.fact.function)};
    out.functions.assign(functions.begin(), functions.end());
    out.witness = {witnessThread(program_, &scope, use.actor, use.fact, acquireStep(program_, use.fact))};
    out.fixHint = "Join every thread that uses the lock before the lock ends.";
    return out;
  }

  void keep(Finding finding) {
    if (seen_.insert({finding.location, finding.subjects}).second) findings_.push_back(std::move(finding));
  }

  const Program& program_;
  std::set<std::pair<SourcePoint, std::vector<std::string>>> seen_;
  std::set<PathId> ended_;  ///< Told of already.
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings = OnOneWay(program).findings();
  Beside beside(program);
  for (const Scope& scope : program.scopes()) beside.add(scope);
  for (Finding& finding : beside.findings()) findings.push_back(std::move(finding));
  return findings;
}

constexpr std::string_view kAbsorbed[] = {"bad-unlock"};

constexpr std::string_view kShownBy[] = {"lock-misuse"};

constexpr CheckInfo kInfo = {
    .id = "lock-destroyed",
    .title = "A lock is destroyed while it is in use, or used after that",
    .reason =
        R"(A lock has to outlive everybody who uses it: to destroy it, to free the memory it is in, or to leave the function
it lives in while it is held or while another thread may still ask for it is undefined behaviour. The thread that comes
later reads whatever the memory holds by then; it may hang, or enter with somebody else inside.

The same goes for making a lock anew with its init function while it is held, and for any use after its destroy
function.)",
    .example = R"(void compute() {
  std::mutex mu;
  long sum = 0;
  std::thread helper([&] { std::lock_guard lock(mu); ++sum; });
  helper.detach();  // mu is gone when compute() returns
})",
    .fix =
        R"(Join the threads first, and declare the lock before them, so that it ends last:

  std::mutex mu;
  std::jthread helper([&] { std::lock_guard lock(mu); ++sum; });

Give a lock back before it is destroyed. What threads share and nobody joins belongs into a std::shared_ptr that each
of them holds.)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
    .shownBy = kShownBy,
};

}  // namespace

extern const Check kLockDestroyed;
const Check kLockDestroyed = {.info = kInfo, .run = run};

}  // namespace deadheat
