// wait-wrong-mutex: a condition is waited for with different mutexes, or with one that is not held.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/condition_uses.h"
#include "analyzers/checks/open_calls.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/protection.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"data-race", "lost-wakeup"};

constexpr CheckInfo kInfo = {
    .id = "wait-wrong-mutex",
    .title = "A condition is waited for with a mutex that is not held, or not the one of the other waits or of the state",
    .reason =
        R"(A wait gives its mutex back and goes to sleep as one step; that is what keeps a signal from falling in between.
It works only with the mutex under which the state is changed: with another one, the state may change and the signal may
come after the test and before the sleep, and the waiter sleeps on.

Waiting for one condition with two different mutexes at the same time is undefined, and so is waiting with a mutex that
the thread does not hold: the wait then gives back what somebody else may be holding.)",
    .example = R"(std::mutex inputMutex, outputMutex;
std::condition_variable changed;

void consume() {
  std::unique_lock lock(inputMutex);
  changed.wait(lock, [] { return !input.empty(); });
}

void drain() {
  std::unique_lock lock(outputMutex);
  changed.wait(lock, [] { return output.empty(); });  // the same condition, another mutex
})",
    .fix =
        R"(Give each condition variable one mutex, the one that protects the state it stands for, and hold it when waiting.
Two mutexes need two condition variables.)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
    .endsInHang = true,
};

class Search {
 public:
  explicit Search(const Program& program) : program_(program), tables_(program.tables()), open_(program) {}

  void look(const Scope& scope) {
    for (const ConditionUses& uses : conditionsOf(program_, scope)) {
      for (std::size_t i = 0; i < uses.waits.size(); ++i) {
        checkHeld(scope, *uses.waits[i].operation);
        for (std::size_t j = 0; j < i; ++j) compare(*uses.waits[j].operation, *uses.waits[i].operation);
        checkState(scope, uses.waits[i]);
      }
    }
  }

  std::vector<Finding> findings() {
    std::vector<Finding> all;
    for (auto& [location, finding] : best_) all.push_back(std::move(finding));
    return all;
  }

 private:
  bool isNamed(PathId lock) const {
    return lock != PathId::Unknown && tables_.paths.storage(lock) != Storage::Opaque &&
           tables_.paths.storage(lock) != Storage::Unknown;
  }
  /// A lock of which it is known which one it is: no pointer or element on the way.
  bool isPlain(PathId lock) const {
    return !tables_.paths.passes(lock, PathNode::Kind::Deref) && !tables_.paths.passes(lock, PathNode::Kind::Element) &&
           !tables_.paths.passes(lock, PathNode::Kind::Cut);
  }

  void keep(Location location, Finding finding) {
    auto [slot, fresh] = best_.try_emplace(location, finding);
    if (!fresh && slot->second.confidence < finding.confidence) slot->second = std::move(finding);
  }

  /// The mutex must be held by the one who waits: known where all callers are.
  void checkHeld(const Scope& scope, const SharedOperation& wait) {
    const OperationFact& fact = wait.fact;
    if (!isNamed(fact.lock) || fact.guessed) return;
    const bool isLocal = tables_.paths.storage(fact.lock) == Storage::Local;
    const bool isGivenBack = tables_.pathSets.contains(fact.released, fact.lock);
    const bool allCallers = scope.kind == Scope::Kind::Frame && scope.whole;
    if (!allCallers && !isLocal && !isGivenBack) return;  // a caller may hold it
    for (const HeldLock& held : tables_.locksets[fact.held]) {
      if (held.hold == Hold::Passed) continue;
      if (sameLock(tables_.paths, held.lock, fact.lock) || !isNamed(held.lock)) return;
    }
    const std::string condition = nameOf(program_, fact.object), lock = nameOf(program_, fact.lock);
    Finding out = findingAt(program_, kInfo.id, fact, condition, "waits for " + quoted(condition) + " with " + quoted(lock));
    out.witness.front().name = actorName(program_, scope, wait.actor);
    out.message = quoted(program_.functionName(fact.function)) + " waits for " + quoted(condition) + " with " +
                  quoted(lock) + ", which it does not hold on every way there";
    out.fixHint = "Lock " + quoted(lock) + " before testing the state and waiting.";
    const bool isEmpty = lockNames(program_, fact.held).empty();
    if (isPlain(fact.lock) && (isEmpty || isGivenBack) && (isGivenBack || !isTaken(scope, fact))) {
      out.message = quoted(program_.functionName(fact.function)) + " waits for " + quoted(condition) + " with " +
                    quoted(lock) + ", which it does not hold";
      rate(out, Confidence::High,
           isGivenBack ? "the lock was given back before the wait" : "no lock is held on the way to the wait");
    } else if (isPlain(fact.lock) && !isTaken(scope, fact)) {
      rate(out, Confidence::Medium, "other locks are held on the way to the wait");
    } else {
      rate(out, Confidence::Low, "the lock may be held by a name or on a way that cannot be followed");
    }
    if (isGivenBack && mayBeTakenAgain(scope, wait))
      rate(out, Confidence::Low, "the lock was given back before the wait, but may have been taken again");
    if (out.confidence > Confidence::Low && open_.leadTo(fact.trace, Callee::Kind::Indirect))
      rate(out, Confidence::Low, "a pointer on the way may hold other functions, and so may the one that takes the lock");
    keep(fact.location, std::move(out));
  }

  /// Whether the function that waits takes the lock anywhere.
  bool isTaken(const Scope& scope, const OperationFact& wait) const {
    return std::any_of(scope.acquisitions.begin(), scope.acquisitions.end(), [&](const LockAcquisition& a) {
      return a.fact.function == wait.function && sameLock(tables_.paths, a.fact.lock, wait.lock);
    });
  }

  /// The thread takes the lock somewhere after it may have given it back.
  bool mayBeTakenAgain(const Scope& scope, const SharedOperation& wait) const {
    return std::ranges::any_of(scope.acquisitions, [&](const LockAcquisition& a) {
      return a.actor == wait.actor && sameLock(tables_.paths, a.fact.lock, wait.fact.lock) &&
             tables_.pathSets.contains(a.fact.released, a.fact.lock);
    });
  }

  void compare(const SharedOperation& first, const SharedOperation& second) {
    const OperationFact& a = first.fact;
    const OperationFact& b = second.fact;
    if (!isNamed(a.lock) || !isNamed(b.lock) || sameLock(tables_.paths, a.lock, b.lock)) return;
    if (a.location == b.location && a.function == b.function) return;
    const std::string condition = nameOf(program_, b.object);
    Finding out = findingAt(program_, kInfo.id, b, condition,
                            "waits for " + quoted(condition) + " with " + quoted(nameOf(program_, b.lock)));
    addPlace(program_, out, a, "waits for " + quoted(condition) + " with " + quoted(nameOf(program_, a.lock)));
    out.message = quoted(program_.functionName(b.function)) + " waits for " + quoted(condition) + " with " +
                  quoted(nameOf(program_, b.lock)) + ", while " + quoted(program_.functionName(a.function)) +
                  " waits for it with " + quoted(nameOf(program_, a.lock));
    out.fixHint = "Use one mutex for all waits on " + quoted(condition) + ".";
    if (isPlain(a.lock) && isPlain(b.lock) && isPlain(a.object) && isPlain(b.object))
      rate(out, Confidence::High, "both mutexes and the condition are known by name");
    else
      rate(out, Confidence::Low, "the mutexes are reached through pointers and may be the same");
    keep(b.location, std::move(out));
  }

  /// The mutex under which the state is changed, if it is always the same one and not the wait's.
  void checkState(const Scope& scope, const WaitUse& wait) {
    const OperationFact& fact = wait.operation->fact;
    if (!isNamed(fact.lock) || !isPlain(fact.lock)) return;
    for (PathId state : wait.states) {
      const SharedAccess* example = nullptr;
      std::set<PathId> guards;
      bool isGuarded = true;
      for (const SharedAccess& access : scope.accesses) {
        if (access.fact.path != state || !access.fact.writes() || access.fact.ending || access.fact.frees) continue;
        if (protection(tables_, access.fact.held, fact.held) != Protection::None) isGuarded = false;
        std::set<PathId> held;
        for (const HeldLock& lock : tables_.locksets[access.fact.held])
          if (lock.hold == Hold::Exclusive && isNamed(lock.lock) && isPlain(lock.lock)) held.insert(lock.lock);
        if (!example) guards = held;
        std::erase_if(guards, [&](PathId lock) { return !held.contains(lock); });
        example = &access;
      }
      if (!example || !isGuarded || guards.empty()) continue;
      reportState(fact, *example, *guards.begin(), state);
      return;
    }
  }

  void reportState(const OperationFact& wait, const SharedAccess& change, PathId guard, PathId state) {
    const std::string condition = nameOf(program_, wait.object), variable = nameOf(program_, state);
    Finding out = findingAt(program_, kInfo.id, wait, condition,
                            "waits for " + quoted(condition) + " with " + quoted(nameOf(program_, wait.lock)));
    out.subjects.push_back(variable);
    std::sort(out.subjects.begin(), out.subjects.end());
    addPlace(program_, out, change.fact, "changes " + quoted(variable));
    out.message = quoted(program_.functionName(wait.function)) + " waits for " + quoted(condition) + " with " +
                  quoted(nameOf(program_, wait.lock)) + ", but the state it waits for, " + quoted(variable) +
                  ", is changed under " + quoted(nameOf(program_, guard));
    out.fixHint = "Wait with " + quoted(nameOf(program_, guard)) + ".";
    rate(out, Confidence::High, "every change of the state is under the other mutex");
    keep(wait.location, std::move(out));
  }

  const Program& program_;
  const Tables& tables_;
  OpenCalls open_;
  std::map<Location, Finding> best_;
};

std::vector<Finding> run(const Program& program) {
  Search search(program);
  for (const Scope& scope : program.scopes()) search.look(scope);
  return search.findings();
}

}  // namespace

extern const Check kWaitWrongMutex;
const Check kWaitWrongMutex = {.info = kInfo, .run = run};

}  // namespace deadheat
