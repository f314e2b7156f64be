// Thread-safety attributes in a frame: what they say is believed on the way in and out of a function, and what breaks
// them is noted.
//
// An access or call that breaks a promise is the fault of the outermost function that could have held the lock: as long
// as callers can name the memory, they are asked first. So a helper that is only called with the lock held is fine
// without an attribute of its own.
#include <algorithm>
#include <set>

#include "analyzers/facts/any_lock.h"
#include "analyzers/link/frame.h"

namespace deadheat {
namespace {

enum class Holding : std::uint8_t { No, OnlyShared, Possibly, Yes };

bool isVague(const PathTable& paths, PathId lock) {
  return paths.storage(lock) == Storage::Result || paths.passes(lock, PathNode::Kind::Deref) ||
         paths.passes(lock, PathNode::Kind::Element);
}

/// Whether `lock`, or a lock inside it (of a class that wraps one), is among `held`.
Holding holding(const Tables& tables, LocksetId held, PathId lock, LockMode mode) {
  const PathTable& paths = tables.paths;
  Holding best = Holding::No;
  for (const HeldLock& each : tables.locksets[held]) {
    if (each.hold == Hold::Passed) continue;
    if (lock == PathId::Unknown || tables.symbols.text(paths[each.lock].name) == kAnyLock) return Holding::Yes;
    // An attribute that names the lock by a call, `guarded_by(mutexOf(x))`: each call has a result of its own.
    if (paths.storage(lock) == Storage::Result) best = Holding::Possibly;
    Holding here = Holding::No;
    const PathNode& a = paths[each.lock];
    const PathNode& b = paths[lock];
    if (paths.hasPrefix(each.lock, lock)) {
      here = mode == LockMode::Exclusive && each.hold == Hold::Shared ? Holding::OnlyShared : Holding::Yes;
    } else if (paths.storage(each.lock) == Storage::Opaque) {
      here = Holding::Possibly;
    } else if (a.kind == b.kind && a.name == b.name && a.record == b.record && a.kind == PathNode::Kind::Field &&
               (isVague(paths, each.lock) || isVague(paths, lock))) {
      here = Holding::Possibly;
    }
    best = std::max(best, here);
  }
  return best;
}

/// Whether what is said of the order of `from`, or of a lock that it leads to, names `to` or a lock that `to` is in.
bool leadsInOrder(const LockPromises& promises, PathTable& paths, PathId from, std::vector<PathId> LinkedOrder::* side,
                  PathId to) {
  std::set<PathId> seen{from};
  std::vector<PathId> open{from};
  while (!open.empty()) {
    PathId at = open.back();
    open.pop_back();
    for (; at != PathId::Unknown; at = paths[at].parent) {
      const LinkedOrder* order = promises.order(paths, at);
      if (!order) continue;
      for (PathId lock : order->*side) {
        const bool relative = paths.storage(lock) == Storage::This;
        if (relative && paths.isRoot(at)) continue;
        const PathId other = relative ? paths.rebase(lock, paths[lock].root, paths[at].parent) : lock;
        if (paths.hasPrefix(to, other)) return true;
        if (seen.insert(other).second) open.push_back(other);
      }
    }
  }
  return false;
}

}  // namespace

/// Locks that this function's attributes, or those of a function it just called, say are held.
void Frame::assume(FlowState& state, PathId lock, LockMode mode, Location location) {
  if (lock == PathId::Unknown || tables_.locksets.find(state.held, lock)) return;
  HeldLock held;
  held.lock = lock;
  held.hold = mode == LockMode::Shared ? Hold::Shared : Hold::Exclusive;
  held.recursion = Recursion::Unknown;
  held.assumed = true;
  held.since = tables_.holdSites.intern({location, self_, TraceId::Here});
  state.held = tables_.locksets.with(state.held, held);
}

void Frame::assumeRequired(FlowState& state) {
  for (const LinkedContract& contract : context_.promises.contracts(self_)) {
    if (contract.facts->kind == Contract::Kind::Requires)
      assume(state, aliases_.environment.normalise(contract.lock), contract.facts->mode, body_.location);
  }
}

void Frame::assumeAsserted(FlowState& state, const Step& step, Application& app) {
  for (const LinkedContract& contract : context_.promises.contracts(app.target)) {
    if (contract.facts->kind == Contract::Kind::Asserts)
      assume(state, app.names->path(contract.lock), contract.facts->mode, step.location);
  }
}

/// What the attributes say of the way out, where the body does not show it: it may be made of things that are no locks
/// to anybody else.
void Frame::promiseEffects() {
  auto isInside = [&](PathId lock, PathId whole) { return tables_.paths.hasPrefix(lock, whole); };
  for (const LinkedContract& contract : context_.promises.contracts(self_)) {
    const PathId lock = aliases_.environment.normalise(contract.lock);
    if (lock == PathId::Unknown || !isRelative(tables_.paths, lock)) continue;
    if (contract.facts->kind == Contract::Kind::Acquires) {
      const auto held = tables_.locksets[summary.heldAtExit];
      if (std::any_of(held.begin(), held.end(), [&](const HeldLock& h) { return isInside(h.lock, lock); })) continue;
      HeldLock taken;
      taken.lock = lock;
      taken.hold = contract.facts->mode == LockMode::Shared ? Hold::Shared : Hold::Exclusive;
      taken.recursion = Recursion::Unknown;
      taken.since = tables_.holdSites.intern({body_.location, self_, TraceId::Here});
      for (LocksetId* held : {&summary.heldAtExit, &summary.heldIfTrue, &summary.heldIfFalse})
        *held = tables_.locksets.with(*held, taken);
    } else if (contract.facts->kind == Contract::Kind::Releases) {
      const auto given = tables_.pathSets[summary.releasedAtExit];
      if (std::any_of(given.begin(), given.end(), [&](PathId p) { return isInside(p, lock); })) continue;
      for (PathSetId* released : {&summary.releasedAtExit, &summary.releasedIfTrue, &summary.releasedIfFalse})
        *released = tables_.pathSets.with(*released, lock);
    }
  }
}

/// The contracts of a callee that the locks held at the call do not settle.
void Frame::emitContracts(const FlowState& state, const Step& step, Application& app) {
  if (app.spawn || app.deferred || app.guessed) return;
  for (const LinkedContract& contract : context_.promises.contracts(app.target)) {
    const bool excludes = contract.facts->kind == Contract::Kind::Excludes;
    if (!excludes && contract.facts->kind != Contract::Kind::Requires) continue;
    OperationFact fact;
    static_cast<Moment&>(fact) = momentOf(state, step);
    fact.kind = excludes ? OperationFact::Kind::Exclude : OperationFact::Kind::Require;
    fact.object = app.names->path(contract.lock);
    fact.callee = app.target;
    fact.mode = contract.facts->mode;
    fact.facts = step.what;
    if (fact.object == PathId::Unknown || isPrivate(state, fact.object) || isOwnOnly(fact.object)) continue;
    // A callee that takes the lock itself is a double lock when it is held.
    if (!excludes || !takesItself(app, fact.object)) keepContract(std::move(fact));
  }
}

bool Frame::takesItself(Application& app, PathId lock) {
  bool takes = false;
  auto look = [&](const AcquireFact& a) {
    takes |= a.thread == kSelf && a.wait == LockWait::Blocking && a.recursion != Recursion::Yes &&
             tables_.paths.hasPrefix(app.names->lock(a.lock), lock);
  };
  for (const AcquireFact& acquire : app.callee->acquires) look(acquire);
  if (!takes && app.callee->common.acquires)
    CommonWalk(context_.summaries, context_.common, tables_, app.target)
        .acquires([&](const AcquireFact& acquire, std::uint32_t) { look(acquire); });
  return takes;
}

/// Keeps the fact for callers, notes it as broken, or forgets it, as the locks held by now say.
void Frame::keepContract(OperationFact fact) {
  if (fact.object == PathId::Unknown || context_.promises.isUnchecked(fact.function)) return;
  const bool excludes = fact.kind == OperationFact::Kind::Exclude;
  const Holding held = holding(tables_, fact.held, fact.object, excludes ? LockMode::Shared : fact.mode);
  if (!excludes && held >= Holding::Possibly) return;
  if (excludes && held == Holding::Yes && !tables_.locksets.find(fact.held, fact.object)->assumed) {
    note(BrokenPromise::Kind::Excludes, fact, fact.object, fact.object, false).callee = fact.callee;
    return;
  }
  if (isRelative(tables_.paths, renamed(fact.object))) return keep(std::move(fact));
  if (!excludes) checkRequired(fact);
}

void Frame::checkRequired(const OperationFact& fact) {
  const Holding held = holding(tables_, fact.held, fact.object, fact.mode);
  if (held >= Holding::Possibly || fact.kind != OperationFact::Kind::Require) return;
  BrokenPromise& broken = note(BrokenPromise::Kind::Requires, fact, fact.object, fact.object, fact.guessed);
  broken.callee = fact.callee;
  broken.mode = fact.mode;
  broken.onlyShared = held == Holding::OnlyShared;
}

BrokenPromise& Frame::note(BrokenPromise::Kind kind, const Moment& moment, PathId subject, PathId lock, bool guessed) {
  BrokenFact& fact = brokenPromises.emplace_back();
  static_cast<Moment&>(fact) = moment;
  fact.promise.kind = kind;
  fact.promise.subject = subject;
  fact.promise.lock = lock;
  fact.promise.guessed = guessed;
  fact.promise.frame = self_;
  return fact.promise;
}

/// The variable on the way to `path` that a guard speaks of, and that guard's lock; calls `visit` for each.
void Frame::forEachGuard(PathId path, llvm::function_ref<void(PathId variable, const LinkedGuard&, PathId lock)> visit) {
  PathTable& paths = tables_.paths;
  int derefs = 0;
  bool direct = true;  // No field between the variable and the first dereference after it.
  for (PathId at = path; at != PathId::Unknown; at = paths[at].parent) {
    for (const LinkedGuard& guard : context_.promises.guards(paths, at)) {
      if (guard.of == Guard::Of::Value ? derefs > 0 : derefs != 1 || !direct) continue;
      const PathId root = paths[guard.lock].root;
      const PathId object = paths.isRoot(at) ? PathId::Unknown : paths[at].parent;
      PathId lock = guard.lock;
      if (paths.storage(guard.lock) == Storage::This) {
        if (object == PathId::Unknown) continue;
        lock = paths.rebase(guard.lock, root, object);
      }
      visit(at, guard, aliases_.environment.normalise(lock));
    }
    if (paths[at].kind == PathNode::Kind::Deref) {
      ++derefs;
      direct = true;
    } else {
      direct &= derefs == 0 || paths[at].kind == PathNode::Kind::Root;
    }
  }
}

bool Frame::isGuarded(PathId path) {
  if (!context_.promises.anyGuards()) return false;
  for (PathId at = path; at != PathId::Unknown; at = tables_.paths[at].parent)
    if (!context_.promises.guards(tables_.paths, at).empty()) return true;
  return false;
}

/// An object of this function that it shows to no thread.
bool Frame::isOwnOnly(PathId path) const {
  const Storage storage = tables_.paths.storage(path);
  if (storage != Storage::Local && storage != Storage::Allocation) return false;
  return threads_.empty() &&
         std::none_of(aliases_.escapes.begin(), aliases_.escapes.end(),
                      [&](const auto& escape) { return tables_.paths.hasPrefix(path, escape.second); });
}

/// Notes the guards of `access` that are not held, if no caller can be asked any more.
void Frame::checkGuards(const AccessFact& access) {
  if (access.atomicity == Atomicity::Atomic || access.ending || access.beginning || access.reclaims) return;
  if (context_.promises.isUnchecked(access.function)) return;
  const LockMode mode = access.writes() ? LockMode::Exclusive : LockMode::Shared;
  forEachGuard(access.path, [&](PathId variable, const LinkedGuard& guard, PathId lock) {
    const Holding held = holding(tables_, access.held, lock, mode);
    if (held >= Holding::Possibly) return;
    const bool ofValue = guard.of == Guard::Of::Value;
    BrokenPromise& broken = note(ofValue ? BrokenPromise::Kind::Value : BrokenPromise::Kind::Pointee, access, variable,
                                 lock, access.guessed);
    broken.writes = access.writes();
    broken.mode = mode;
    broken.onlyShared = held == Holding::OnlyShared;
  });
}

/// Notes locks that are taken in another order than promised.
void Frame::checkOrder(const AcquireFact& acquire) {
  if (!context_.promises.anyOrders() || acquire.thread != kSelf || acquire.wait != LockWait::Blocking) return;
  using Side = std::vector<PathId> LinkedOrder::*;
  for (const HeldLock& held : std::vector<HeldLock>(tables_.locksets[acquire.held].begin(),
                                                    tables_.locksets[acquire.held].end())) {
    if (held.hold == Hold::Passed) continue;
    const auto leads = [&](PathId from, Side side, PathId to) {
      return leadsInOrder(context_.promises, tables_.paths, from, side, to);
    };
    const bool broken = leads(acquire.lock, &LinkedOrder::before, held.lock) ||
                        leads(held.lock, &LinkedOrder::after, acquire.lock);
    if (broken) note(BrokenPromise::Kind::Order, acquire, acquire.lock, held.lock, false);
  }
}

/// What callers were to be asked about, of a function that nobody calls.
void Frame::checkPromises(const std::vector<AccessFact>& accesses, const Summary& own) {
  for (const AccessFact& access : accesses) checkGuards(access);
  for (const OperationFact& operation : own.operations) checkRequired(operation);
}

}  // namespace deadheat
