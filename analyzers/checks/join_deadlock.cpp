// join-deadlock: a thread waits for the end of a thread that waits for it.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program) {}

  void add(const Scope& scope) {
    for (const SharedOperation& join : scope.operations) {
      if (join.fact.kind != OperationFact::Kind::Join || join.fact.guessed) continue;
      for (std::uint32_t a = 0; a < scope.actors.size(); ++a) {
        if (!joins(scope, join, a)) continue;
        if (a == join.actor)
          addSelf(scope, join);
        else
          addWait(scope, join, a);
      }
    }
  }

  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  bool joins(const Scope& scope, const SharedOperation& join, std::uint32_t actor) const {
    const Actor& thread = scope.actors[actor];
    if (thread.kind != Actor::Kind::Thread || join.fact.object == PathId::Unknown) return false;
    const PathTable& paths = program_.tables().paths;
    return std::any_of(thread.thread.handles.begin(), thread.thread.handles.end(),
                       [&](PathId handle) { return sameHandle(paths, handle, join.fact.object); });
  }

  /// The lock that the joining thread keeps the other from, or null.
  const HeldLock* keptFrom(const SharedOperation& join, const LockAcquisition& want) const {
    if (want.fact.once || want.fact.wait != LockWait::Blocking) return nullptr;
    for (const HeldLock& held : program_.tables().locksets[join.fact.held]) {
      const bool shared = held.hold == Hold::Shared && want.fact.mode == LockMode::Shared;
      if (held.hold == Hold::Passed || held.once || shared) continue;
      if (held.lock == want.fact.lock && !isElement(held.lock)) return &held;
    }
    return nullptr;
  }
  bool isElement(PathId lock) const { return program_.tables().paths.passes(lock, PathNode::Kind::Element); }

  void addWait(const Scope& scope, const SharedOperation& join, std::uint32_t actor) {
    const LockAcquisition* first = nullptr;
    const HeldLock* lock = nullptr;
    for (const LockAcquisition& want : scope.acquisitions) {
      if (want.actor != actor) continue;
      const HeldLock* kept = keptFrom(join, want);
      if (!kept || (first && !(want.fact.location < first->fact.location))) continue;
      first = &want;
      lock = kept;
    }
    if (!first) return;
    const std::string name = quoted(nameOf(program_, lock->lock));
    Finding out = finding(scope, join, nameOf(program_, lock->lock));
    out.message = quoted(program_.functionName(join.fact.function)) + " waits with " + name +
                  " held for the end of a thread that takes it in " + quoted(program_.functionName(first->fact.function));
    out.witness.push_back(witnessThread(program_, &scope, actor, first->fact, acquireStep(program_, first->fact)));
    out.sites = {{Site::Kind::Acquire, out.location, program_.functionName(join.fact.function),
                  program_.point(program_.tables().holdSites[lock->since].location)},
                 {Site::Kind::Acquire, program_.point(first->fact.location),
                  program_.functionName(first->fact.function), {}}};
    add(out, program_.functionName(first->fact.function));
    out.confidence = scope.kind == Scope::Kind::Frame ? Confidence::High : Confidence::Medium;
    out.confidenceReason = scope.kind == Scope::Kind::Frame
                               ? "thread and lock are known, and the thread takes the lock while it runs"
                               : "the thread that the object keeps is taken to be the one that is joined";
    out.fixHint = "Give " + name + " back before joining.";
    keep(std::move(out));
  }

  void addSelf(const Scope& scope, const SharedOperation& join) {
    Finding out = finding(scope, join, program_.shortText(join.fact.object));
    out.message = quoted(program_.functionName(join.fact.function)) + " may join the thread that it runs in";
    out.confidence = Confidence::Medium;
    out.confidenceReason = "a test of which thread runs here cannot be followed";
    out.fixHint = "Join from outside the thread; inside, only ask it to stop.";
    keep(std::move(out));
  }

  Finding finding(const Scope& scope, const SharedOperation& join, std::string subject) const {
    Finding out;
    out.check = "join-deadlock";
    out.location = program_.point(join.fact.location);
    out.subjects = {std::move(subject)};
    out.functions = {program_.functionName(join.fact.function)};
    WitnessStep last{WitnessStep::Kind::Wait,
                     out.location,
                     out.functions.front(),
                     "waits for the end of " + quoted(program_.shortText(join.fact.object)),
                     lockNames(program_, join.fact.held),
                     0};
    out.witness = {witnessThread(program_, &scope, join.actor, join.fact, last)};
    return out;
  }

  static void add(Finding& out, const std::string& function) {
    if (std::find(out.functions.begin(), out.functions.end(), function) == out.functions.end()) {
      out.functions.push_back(function);
      std::sort(out.functions.begin(), out.functions.end());
    }
  }

  void keep(Finding finding) {
    if (seen_.insert({finding.location, finding.subjects}).second) findings_.push_back(std::move(finding));
  }

  const Program& program_;
  std::set<std::pair<SourcePoint, std::vector<std::string>>> seen_;
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) {
  Reporter reporter(program);
  for (const Scope& scope : program.scopes()) reporter.add(scope);
  return reporter.findings();
}

constexpr std::string_view kAbsorbed[] = {"blocking-under-lock"};

constexpr CheckInfo kInfo = {
    .id = "join-deadlock",
    .title = "A thread waits for the end of a thread that waits for it",
    .reason =
        R"(join(), or the get() of a future, waits until the other thread is through. If the waiting thread holds a lock that
the other one still has to take, the other is never through, and both stand still for good. Stopping a worker is where it
happens: the stop flag is set under the lock, and the join stands in the same block.

A thread that joins itself, say because the last owner of an object dropped it on the object's own worker, waits for
itself, or gets an exception.)",
    .example = R"(std::mutex mu;
bool stopping = false;

void work() {
  for (;;) {
    std::lock_guard lock(mu);
    if (stopping) return;
  }
}

void stop(std::thread& worker) {
  std::lock_guard lock(mu);
  stopping = true;
  worker.join();  // work() waits for mu
})",
    .fix = R"(End the critical section before the join:

  { std::lock_guard lock(mu); stopping = true; }
  worker.join();)",
    .cwe = "CWE-833",
    .absorbs = kAbsorbed,
    .endsInHang = true,
};

}  // namespace

extern const Check kJoinDeadlock;
const Check kJoinDeadlock = {.info = kInfo, .run = run};

}  // namespace deadheat
