// join-deadlock: a thread waits for the end of a thread that waits for it.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/kept_out.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program) {}

  void add(const Scope& scope) {
    for (const SharedOperation& join : scope.operations) {
      if (join.fact.kind != OperationFact::Kind::Join || join.fact.guessed) continue;
      for (std::uint32_t a = 0; a < scope.actors.size(); ++a) {
        if (!waitsFor(program_, scope, join, a) || isForResult(scope, join, a)) continue;
        if (a == join.actor)
          addSelf(scope, join);
        else
          addWait(scope, join, a);
      }
    }
  }

  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  void addWait(const Scope& scope, const SharedOperation& join, std::uint32_t actor) {
    const auto [thread, first, lock] = keptOutBy(program_, scope, join, actor);
    if (!first) return;
    const std::string name = quoted(nameOf(program_, lock->lock));
    Finding out = finding(scope, join, nameOf(program_, lock->lock));
    out.message = quoted(program_.functionName(join.fact.function)) + " waits with " + name +
                  " held for the end of a thread that takes it in " + quoted(program_.functionName(first->function));
    out.witness.push_back(witnessThread(program_, &scope, actor, *first, acquireStep(program_, *first)));
    out.sites = {{Site::Kind::Acquire, out.location, program_.functionName(join.fact.function),
                  program_.point(program_.tables().holdSites[lock->since].location)},
                 {Site::Kind::Acquire, program_.point(first->location),
                  program_.functionName(first->function), {}}};
    add(out, program_.functionName(first->function));
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
        R"(join() waits until the other thread is through. If the waiting thread holds a lock that
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
