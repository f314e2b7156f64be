// lock-across-suspend: a lock of a thread is held where the thread leaves the coroutine or fiber that took it.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/suspensions.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"blocking-under-lock"};

constexpr CheckInfo kInfo = {
    .id = "lock-across-suspend",
    .title = "A lock is held while the coroutine or fiber that took it is suspended",
    .reason =
        R"(A mutex belongs to a thread. A coroutine that is suspended with one held leaves it to its thread, which goes on to run
other tasks: the first of them that takes the same mutex waits for a task that only this thread can run, for good. And if
the coroutine is resumed on another thread, that one unlocks what it never locked, which is undefined.

Even where neither happens, everybody who needs the lock waits as long as what is awaited takes. With co_yield, whatever
the consumer does runs under the lock.)",
    .example = R"(Task refresh(Cache& cache) {
  std::lock_guard lock(cache.mutex);
  cache.entries = co_await fetchEntries();  // other tasks of this thread run with the mutex held
})",
    .fix =
        R"(Give the lock back before the suspension, and take it again after; look again at what may have changed:

  auto entries = co_await fetchEntries();
  std::lock_guard lock(cache.mutex);
  cache.entries = std::move(entries);

Where the whole step has to be one, use a lock that tasks wait for without a thread (an asynchronous mutex, a strand).)",
    .cwe = "CWE-833",
    .absorbs = kAbsorbed,
    .endsInHang = true,
    .ofTasks = true,
};

/// The locks of the thread that are held at a step; those that only attributes speak of are their callers'.
std::vector<HeldLock> threadLocks(const Program& program, LocksetId held) {
  std::vector<HeldLock> out;
  for (const HeldLock& lock : program.tables().locksets[held])
    if (lock.hold != Hold::Passed && !lock.once && !lock.byTask) out.push_back(lock);
  return out;
}

class Finder {
 public:
  Finder(const Program& program, const FunctionView& view) : program_(program), paths_(program.tables().paths), view_(view) {}

  void find(std::vector<Finding>& findings) {
    const Suspensions suspensions(program_, view_);
    for (const Suspension& each : suspensions.all()) {
      std::vector<HeldLock> locks = threadLocks(program_, each.step->held);
      std::erase_if(locks, [&](const HeldLock& lock) { return isGivenBackBy(each, lock); });
      if (!locks.empty()) report(each, locks, findings);
    }
  }

 private:
  /// Whether fibers are switched in the wait for a condition that the lock belongs to.
  bool isGivenBackBy(const Suspension& suspension, const HeldLock& lock) const {
    return std::ranges::any_of(program_.summary(view_.function).operations, [&](const OperationFact& operation) {
      return operation.kind == OperationFact::Kind::Wait && operation.trace == TraceId::Here &&
             operation.location == suspension.step->step->location && operation.lock == lock.lock;
    });
  }

  /// Whether a call that leads to the suspension is given the lock, or the guard that holds it: as the wait of an
  /// asynchronous condition is, which gives the lock back.
  bool isHandedOver(const Suspension& suspension, const HeldLock& lock) const {
    const std::vector<StepView>& steps = view_.blocks[suspension.place.block].steps;
    for (std::uint32_t s = suspension.place.step; s-- > 0;) {
      const StepView& step = steps[s];
      if (std::holds_alternative<Suspend>(*step.step->what)) break;
      if (!program_.tables().locksets.find(step.held, lock.lock)) break;  // What takes it is given it, too.
      if (step.step->call == Step::kNoCall) continue;
      for (const LinkedValue& argument : view_.body->calls[step.step->call].arguments)
        if (argument.path != PathId::Unknown && (argument.path == lock.lock || holdsGuard(argument.path, lock))) return true;
    }
    return false;
  }

  /// Whether `object` is a guard of the function that was made for the lock.
  bool holdsGuard(PathId object, const HeldLock& lock) const {
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) {
        const bool names = std::holds_alternative<Assign>(*step.step->what) && step.value.kind == Value::Kind::AddressOf;
        if (names && step.value.path == lock.lock && step.step->path != object && paths_.hasPrefix(step.step->path, object))
          return true;
      }
    }
    return false;
  }

  bool isOwn(const HeldLock& lock) const {
    return paths_.storage(lock.lock) == Storage::Local && !paths_.passes(lock.lock, PathNode::Kind::Deref);
  }

  void report(const Suspension& suspension, const std::vector<HeldLock>& locks, std::vector<Finding>& findings) {
    std::set<std::string> names;
    for (const HeldLock& lock : locks) names.insert(nameOf(program_, lock.lock));
    if (!reported_.insert(names).second) return;
    const Suspend& what = *suspension.what;
    const std::string text = suspensionText(what), function = quoted(program_.functionName(view_.function));
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, *suspension.step), {}, "is suspended by " + text);
    out.subjects.assign(names.begin(), names.end());
    out.message = function + " is suspended by " + text + " with " + listed(program_, locks) +
                  " held: " +
                  (what.kind == Suspend::Kind::Yield
                       ? "the consumer runs with it held"
                       : "other tasks of the thread run with it held, and another thread may go on and give it back");
    out.fixHint = "Give the lock back before " + text + ", or use a lock that tasks hold.";
    rateIt(suspension, locks, out);
    findings.push_back(std::move(out));
  }

  void rateIt(const Suspension& suspension, const std::vector<HeldLock>& locks, Finding& out) const {
    auto all = [&](auto test) { return std::all_of(locks.begin(), locks.end(), test); };
    if (suspension.resumes == Resumption::Anywhere)
      rate(out, Confidence::High, "it goes on on any of several threads");
    else if (suspension.what->kind == Suspend::Kind::Yield)
      rate(out, Confidence::Medium, "what the consumer does is not known");
    else
      rate(out, Confidence::High, "whatever else the thread runs meanwhile finds the lock held");
    if (all([](const HeldLock& lock) { return lock.hold == Hold::Shared; }) && suspension.resumes != Resumption::Anywhere)
      rate(out, Confidence::Medium, "a shared hold only keeps writers out");
    if (all([&](const HeldLock& lock) { return lock.recursion == Recursion::Yes; }) &&
        suspension.resumes != Resumption::Anywhere)
      rate(out, Confidence::Medium, "other tasks of the thread get the lock too, which then protects from nothing");
    if (all([&](const HeldLock& lock) { return lock.assumed; }))
      rate(out, Confidence::Low, "only an attribute says that the lock is held");
    if (all([&](const HeldLock& lock) { return isOwn(lock); }))
      rate(out, Confidence::Low, "the lock is a local of the coroutine, which others may not know");
    if (all([&](const HeldLock& lock) { return isHandedOver(suspension, lock); }))
      rate(out, Confidence::Low, "what is awaited is given the lock, and may give it back meanwhile");
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  std::set<std::set<std::string>> reported_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Finder(program, view).find(findings);
}

/// Fibers that are switched in what a function calls, with its locks held.
std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  auto switches = [](const OperationFact& operation) { return operation.kind == OperationFact::Kind::Switch; };
  for (const OperationFact& operation : operationsUnderLocks(program, switches)) {
    if (operation.trace == TraceId::Here) continue;  // Seen by inspect.
    std::vector<HeldLock> locks = locksBeside(program, operation);
    std::erase_if(locks, [](const HeldLock& lock) { return lock.byTask || lock.assumed; });
    if (locks.empty()) continue;
    const std::string text = suspensionText(std::get<Suspend>(*operation.facts));
    Finding out = operationFinding(program, operation, WitnessStep::Kind::Wait, "lets other fibers run");
    out.check = kInfo.id;
    out.message = quoted(program.functionName(operation.function)) + " lets other fibers run by " + text + " with " +
                  listed(program, locks) + " held by its caller";
    out.fixHint = "Give the lock back before, or use a lock that fibers hold.";
    rate(out, Confidence::Medium, "the lock is held by a caller");
    findings.push_back(std::move(out));
  }
  return findings;
}

}  // namespace

extern const Check kLockAcrossSuspend;
const Check kLockAcrossSuspend = {.info = kInfo, .run = run, .inspect = inspect};

}  // namespace deadheat
