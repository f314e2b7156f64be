// lost-wakeup: the state that a wait stands for is changed or signalled in a way that a waiter can sleep through.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/condition_uses.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"data-race", "inconsistent-guard"};

constexpr CheckInfo kInfo = {
    .id = "lost-wakeup",
    .title = "A signal can come while nobody is asleep yet, or reach the wrong waiter, and the right one sleeps on",
    .reason =
        R"(A waiter tests the state, finds that it must wait and goes to sleep; with the mutex held, nothing comes between. A
wake-up is lost when somebody does not play by that:

- The state is changed without the mutex, be it atomic: the change and the signal can both fall between the waiter's test
  and its sleep.
- The signal is given before the state is changed: the waiter wakes, finds nothing new, and goes back to sleep.
- One waiter is signalled where waiters wait for different things: the one that wakes may not be the one that can go on.
- One waiter is signalled of something that concerns all of them, such as the end of the work.

The thread then sleeps until somebody signals again, perhaps for good. Tests seldom hit the moment.)",
    .example = R"(std::atomic<bool> ready = false;

void consumer() {
  std::unique_lock lock(mu);
  cv.wait(lock, [] { return ready.load(); });
}

void producer() {
  ready = true;      // without mu: may come after the test and before the sleep,
  cv.notify_one();   // and the signal finds nobody asleep
})",
    .fix =
        R"(Change the state with the mutex held, atomic or not, and signal after it:

  {
    std::lock_guard lock(mu);
    ready = true;
  }
  cv.notify_one();

Use notify_all where several kinds of waiters share a condition or the news concerns all, or one condition for each kind.)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
    .endsInHang = true,
};

/// One condition of one scope.
class Look {
 public:
  Look(const Program& program, const Scope& scope, const ConditionUses& uses, std::map<Location, Finding>& found)
      : program_(program), tables_(program.tables()), scope_(scope), uses_(uses), found_(found) {
    for (const WaitUse& wait : uses.waits) {
      if (wait.facts->timed) continue;
      timeless_.push_back(&wait);
      for (PathId state : wait.states) waitersOf_[state].push_back(&wait);
    }
    for (const SharedAccess& access : scope.accesses) {
      if (!access.fact.writes() || access.fact.ending || access.fact.frees || access.fact.guessed) continue;
      if (waitersOf_.contains(access.fact.path)) changes_.push_back(&access);
    }
  }

  void look() {
    for (const SharedAccess* change : changes_) checkUnlocked(*change);
    for (const SharedOperation* signal : uses_.signals) checkEarly(*signal);
    checkKinds();
    for (const SharedOperation* signal : uses_.signals) checkNews(*signal);
  }

 private:
  std::string condition() const { return nameOf(program_, uses_.condition); }
  std::string functionOf(const Moment& moment) const { return quoted(program_.functionName(moment.function)); }

  bool isBeforeThreads(const SharedAccess& access) const {
    if (program_.function(access.fact.function).kind == Function::Kind::Constructor) return true;
    return scope_.kind == Scope::Kind::Frame && access.actor == 0 && access.fact.thread == kSelf && access.fact.live == 0;
  }

  void keep(Finding finding, Location location) {
    auto [slot, fresh] = found_.try_emplace(location, finding);
    if (!fresh && slot->second.confidence < finding.confidence) slot->second = std::move(finding);
  }

  void rateScope(Finding& out, const char* reason) const {
    if (scope_.kind == Scope::Kind::Frame)
      rate(out, Confidence::High, reason);
    else
      rate(out, Confidence::Medium, "the methods are assumed to be called while another thread waits");
  }

  /// The signal that follows a change in the same run of a function, or null.
  const SharedOperation* signalAfter(const SharedAccess& change) const {
    for (const SharedOperation* signal : uses_.signals) {
      if (signal->actor == change.actor &&
          functionWhereFollows(tables_, change.fact, signal->fact) != FunctionIndex::None)
        return signal;
    }
    return nullptr;
  }

  /// Whether some lock is taken between the two, if only to be given back: that too keeps the signal out of the gap.
  bool locksBetween(const Moment& earlier, const Moment& later) const {
    const FunctionIndex where = functionWhereFollows(tables_, earlier, later);
    const Location from = placeIn(tables_, earlier, where), to = placeIn(tables_, later, where);
    const FunctionView view = program_.view(where);
    for (const BlockView& block : view.blocks) {
      for (const StepView& step : block.steps) {
        const bool between = from < step.step->location && !(to < step.step->location);
        if (!between) continue;
        if (std::holds_alternative<Acquire>(*step.step->what)) return true;
        for (FunctionIndex target : step.targets)
          if (program_.summary(target).hasAcquires()) return true;
      }
    }
    return false;
  }

  void checkUnlocked(const SharedAccess& change) {
    if (isBeforeThreads(change)) return;
    const SharedOperation* signal = signalAfter(change);
    if (!signal) return;
    for (const WaitUse* wait : waitersOf_[change.fact.path]) {
      const PathId lock = wait->operation->fact.lock;
      if (lock == PathId::Unknown || tables_.paths.storage(lock) == Storage::Opaque) continue;
      if (isProtected(change.fact.held, lock) || isProtected(signal->fact.held, lock)) continue;
      if (!meets(change, *wait) || locksBetween(change.fact, signal->fact)) continue;
      return reportUnlocked(change, *signal, *wait);
    }
  }

  bool meets(const SharedAccess& change, const WaitUse& wait) const {
    return scope_.mayHappenInParallel(change.fact, change.actor, wait.operation->fact, wait.operation->actor, tables_);
  }

  /// Whether the lock, or one that cannot be told from it, is held.
  bool isProtected(LocksetId held, PathId lock) const {
    for (const HeldLock& h : tables_.locksets[held]) {
      if (h.hold == Hold::Passed) continue;
      if (sameLock(tables_.paths, h.lock, lock) || tables_.paths.storage(h.lock) == Storage::Opaque) return true;
      const PathNode& a = tables_.paths[h.lock];
      const PathNode& b = tables_.paths[lock];
      if (a.kind == PathNode::Kind::Field && a.kind == b.kind && a.name == b.name && a.record == b.record) return true;
    }
    return false;
  }

  void reportUnlocked(const SharedAccess& change, const SharedOperation& signal, const WaitUse& wait) {
    const std::string state = nameOf(program_, change.fact.path);
    const std::string lock = nameOf(program_, wait.operation->fact.lock);
    Finding out = findingAt(program_, kInfo.id, change.fact, condition(), "changes " + quoted(state));
    addSubject(out, state);
    out.witness.front().name = actorName(program_, scope_, change.actor);
    addPlace(program_, out, signal.fact, "signals " + quoted(condition()), out.witness.front().name);
    addPlace(program_, out, wait.operation->fact, "tests " + quoted(state) + " and waits for " + quoted(condition()),
             actorName(program_, scope_, wait.operation->actor));
    const SourcePoint asleep = program_.point(wait.operation->fact.location);
    const std::string waiter = program_.functionName(wait.operation->fact.function);
    out.sites = {{Site::Kind::Look, asleep, waiter, {}}, {Site::Kind::Rest, asleep, waiter, {}}};
    out.message = functionOf(change.fact) + " changes " + quoted(state) + " without " + quoted(lock) +
                  " and then signals " + quoted(condition()) + ": both can fall between the test and the sleep of " +
                  functionOf(wait.operation->fact);
    out.fixHint = "Change " + quoted(state) + " with " + quoted(lock) + " held.";
    rateScope(out, "the waiter tests the state under the lock that the change does not take");
    // Where not even the waiter is seen to hold it, what is seen of the lock is not all there is.
    if (!isProtected(wait.operation->fact.held, wait.operation->fact.lock))
      rate(out, Confidence::Low, "the waiter is not seen to hold the lock either, which a condition may decide");
    keep(std::move(out), change.fact.location);
  }

  static void addSubject(Finding& finding, const std::string& subject) {
    finding.subjects.push_back(subject);
    std::sort(finding.subjects.begin(), finding.subjects.end());
    finding.subjects.erase(std::unique(finding.subjects.begin(), finding.subjects.end()), finding.subjects.end());
  }

  /// A signal with the change after it, and none later.
  void checkEarly(const SharedOperation& signal) {
    const SharedAccess* later = nullptr;
    for (const SharedAccess* change : changes_) {
      if (change->actor != signal.actor) continue;
      if (functionWhereFollows(tables_, change->fact, signal.fact) != FunctionIndex::None) return;
      if (functionWhereFollows(tables_, signal.fact, change->fact) != FunctionIndex::None) later = change;
    }
    if (!later || isBeforeThreads(*later)) return;
    for (const SharedOperation* other : uses_.signals) {
      if (other->actor == signal.actor && functionWhereFollows(tables_, later->fact, other->fact) != FunctionIndex::None)
        return;
    }
    const WaitUse& wait = *waitersOf_[later->fact.path].front();
    if (isProtected(signal.fact.held, wait.operation->fact.lock) || !meets(*later, wait)) return;
    const FunctionIndex where = functionWhereFollows(tables_, signal.fact, later->fact);
    if (comesRound(where, placeIn(tables_, signal.fact, where), placeIn(tables_, later->fact, where))) return;
    reportEarly(signal, *later, wait);
  }

  /// Whether the signal also comes after the change, in the next turn of a loop, or not before it on any way.
  bool comesRound(FunctionIndex where, Location signal, Location change) const {
    const FunctionView view = program_.view(where);
    const Ways ways(view);
    const auto s = ways.find(signal), c = ways.find(change);
    return !s || !c || ways.follows(*c, *s) || !ways.follows(*s, *c);
  }

  void reportEarly(const SharedOperation& signal, const SharedAccess& change, const WaitUse& wait) {
    const std::string state = nameOf(program_, change.fact.path);
    Finding out = findingAt(program_, kInfo.id, signal.fact, condition(), "signals " + quoted(condition()));
    addSubject(out, state);
    out.witness.front().name = actorName(program_, scope_, signal.actor);
    addPlace(program_, out, change.fact, "changes " + quoted(state), out.witness.front().name);
    addPlace(program_, out, wait.operation->fact, "tests " + quoted(state) + " and waits for " + quoted(condition()),
             actorName(program_, scope_, wait.operation->actor));
    out.message = functionOf(signal.fact) + " signals " + quoted(condition()) + " before it changes " + quoted(state) +
                  ": a waiter that wakes finds nothing new and sleeps on";
    out.fixHint = "Signal after the change.";
    rateScope(out, "no signal follows the change");
    keep(std::move(out), signal.fact.location);
  }

  /// One waiter is signalled, and there are waiters with different predicates at the same time.
  void checkKinds() {
    auto one = std::find_if(uses_.signals.begin(), uses_.signals.end(), [](const SharedOperation* signal) {
      return std::get_if<Notify>(signal->fact.facts)->whom == Notify::Whom::One;
    });
    if (one == uses_.signals.end()) return;
    for (const WaitUse* a : timeless_) {
      for (const WaitUse* b : timeless_) {
        if (!differ(*a, *b) || b->operation->fact.location < a->operation->fact.location) continue;
        if (!scope_.mayHappenInParallel(a->operation->fact, a->operation->actor, b->operation->fact,
                                        b->operation->actor, tables_))
          continue;
        if (areTwoOnly(*a, *b)) continue;
        return reportKinds(**one, *a, *b);
      }
    }
  }

  /// The two threads that wait are also the only ones to signal: who signals is awake, and the other is whom it wakes.
  bool areTwoOnly(const WaitUse& a, const WaitUse& b) const {
    const std::uint32_t one = a.operation->actor, other = b.operation->actor;
    auto isSingle = [&](std::uint32_t actor) {
      const Actor& who = scope_.actors[actor];
      return scope_.kind == Scope::Kind::Frame && !who.many && !who.thread.many;
    };
    return one != other && isSingle(one) && isSingle(other) &&
           std::all_of(uses_.signals.begin(), uses_.signals.end(), [&](const SharedOperation* signal) {
             return signal->actor == one || signal->actor == other;
           });
  }

  /// Whether what one waits for is not what the other does: by other words, or each for a value of its own.
  static bool differ(const WaitUse& a, const WaitUse& b) {
    if (a.facts->predicate.empty() || b.facts->predicate.empty()) return false;
    return a.facts->predicate != b.facts->predicate || a.facts->personal;
  }

  void reportKinds(const SharedOperation& signal, const WaitUse& a, const WaitUse& b) {
    Finding out = findingAt(program_, kInfo.id, signal.fact, condition(), "signals one waiter of " + quoted(condition()));
    out.witness.front().name = actorName(program_, scope_, signal.actor);
    for (const WaitUse* wait : {&a, &b})
      addPlace(program_, out, wait->operation->fact, "waits for " + quoted(condition()) + " until " + wait->facts->predicate,
               actorName(program_, scope_, wait->operation->actor));
    out.message = functionOf(signal.fact) + " wakes one waiter of " + quoted(condition()) + ", for which " +
                  functionOf(a.operation->fact) + " and " + functionOf(b.operation->fact) +
                  " wait with different predicates: the wrong one may get the signal";
    out.fixHint = "Signal all, or use one condition for each predicate.";
    rate(out, Confidence::Medium, "that both kinds wait at the same moment is assumed");
    keep(std::move(out), signal.fact.location);
  }

  /// One waiter is told what is news to all: state that no waiter changes back.
  void checkNews(const SharedOperation& signal) {
    if (std::get_if<Notify>(signal.fact.facts)->whom != Notify::Whom::One) return;
    const SharedAccess* news = nullptr;
    for (const SharedAccess* change : changes_) {
      if (change->actor != signal.actor || change->fact.operation) continue;
      if (functionWhereFollows(tables_, change->fact, signal.fact) == FunctionIndex::None) continue;
      if (isTakenBack(change->fact.path)) return;
      if (!isToldToAll(*change)) news = change;
    }
    if (!news || isBeforeThreads(*news)) return;
    for (const WaitUse* wait : waitersOf_[news->fact.path]) {
      if (!scope_.isMany(wait->operation->actor) || wait->operation->actor == signal.actor || passesOn(*wait)) continue;
      if (scope_.kind != Scope::Kind::Frame || !meets(*news, *wait)) continue;
      return reportNews(signal, *news, *wait);
    }
  }

  /// Whether a signal to all follows the change: what comes later is about something else.
  bool isToldToAll(const SharedAccess& change) const {
    return std::any_of(uses_.signals.begin(), uses_.signals.end(), [&](const SharedOperation* signal) {
      return signal->actor == change.actor &&
             std::get_if<Notify>(signal->fact.facts)->whom == Notify::Whom::All &&
             functionWhereFollows(tables_, change.fact, signal->fact) != FunctionIndex::None;
    });
  }
  /// Whether some waiter changes the state in turn: then it is meant for one.
  bool isTakenBack(PathId state) const {
    return std::any_of(changes_.begin(), changes_.end(), [&](const SharedAccess* change) {
      return change->fact.path == state && std::any_of(timeless_.begin(), timeless_.end(), [&](const WaitUse* wait) {
               return wait->operation->actor == change->actor;
             });
    });
  }
  /// Whether the waiter signals the next one.
  bool passesOn(const WaitUse& wait) const {
    return std::any_of(uses_.signals.begin(), uses_.signals.end(),
                       [&](const SharedOperation* signal) { return signal->actor == wait.operation->actor; });
  }

  void reportNews(const SharedOperation& signal, const SharedAccess& news, const WaitUse& wait) {
    const std::string state = nameOf(program_, news.fact.path);
    Finding out = findingAt(program_, kInfo.id, signal.fact, condition(), "signals one waiter of " + quoted(condition()));
    out.witness.front().name = actorName(program_, scope_, signal.actor);
    addPlace(program_, out, wait.operation->fact, "waits for " + quoted(condition()),
             actorName(program_, scope_, wait.operation->actor));
    out.message = functionOf(signal.fact) + " sets " + quoted(state) + " and wakes one waiter of " +
                  quoted(condition()) + ", for which several threads may wait in " +
                  functionOf(wait.operation->fact) + "; the others sleep on";
    out.fixHint = "Signal all waiters.";
    rate(out, Confidence::Medium, "the state is not changed back by those who wait, so it seems to concern all of them");
    keep(std::move(out), signal.fact.location);
  }

  const Program& program_;
  const Tables& tables_;
  const Scope& scope_;
  const ConditionUses& uses_;
  std::map<Location, Finding>& found_;
  std::vector<const WaitUse*> timeless_;
  std::map<PathId, std::vector<const WaitUse*>> waitersOf_;
  std::vector<const SharedAccess*> changes_;
};

std::vector<Finding> run(const Program& program) {
  std::map<Location, Finding> found;
  for (const Scope& scope : program.scopes()) {
    if (scope.kind == Scope::Kind::Library) continue;
    for (const ConditionUses& uses : conditionsOf(program, scope)) {
      if (!uses.waits.empty() && !uses.signals.empty()) Look(program, scope, uses, found).look();
    }
  }
  std::vector<Finding> all;
  for (auto& [location, finding] : found) all.push_back(std::move(finding));
  return all;
}

}  // namespace

extern const Check kLostWakeup;
const Check kLostWakeup = {.info = kInfo, .run = run};

}  // namespace deadheat
