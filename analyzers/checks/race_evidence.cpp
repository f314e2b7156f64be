// Races without known threads: a class or library that takes locks says by that how it expects to be called.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/doubts.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/view_queries.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// Functions that people call before an object is shared.
bool preparesObject(llvm::StringRef qualified) {
  llvm::StringRef name = qualified.rsplit("::").second;
  if (name.empty()) name = qualified;
  for (llvm::StringRef prefix : {"init", "open", "start", "setup", "set_up", "configure", "recover", "create", "load",
                                 "prepare", "register", "build", "reset", "close", "shutdown", "destroy", "stop"}) {
    if (name.starts_with_insensitive(prefix)) return true;
  }
  for (llvm::StringRef suffix : {"init", "cleanup", "destroy", "shutdown", "teardown", "setup", "fini", "deinit"}) {
    if (name.ends_with_insensitive(suffix)) return true;
  }
  return false;
}

/// How many ways to one place are looked at; the rest differ only in who calls.
constexpr std::size_t kMaxWaysToAPlace = 3;

/// Who touches one variable, and with which locks.
struct Usage {
  std::vector<const SharedAccess*> accesses;
  std::map<std::tuple<Location, LocksetId, AccessKind>, std::size_t> ways;
  std::set<FunctionIndex> guarded, bare;
  bool guardedWrite = false;
  bool passedIn = false;  ///< Some guard is handed in by callers.

  bool mostlyGuarded() const { return guarded.size() >= 2 && guarded.size() >= 2 * bare.size(); }
};

class Evidence {
 public:
  Evidence(const Program& program, const Scope& scope, const std::set<std::string>& known)
      : program_(program), scope_(scope), known_(known), doubts_(program, scope) {
    for (const LockAcquisition& taken : scope.acquisitions) {
      if (tables().pathSets.contains(taken.fact.released, taken.fact.lock)) lent_.insert(taken.fact.lock);
    }
  }

  std::vector<RacePair> find() {
    std::map<std::vector<std::uint32_t>, Usage> usages;
    for (const SharedAccess& access : scope_.accesses) {
      if (isData(program_, access.fact.path)) note(usages[shapeOf(paths(), access.fact.path)], access);
    }
    for (const auto& [shape, usage] : usages) compare(usage);
    return std::move(pairs_);
  }

 private:
  const Tables& tables() const { return program_.tables(); }
  const PathTable& paths() const { return tables().paths; }

  /// A lock that belongs to the object or to the program, rather than to whoever passed it in.
  /// One that is given back and retaken is held by callers: they, not this class, know when.
  bool isGuard(const HeldLock& lock) const {
    Storage s = paths().storage(lock.lock);
    if (lent_.contains(lock.lock) && s != Storage::This) return false;
    return lock.hold != Hold::Passed && (s == Storage::This || s == Storage::Global || s == Storage::Parameter);
  }
  bool isRunOnce(const AccessFact& fact) const {
    const auto held = tables().locksets[fact.held];
    return std::any_of(held.begin(), held.end(), [](const HeldLock& l) { return l.once && l.hold != Hold::Passed; });
  }
  bool isGuarded(const AccessFact& fact) const {
    const auto held = tables().locksets[fact.held];
    return std::any_of(held.begin(), held.end(), [&](const HeldLock& l) { return isGuard(l); });
  }

  void note(Usage& usage, const SharedAccess& access) {
    const bool caller = scope_.actors[access.actor].kind == Actor::Kind::AnyCaller;
    const bool onArgument = scope_.actors[access.actor].onArgument;
    if (caller && !onArgument && program_.function(access.fact.function).kind == Function::Kind::Constructor) return;
    std::size_t& ways = usage.ways[{access.fact.location, access.fact.held, access.fact.kind}];
    if (++ways > kMaxWaysToAPlace) return;
    usage.accesses.push_back(&access);
    if (access.fact.atomicity == Atomicity::Atomic) return;
    const bool guarded = isGuarded(access.fact);
    const auto held = tables().locksets[access.fact.held];
    usage.passedIn |= std::any_of(held.begin(), held.end(), [&](const HeldLock& l) {
      return paths().storage(l.lock) == Storage::Parameter;
    });
    (guarded ? usage.guarded : usage.bare).insert(access.fact.function);
    usage.guardedWrite |= guarded && access.fact.writes();
  }

  void compare(const Usage& usage) {
    const bool written =
        std::any_of(usage.accesses.begin(), usage.accesses.end(), [](const auto* a) { return a->fact.writes(); });
    if (usage.accesses.empty() || !written || known_.contains(program_.shortText(usage.accesses.front()->fact.path)))
      return;
    for (std::size_t i = 0; i < usage.accesses.size(); ++i) {
      for (std::size_t j = i; j < usage.accesses.size(); ++j) consider(usage, *usage.accesses[i], *usage.accesses[j]);
    }
  }

  void consider(const Usage& usage, const SharedAccess& a, const SharedAccess& b) {
    const AccessFact& x = a.fact;
    const AccessFact& y = b.fact;
    if (!x.writes() && !y.writes()) return;
    if (x.atomicity == Atomicity::Atomic && y.atomicity == Atomicity::Atomic) return;
    Overlap over = overlap(program_, x, y);
    if (over == Overlap::None || !scope_.mayHappenInParallel(a, b, tables())) return;
    const Protection protects = protection(tables(), x, y);
    if (protects == Protection::Sure) return;
    RacePair pair{&scope_, &a, &b, Confidence::High, ""};
    if (!x.writes() || (y.writes() && y.location < x.location)) std::swap(pair.a, pair.b);
    if (!rate(usage, pair)) return;
    doubts_.weigh(pair, over, protects);
    pairs_.push_back(std::move(pair));
  }

  static void set(RacePair& pair, Confidence confidence, std::string reason) {
    pair.confidence = confidence;
    pair.reason = std::move(reason);
  }

  /// False if nothing speaks for the pair being run in parallel.
  bool rate(const Usage& usage, RacePair& pair) const {
    const bool threadA = scope_.actors[pair.a->actor].kind == Actor::Kind::Thread;
    const bool threadB = scope_.actors[pair.b->actor].kind == Actor::Kind::Thread;
    if (threadA || threadB)
      rateThread(usage, pair, threadA && threadB);
    else if (usage.guarded.empty())
      return false;
    else
      rateCallers(usage, pair);
    if (pair.confidence == Confidence::High && paths().passes(pair.a->fact.path, PathNode::Kind::Deref)) {
      set(pair, Confidence::Medium, pair.reason + ", and both accesses are taken to reach the same object");
    }
    return true;
  }

  void rateThread(const Usage& usage, RacePair& pair, bool both) const {
    const Actor& x = scope_.actors[pair.a->actor];
    const Actor& y = scope_.actors[pair.b->actor];
    const Actor& thread = x.kind == Actor::Kind::Thread ? x : y;
    const Actor& caller = x.kind == Actor::Kind::Thread ? y : x;
    const std::string kept = "the object keeps the thread '" + program_.functionName(thread.entry) + "'";
    const bool fromConstructor =
        thread.starter != FunctionIndex::None && program_.function(thread.starter).kind == Function::Kind::Constructor;
    if (both || fromConstructor || caller.entry == thread.starter || joins(caller.entry, thread)) {
      set(pair, Confidence::High, kept + " while its methods run");
    } else if (isSetting(usage, pair)) {
      set(pair, Confidence::Low, kept + ", but the other method only sets something, as one does before the start");
    } else if (preparesObject(program_.functionName(caller.entry)) && usage.guarded.empty()) {
      set(pair, Confidence::Low, kept + ", but the other side looks like preparation");
    } else {
      set(pair, Confidence::Medium, kept + ", and the other method is assumed to be called while it runs");
    }
  }

  /// One side is a method that does no more than keep what it is given, for all others to read: people set up an object
  /// that way before they share it. A loop that turns on what was set is another matter.
  bool isSetting(const Usage& usage, const RacePair& pair) const {
    if (scope_.kind != Scope::Kind::Class || usage.guardedWrite) return false;
    return (sets(*pair.a) && !turnsLoop(program_, pair.b->fact)) || (sets(*pair.b) && !turnsLoop(program_, pair.a->fact));
  }

  bool sets(const SharedAccess& access) const {
    const Actor& caller = scope_.actors[access.actor];
    const AccessFact& write = access.fact;
    if (caller.kind != Actor::Kind::AnyCaller || write.function != caller.entry || !write.writes()) return false;
    const Summary& method = program_.summary(caller.entry);
    return !program_.function(caller.entry).parameters.empty() && !method.hasAcquires() && !method.hasOperations();
  }

  bool joins(FunctionIndex method, const Actor& thread) const {
    if (method == FunctionIndex::None) return false;
    for (PathId joined : tables().pathSets[program_.summary(method).joins]) {
      const auto& handles = thread.thread.handles;
      if (std::find(handles.begin(), handles.end(), joined) != handles.end()) return true;
    }
    return false;
  }

  /// The entry, or with no lock held a method of the object on the way from there, says that it prepares.
  bool prepareOnTheWay(const SharedAccess& access) const {
    if (preparesObject(program_.functionName(scope_.actors[access.actor].entry))) return true;
    if (isGuarded(access.fact) || scope_.kind != Scope::Kind::Class) return false;
    for (TraceId t = access.fact.trace; t != TraceId::Here; t = tables().traces[t].rest) {
      const FunctionIndex callee = tables().traces[t].callee;
      if (callee != FunctionIndex::None && program_.function(callee).kind == Function::Kind::Method &&
          preparesObject(program_.functionName(callee)))
        return true;
    }
    return false;
  }

  bool isUnchecked(const AccessFact& fact) const { return program_.function(fact.function).contracts.unchecked; }

  /// Only one side holds locks, and they are all taken in other files than it is in: for something else that happens to
  /// come by here.
  bool isTakenElsewhere(const AccessFact& x, const AccessFact& y) const {
    if (scope_.kind != Scope::Kind::Library) return false;
    const AccessFact& locked = isGuarded(x) ? x : y;
    const std::uint32_t here = locked.location.file;
    if (isGuarded(x) == isGuarded(y)) return false;
    const auto held = tables().locksets[locked.held];
    return std::none_of(held.begin(), held.end(), [&](const HeldLock& lock) {
      return isGuard(lock) && tables().holdSites[lock.since].location.file == here;
    });
  }

  /// The lock is a member beside the data, and nearly everybody holds it.
  bool isRule(const Usage& usage, const AccessFact& x, const AccessFact& y) const {
    if (usage.guarded.size() < 3 * usage.bare.size()) return false;
    if (scope_.kind != Scope::Kind::Class) return true;
    const PathTable& paths = tables().paths;
    const auto held = tables().locksets[isGuarded(x) ? x.held : y.held];
    return std::any_of(held.begin(), held.end(), [&](const HeldLock& lock) {
      return isGuard(lock) && paths.storage(lock.lock) == Storage::This && !paths.passes(lock.lock, PathNode::Kind::Deref);
    });
  }

  void rateCallers(const Usage& usage, RacePair& pair) const {
    const std::size_t all = usage.guarded.size() + usage.bare.size();
    const std::string count = "a lock is held in " + std::to_string(usage.guarded.size()) + " of " +
                              std::to_string(all) + " functions that touch it";
    const std::string assumed = scope_.kind == Scope::Kind::Class
                                    ? "; the public methods are assumed to be called from several threads"
                                    : "; the functions are assumed to be called from several threads";
    const bool prepares = prepareOnTheWay(*pair.a) || prepareOnTheWay(*pair.b);
    const AccessFact& x = pair.a->fact;
    const AccessFact& y = pair.b->fact;
    // A write that is worth a lock beside an access without one speaks for itself; a lock at a read alone says less.
    const bool writeBesideBare =
        (isGuarded(x) && x.writes() && !isGuarded(y)) || (isGuarded(y) && y.writes() && !isGuarded(x));
    const bool seldomPassedIn = usage.passedIn && usage.guarded.size() < usage.bare.size();
    // One who locks among many who do not is no rule; free functions share less of a purpose than methods do.
    const bool seldom = usage.guarded.size() * (scope_.kind == Scope::Kind::Class ? 3 : 2) < all;
    const bool once = isRunOnce(x) || isRunOnce(y);
    if (once)
      set(pair, Confidence::Low, count + ", but one side runs once, and others may wait for that");
    else if (prepares)
      set(pair, Confidence::Low, count + ", but one side looks like preparation or shutdown");
    else if (isSetting(usage, pair))
      set(pair, Confidence::Low, count + ", but one side only sets something, as one does before an object is shared");
    else if (isUnchecked(x) || isUnchecked(y))
      set(pair, Confidence::Low, count + ", but an attribute says that one side is not to be checked");
    else if (!usage.mostlyGuarded() && (!writeBesideBare || seldomPassedIn || seldom || isTakenElsewhere(x, y)))
      set(pair, Confidence::Low, count + assumed);
    else if (usage.mostlyGuarded() && usage.guardedWrite && !usage.passedIn && isRule(usage, x, y))
      set(pair, Confidence::High, count + assumed);
    else
      set(pair, Confidence::Medium, count + assumed);
  }

  const Program& program_;
  const Scope& scope_;
  const std::set<std::string>& known_;
  const Doubts doubts_;
  std::set<PathId> lent_;
  std::vector<RacePair> pairs_;
};

}  // namespace

std::vector<RacePair> pairsByEvidence(const Program& program, const Scope& scope, const std::set<std::string>& known) {
  return Evidence(program, scope, known).find();
}

}  // namespace deadheat
