// future-deadlock: a result is waited for that cannot come, or not before the wait is over.
//
// - By the thread that alone could store it: its promise is in nobody else's hands.
// - With a lock held that the task takes before it stores.
// - In a task, for another one that stands in the queue of the same threads.
// - A deferred task is computed when somebody asks, and nobody does, or somebody only polls.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/kept_out.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/queue_waits.h"
#include "analyzers/checks/result_lives.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

using How = ResultUse::How;

constexpr std::string_view kAbsorbed[] = {"blocking-under-lock", "join-deadlock"};

constexpr CheckInfo kInfo = {
    .id = "future-deadlock",
    .title = "A result is waited for that can only come after the wait",
    .reason =
        R"(A future hides who computes its result and when. If that is the waiting thread itself, nobody is left to do it:
get() before set_value() on one thread, or a task that waits in a pool for another one that stands in the queue behind it.
If the task needs a lock that the waiting thread holds, each waits for the other; the future of std::async waits in its
destructor, too. And a deferred task runs when somebody calls get() or wait(): without that it never runs, and wait_for()
never says that it is ready.)",
    .example = R"(std::mutex mu;
int total = 0;

int refresh() {
  std::lock_guard lock(mu);
  auto part = std::async(std::launch::async, [] { std::lock_guard inner(mu); return ++total; });
  return part.get();  // the task waits for mu
})",
    .fix =
        R"(Take the lock after the wait, or let the caller who has it do the work:

  auto part = std::async(std::launch::async, compute);
  const int more = part.get();
  std::lock_guard lock(mu);
  total += more;

In a pool, hand on what is to be done with the result as a further task instead of waiting for it.)",
    .cwe = "CWE-833",
    .absorbs = kAbsorbed,
    .endsInHang = true,
};

/// Waits with a lock held, between threads.
class LockReporter {
 public:
  LockReporter(const Program& program, std::vector<Finding>& findings) : program_(program), findings_(findings) {}

  void add(const Scope& scope) {
    for (const SharedOperation& wait : scope.operations) {
      if (wait.fact.kind != OperationFact::Kind::Join || wait.fact.guessed || wait.fact.held == LocksetId::Empty)
        continue;
      for (std::uint32_t a = 0; a < scope.actors.size(); ++a) {
        if (a == wait.actor || !waitsFor(program_, scope, wait, a) || !isForResult(scope, wait, a)) continue;
        const KeptOut kept = keptOutBy(program_, scope, wait, a);
        if (kept.want) report(scope, wait, kept, scope.kind == Scope::Kind::Frame);
      }
      if (wait.fact.lock != PathId::Unknown) addStored(scope, wait);
    }
  }

 private:
  /// The result of a promise: whoever stores it has taken the lock, or holds it.
  void addStored(const Scope& scope, const SharedOperation& wait) {
    const SharedOperation* stores = nullptr;
    for (const SharedOperation& other : scope.operations) {
      if (other.fact.kind != OperationFact::Kind::Notify || other.fact.object != wait.fact.lock) continue;
      if (stores || other.actor == wait.actor || other.fact.guessed) return;  // One who stores is followed.
      stores = &other;
    }
    if (!stores) return;
    const Tables& tables = program_.tables();
    for (const LockAcquisition& want : scope.acquisitions) {
      const HeldLock* lock = want.actor == stores->actor ? heldAgainst(program_, wait, want.fact) : nullptr;
      if (!lock) continue;
      const bool isBefore = tables.locksets.find(stores->fact.held, lock->lock) ||
                            tables.pathSets.contains(stores->fact.taken, lock->lock);
      if (isBefore) return report(scope, wait, {want.actor, want.fact, lock}, scope.kind == Scope::Kind::Frame);
    }
  }

  void report(const Scope& scope, const SharedOperation& wait, const KeptOut& kept, bool isCertain) {
    const std::string name = nameOf(program_, kept.lock->lock);
    const std::string task = program_.functionName(kept.want->function);
    if (!seen_.insert({kept.want->location, name}).second) return;  // The end of the future comes after its get().
    Finding out;
    out.check = kInfo.id;
    out.location = program_.point(wait.fact.location);
    out.subjects = {name};
    out.functions = {program_.functionName(wait.fact.function)};
    out.message = quoted(out.functions.front()) + " waits with " + quoted(name) +
                  " held for a result, and the task takes it in " + quoted(task) + " first";
    WitnessStep last{WitnessStep::Kind::Wait,
                     out.location,
                     out.functions.front(),
                     "waits for the result",
                     lockNames(program_, wait.fact.held),
                     0};
    out.witness = {witnessThread(program_, &scope, wait.actor, wait.fact, last),
                   witnessThread(program_, &scope, kept.actor, *kept.want, acquireStep(program_, *kept.want))};
    out.sites = {{Site::Kind::Acquire, out.location, out.functions.front(),
                  program_.point(program_.tables().holdSites[kept.lock->since].location)},
                 {Site::Kind::Acquire, program_.point(kept.want->location), task, {}}};
    if (task != out.functions.front()) out.functions.push_back(task);
    std::sort(out.functions.begin(), out.functions.end());
    rate(out, isCertain ? Confidence::High : Confidence::Medium,
         isCertain ? "task and lock are known, and the task takes the lock before it is through"
                   : "the task that the object keeps is taken to be the one that is waited for");
    out.fixHint = "Give " + quoted(name) + " back before waiting.";
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  std::vector<Finding>& findings_;
  std::set<std::pair<Location, std::string>> seen_;
};

/// One function: waits for results that only it could store, and deferred tasks.
class Look {
 public:
  Look(const Program& program, FunctionIndex function, ResultSummaries& summaries, std::vector<Finding>& findings)
      : program_(program),
        paths_(program.tables().paths),
        view_(program.view(function)),
        lives_(program, view_, summaries),
        ways_(view_),
        findings_(findings) {}

  void look() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      if (!lives_.isReached(b)) continue;
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
        const StepView& step = view_.blocks[b].steps[s];
        if (const auto* join = std::get_if<Join>(step.step->what); join && join->ofResult) {
          if (join->by == Join::By::Call) lookAtWait({b, s}, step);
        } else if (const auto* use = std::get_if<ResultUse>(step.step->what)) {
          lookAtDeferred({b, s}, step, *use);
        }
      }
    }
  }

 private:
  Finding make(const StepView& step, const std::string& name, const std::string& does) const {
    return findingAt(program_, kInfo.id, momentAt(view_, step), name, does);
  }

  void lookAtWait(StepPlace place, const StepView& step) {
    const PathId state = step.second;
    if (state == PathId::Unknown || paths_[state].kind != PathNode::Kind::Field) return;
    const PathId maker = paths_[state].parent;
    const ResultState* known = ResultLives::find(lives_.before(place), maker);
    if (!known || known->side != ResultUse::Side::Maker || known->life != kOpen) return;
    const std::string name = nameOf(program_, maker), future = nameOf(program_, step.path);
    Finding out = make(step, name, "waits for the result of " + quoted(name));
    out.message = quoted(program_.functionName(view_.function)) + " waits for the result of " + quoted(name) +
                  ", which nobody but itself could store";
    rate(out, Confidence::High, "nothing is stored on any way here, and the promise was given to nobody");
    out.fixHint = "Store the result first, or give the promise to whoever is to store it.";
    findings_.push_back(std::move(out));
  }

  void lookAtDeferred(StepPlace place, const StepView& step, const ResultUse& use) {
    const ResultState* state = ResultLives::find(lives_.before(place), step.path);
    if (!state || state->life != kDeferred) return;
    const std::string name = nameOf(program_, step.path), shown = quoted(name);
    if (name.starts_with("$")) return;  // A temporary may be what some other code is given.
    if (use.how == How::Ends && paths_.isRoot(step.path)) {
      Finding out = make(step, name, "ends the life of " + shown);
      out.message = quoted(program_.functionName(view_.function)) +
                    " never asks for the result of the deferred task of " + shown + ", which so never runs";
      rate(out, Confidence::High, "the task is started as deferred, and nothing on the way waits for it");
      out.fixHint = "Call get() or wait(), or start the task with std::launch::async.";
      findings_.push_back(std::move(out));
    } else if (use.how == How::Polls && ways_.isInCycle(place.block) && !asksForDeferred()) {
      Finding out = make(step, name, "polls " + shown);
      out.message = quoted(program_.functionName(view_.function)) + " waits in a loop for the deferred task of " +
                    shown + " to be ready, which it never is";
      rate(out, Confidence::High, "the task is started as deferred, and polling does not run it");
      out.fixHint = "Call get() or wait(), or start the task with std::launch::async.";
      findings_.push_back(std::move(out));
    }
  }

  /// Some test of the function knows of std::future_status::deferred.
  bool asksForDeferred() const {
    return std::ranges::any_of(view_.blocks, [](const BlockView& block) {
      return block.branch && llvm::StringRef(block.branch->what->text).contains("deferred");
    });
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView view_;
  const ResultLives lives_;
  const Ways ways_;
  std::vector<Finding>& findings_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  findQueueWaits(program, kInfo.id, findings);
  LockReporter locks(program, findings);
  for (const Scope& scope : program.scopes()) locks.add(scope);
  ResultSummaries summaries(program);
  for (std::uint32_t f = 0; f < program.bodies().functions.size(); ++f)
    if (summaries.concerns(static_cast<FunctionIndex>(f)))
      Look(program, static_cast<FunctionIndex>(f), summaries, findings).look();
  return findings;
}

}  // namespace

extern const Check kFutureDeadlock;
const Check kFutureDeadlock = {.info = kInfo, .run = run};

}  // namespace deadheat
