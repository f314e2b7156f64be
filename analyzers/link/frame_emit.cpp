// What a frame does to memory and locks, collected once the states are known.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "analyzers/link/frame.h"

namespace deadheat {

namespace {

FactKey keyOf(const AccessFact& a, const Tables& tables) {
  auto pack = [](std::uint64_t high, std::uint64_t low) { return (high << 32) | low; };
  std::uint64_t flags = (static_cast<std::uint64_t>(a.kind) << 16) | (static_cast<std::uint64_t>(a.atomicity) << 12) |
                        (std::uint64_t{a.operation} << 1) | (std::uint64_t{a.frees} << 2) | a.thread << 24;
  return {pack(raw(a.path), tables.locksets.shape(a.held)), pack(raw(a.released), raw(a.joined)),
          pack(raw(a.acquired), raw(a.function)), a.live, flags};
}

FactKey keyOf(const AcquireFact& a, const Tables& tables) {
  auto pack = [](std::uint64_t high, std::uint64_t low) { return (high << 32) | low; };
  std::uint64_t flags = (static_cast<std::uint64_t>(a.mode) << 8) | (static_cast<std::uint64_t>(a.wait) << 4) |
                        (std::uint64_t{a.always} << 1) | a.thread << 24;
  return {pack(raw(a.lock), tables.locksets.shape(a.held)), pack(raw(a.released), a.group), pack(0, raw(a.function)),
          a.live, flags};
}

/// The shorter way there is the better witness; among equals the first in the source.
template <typename Fact>
bool better(const Fact& a, const Fact& b, const Tables& tables) {
  auto la = tables.traces.length(a.trace), lb = tables.traces.length(b.trace);
  return la != lb ? la < lb : a.location < b.location;
}

/// Smaller is kept longer when a summary is over its limit.
std::uint32_t expendability(const AccessFact& a, const Tables& tables) {
  std::uint32_t score = tables.traces.length(a.trace);
  if (a.thread == kSelf && a.live == 0) score += 8;
  if (!a.writes()) score += 4;
  if (a.atomicity == Atomicity::Atomic && a.writes()) return 0;  // What orders others.
  if (a.atomicity == Atomicity::Atomic) score += 16;
  if (a.guessed) score += 8;
  return score;
}

}  // namespace

void Frame::emit() {
  std::vector<LocksetId> waysOut;
  for (std::uint32_t b : order_) {
    if (!entry_[b].reached) continue;
    FlowState state = entry_[b];
    block_ = b;
    for (const Step& step : body_.blocks[b].steps) {
      emitStep(state, step);
      transfer(state, step);
    }
    const auto& next = body_.blocks[b].successors;
    if (std::find(next.begin(), next.end(), body_.exit) != next.end()) waysOut.push_back(state.held);
    if (b == body_.exit) {
      summary.heldAtExit = state.held;
      summary.releasedAtExit = state.released;
      summary.acquiredAtExit = state.acquired;
      summary.notifiedAtExit = state.notified;
      summary.liveAtExit = state.live;
      summary.straightAtExit = state.straight;
    }
  }
  findLeaks(waysOut);
}

/// A lock that this function takes and gives back by hand, but not on every way out.
void Frame::findLeaks(const std::vector<LocksetId>& waysOut) {
  for (LocksetId way : waysOut) {
    std::vector<HeldLock> held(tables_.locksets[way].begin(), tables_.locksets[way].end());
    for (const HeldLock& lock : held) {
      const HoldSite& since = tables_.holdSites[lock.since];
      const bool own = since.function == self_ && since.trace == TraceId::Here && lock.recursion != Recursion::Yes;
      if (!own || lock.hold == Hold::Passed || !isRelative(tables_.paths, lock.lock) || !givesBack(lock.lock)) continue;
      if (!tables_.locksets.find(summary.heldAtExit, lock.lock)) {
        summary.leaks = tables_.locksets.with(summary.leaks, lock);
      }
    }
  }
}

bool Frame::givesBack(PathId lock) const { return tables_.pathSets.contains(releases_, lock); }

/// A caller that never gives the lock back does not know that it may hold it.
void Frame::checkLeaked(LocksetId leaked, const AcquireFact& acquire) {
  const HeldLock* first = tables_.locksets.find(leaked, acquire.lock);
  if (!first || givesBack(acquire.lock) || acquire.wait != LockWait::Blocking) return;
  if (acquire.recursion == Recursion::Yes || tables_.paths.passes(acquire.lock, PathNode::Kind::Element)) return;
  DoubleLock found{acquire, *first, self_, true, false};
  doubleLocks.push_back(found);
}

void Frame::emitStep(const FlowState& state, const Step& step) {
  const EventKind& what = *step.what;
  if (const auto* access = std::get_if<Access>(&what)) {
    emitAccess(state, step, aliases_.environment.normalise(step.path), access);
  } else if (std::holds_alternative<Free>(what)) {
    emitAccess(state, step, aliases_.environment.normalise(step.path), nullptr);
  } else if (std::holds_alternative<Notify>(what)) {
    emitNotify(state, step);
  } else if (const auto* acquire = std::get_if<Acquire>(&what)) {
    emitAcquire(state, step, *acquire);
  } else if (step.call != Step::kNoCall) {
    noteOverlaps(state, step);
    emitPending(state, step, body_.calls[step.call]);
    for (Application& app : applications_[step.call]) emitApplication(state, step, app);
  }
}

void Frame::emitAccess(const FlowState& state, const Step& step, PathId path, const Access* access) {
  if (path == PathId::Unknown || isPrivate(state, path)) return;
  if (access && access->kind == AccessKind::Read && !context_.writes.mayChange(step.path)) return;
  AccessFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.path = path;
  fact.reclaims = !access && tables_.paths.storage(path) == Storage::This && tables_.paths.isRoot(path);
  fact.facts = access;
  fact.frees = access == nullptr;
  fact.kind = access ? access->kind : AccessKind::Write;
  fact.atomicity = access ? access->atomicity : Atomicity::Plain;
  fact.order = access ? access->order : MemoryOrder::NotAtomic;
  fact.operation = access && !access->operation.empty();
  keep(std::move(fact));
}

/// A signal counts as an atomic release of the condition, so that whoever waits for it is seen to follow.
void Frame::emitNotify(const FlowState& state, const Step& step) {
  AccessFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.path = aliases_.environment.normalise(step.path);
  fact.kind = AccessKind::Write;
  fact.atomicity = Atomicity::Atomic;
  fact.order = MemoryOrder::Release;
  fact.operation = true;
  keep(std::move(fact));
}

void Frame::emitAcquire(const FlowState& state, const Step& step, const Acquire& acquire) {
  AcquireFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.lock = aliases_.environment.normalise(step.path);
  fact.mode = acquire.mode;
  fact.wait = acquire.wait;
  fact.recursion = acquire.recursion;
  fact.group = acquire.group;
  fact.once = isOnceFlag(acquire.type);
  fact.always = isAlways(block_);
  fact.facts = &acquire;
  checkDouble(state.held, fact, LocksetId::Empty, PathSetId::Empty, true);
  checkLeaked(state.leaked, fact);
  keep(std::move(fact));
}

/// Reports `acquire` if its lock is among `held` and was neither taken nor given back on the way there.
void Frame::checkDouble(LocksetId held, const AcquireFact& acquire, LocksetId inside, PathSetId released,
                        bool certain) {
  if (acquire.wait != LockWait::Blocking || acquire.recursion == Recursion::Yes) return;
  const HeldLock* first = tables_.locksets.find(held, acquire.lock);
  if (!first || first->hold == Hold::Passed || first->recursion == Recursion::Yes) return;
  if (tables_.paths.storage(acquire.lock) == Storage::Opaque || tables_.locksets.find(inside, acquire.lock)) return;
  if (tables_.pathSets.contains(released, acquire.lock)) return;
  for (PathId p : tables_.paths.prefixes(acquire.lock)) {
    const PathNode& node = tables_.paths[p];
    if (node.kind == PathNode::Kind::Cut) return;
    if (node.kind == PathNode::Kind::Element && !tables_.paths.isConstantIndex(node.name)) return;
  }
  doubleLocks.push_back({acquire, *first, self_, false, certain});
}

/// A call whose target is this function's parameter, or a callable in memory that the caller may have set.
void Frame::emitPending(const FlowState& state, const Step& step, const CallSite& call) {
  if (call.kind != Callee::Kind::Indirect) return;
  LinkedValue target = aliases_.environment.normalise(call.target);
  if (target.function != FunctionIndex::None || target.path == PathId::Unknown) return;
  Storage storage = tables_.paths.storage(target.path);
  if (storage != Storage::Parameter && storage != Storage::This) return;
  PendingFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.target = target;
  Actuals actuals = actualsOf(call, aliases_.environment);
  fact.receiver = actuals.receiver;
  fact.arguments = actuals.arguments;
  fact.spawn = std::get_if<Spawn>(step.what);
  if (fact.spawn) {
    fact.started = started_[step.call];
    if (fact.started >= kMaxThreads) return;
  }
  keepPending(std::move(fact));
}

void Frame::keepPending(PendingFact fact) {
  auto& all = summary.pendings;
  bool known = std::any_of(all.begin(), all.end(), [&](const PendingFact& p) {
    return p.target == fact.target && p.spawn == fact.spawn && p.thread == fact.thread && p.held == fact.held &&
           p.location == fact.location;
  });
  if (!known && all.size() < kMaxPendings && tables_.traces.length(fact.trace) < 6) all.push_back(std::move(fact));
}

void Frame::emitApplication(const FlowState& state, const Step& step, Application& app) {
  const Moment here = momentOf(state, step);
  const PathId initialised = staticInitialised(app);
  LocksetId initialising = LocksetId::Empty;
  if (initialised != PathId::Unknown) {  // The language holds a lock of its own meanwhile.
    HeldLock lock;
    lock.lock = tables_.paths.field(initialised, Symbol::Empty, tables_.symbols.intern("$initialisation"));
    lock.once = true;
    lock.since = tables_.holdSites.intern({step.location, self_, TraceId::Here});
    initialising = tables_.locksets.intern({lock});
  }
  auto place = [&](const Moment& inner) {
    Moment m = composed(here, composed(app.base, mapped(app, inner)));
    m.trace = wrapped(app, inner.trace);
    if (m.thread == kSelf) m.held = locksBelow(m.held, initialising, PathSetId::Empty);
    return m;
  };
  auto lost = [&](const Moment& m) { return m.thread != kSelf && app.threads[m.thread] == kLostThread; };
  if (app.self == kLostThread) return;
  const bool reclaims = isDestructor(app.target) && !isDestructor(self_) && app.actuals.receiver &&
                        app.actuals.receiver->path != PathId::Unknown &&
                        tables_.paths.storage(app.actuals.receiver->path) == Storage::This &&
                        tables_.paths.isRoot(app.actuals.receiver->path);
  context_.called[raw(app.target)] = true;
  if (state.held == LocksetId::Empty) context_.calledBare[raw(app.target)] = true;
  for (const AccessFact& access : app.callee->accesses) {
    PathId path = app.names->path(access.path);
    if (path == PathId::Unknown || lost(access)) continue;
    AccessFact fact = access;
    fact.path = path;
    const bool own = access.thread == kSelf && app.self == kSelf;
    if (own && access.live == 0 && isPrivate(state, path)) continue;
    if (own && initialised != PathId::Unknown && tables_.paths.hasPrefix(path, initialised)) continue;
    static_cast<Moment&>(fact) = place(access);
    fact.guessed |= app.guessed;
    fact.reclaims |= reclaims;
    keep(std::move(fact));
  }
  for (const AcquireFact& acquire : app.callee->acquires) {
    if (lost(acquire)) continue;
    AcquireFact fact = acquire;
    fact.lock = app.names->lock(acquire.lock);
    fact.always = acquire.always && !app.deferred && applications_[step.call].size() == 1 && isAlways(block_);
    const Moment inner = composed(app.base, mapped(app, acquire));
    static_cast<Moment&>(fact) = place(acquire);
    if (inner.thread == kSelf && !app.guessed) {
      bool certain = acquire.always && applications_[step.call].size() == 1;
      checkDouble(state.held, fact, inner.held, inner.released, certain);
      checkLeaked(state.leaked, fact);
    }
    if (app.deferred && !app.guessed && inner.thread == app.base.thread) {
      const Moment own = mapped(app, acquire);
      checkDouble(app.base.held, fact, own.held, own.released, acquire.always);
    }
    keep(std::move(fact));
  }
  for (const PendingFact& pending : app.callee->pendings) {
    PendingFact fact = pending;
    fact.target = app.names->value(pending.target);
    if (fact.target.function != FunctionIndex::None || fact.target.path == PathId::Unknown || lost(pending)) continue;
    Storage storage = tables_.paths.storage(fact.target.path);
    if (storage != Storage::Parameter && storage != Storage::This) continue;
    if (fact.receiver) fact.receiver = app.names->value(*fact.receiver);
    for (LinkedValue& argument : fact.arguments) argument = app.names->value(argument);
    if (fact.spawn) {
      fact.started = app.threads[pending.started];
      if (fact.started == kLostThread) continue;
    }
    static_cast<Moment&>(fact) = place(pending);
    keepPending(std::move(fact));
  }
}

/// The static local that this call constructs, which the language does once and before anybody else gets to it.
PathId Frame::staticInitialised(const Application& app) const {
  if (context_.bodies[app.target].facts->kind != Function::Kind::Constructor || !app.actuals.receiver) {
    return PathId::Unknown;
  }
  const PathId object = app.actuals.receiver->path;
  if (object == PathId::Unknown || tables_.paths.storage(object) != Storage::Global) return PathId::Unknown;
  auto found = context_.bodies.globals.find(tables_.symbols.text(tables_.paths[tables_.paths[object].root].name));
  return found != context_.bodies.globals.end() && found->second->isStaticLocal ? object : PathId::Unknown;
}

bool Frame::isPrivate(const FlowState& state, PathId path) const {
  const PathNode& node = tables_.paths[path];
  PathId object = node.root;
  if (node.storage == Storage::Result) {
    std::vector<PathId> prefixes = tables_.paths.prefixes(path);
    const auto& fresh = aliases_.freshResults;
    if (prefixes.size() < 2 || tables_.paths[prefixes[1]].kind != PathNode::Kind::Deref) return false;
    if (std::find(fresh.begin(), fresh.end(), node.root) == fresh.end()) return false;
    object = prefixes[1];
  } else if (node.storage == Storage::Local) {
    // A local that becomes known by a shared pointer is nobody else's until then.
    auto known = std::find_if(aliases_.escapes.begin(), aliases_.escapes.end(),
                              [&](const auto& escape) { return tables_.paths.hasPrefix(path, escape.second); });
    if (known == aliases_.escapes.end()) return false;
    object = known->second;
  } else if (node.storage != Storage::Allocation) {
    return false;
  }
  return !tables_.pathSets.contains(state.published, object);
}

/// An object of this frame by the name that others know it by, if any.
PathId Frame::renamed(PathId path) {
  if (path == PathId::Unknown) return path;
  for (const auto& [cell, object] : aliases_.escapes) {
    if (tables_.paths.hasPrefix(path, object)) return tables_.paths.rebase(path, object, tables_.paths.deref(cell));
  }
  for (PathId object : aliases_.returned) {
    if (!tables_.paths.hasPrefix(path, object)) continue;
    PathId result = tables_.paths.root(Storage::Returned, FunctionIndex::None, Symbol::Empty, Symbol::Empty);
    return tables_.paths.rebase(path, object, result);
  }
  return path;
}

bool Frame::isDestructor(FunctionIndex f) const { return context_.bodies[f].facts->kind == Function::Kind::Destructor; }

void Frame::keep(AccessFact fact) {
  const PathId shared = renamed(fact.path);
  fact.own |= shared != fact.path;
  fact.path = shared;
  fact.ending |= isDestructor(self_) && tables_.paths.storage(shared) == Storage::This;
  const Storage storage = tables_.paths.storage(fact.path);
  if (storage == Storage::Unknown || storage == Storage::ThreadLocal || storage == Storage::Opaque) return;
  if (!isRelative(tables_.paths, fact.path) && threads_.empty()) return;
  if (tables_.paths.derefs(fact.path) > kMaxDerefs) return;
  auto [slot, fresh] = accessIndex_.try_emplace(keyOf(fact, tables_), accesses_.size());
  if (fresh) {
    accesses_.push_back(std::move(fact));
    return;
  }
  AccessFact& known = accesses_[slot->second];
  std::uint32_t places = known.places + (known.location == fact.location ? 0 : 1);
  const ThreadSet straight = known.straight | fact.straight;
  if (better(fact, known, tables_)) known = std::move(fact);
  known.places = places;
  known.straight = straight;
}

void Frame::keep(AcquireFact fact) {
  fact.lock = renamed(fact.lock);
  if (fact.lock == PathId::Unknown) return;
  auto [slot, fresh] = acquireIndex_.try_emplace(keyOf(fact, tables_), acquires_.size());
  if (fresh)
    acquires_.push_back(std::move(fact));
  else if (better(fact, acquires_[slot->second], tables_))
    acquires_[slot->second] = std::move(fact);
}

bool Frame::isAlways(std::uint32_t block) {
  auto [slot, fresh] = always_.try_emplace(block, false);
  if (!fresh) return slot->second;
  std::vector<bool> seen(body_.blocks.size(), false);
  std::vector<std::uint32_t> work;
  if (block != 0) work.push_back(0);
  while (!work.empty()) {
    std::uint32_t b = work.back();
    work.pop_back();
    if (seen[b] || b == block) continue;
    seen[b] = true;
    work.insert(work.end(), body_.blocks[b].successors.begin(), body_.blocks[b].successors.end());
  }
  return slot->second = !seen[body_.exit];
}

void Frame::limit() {
  if (accesses_.size() > kMaxAccesses) limitAccesses();
  if (acquires_.size() > kMaxAcquires) {
    std::sort(acquires_.begin(), acquires_.end(), [&](const AcquireFact& a, const AcquireFact& b) {
      auto key = [&](const AcquireFact& f) {
        return std::tuple(tables_.traces.length(f.trace), f.location, f.lock, f.thread, f.live, raw(f.held));
      };
      return key(a) < key(b);
    });
    dropped_.acquires += static_cast<std::uint32_t>(acquires_.size() - kMaxAcquires);
    acquires_.resize(kMaxAcquires);
  }
}

/// Drops the least useful: first those that say again what a few others do, with the same locks at the same memory.
void Frame::limitAccesses() {
  auto key = [&](const AccessFact& f) {
    return std::tuple(expendability(f, tables_), f.location, f.path, f.thread, f.live, raw(f.held), raw(f.trace));
  };
  std::sort(accesses_.begin(), accesses_.end(),
            [&](const AccessFact& a, const AccessFact& b) { return key(a) < key(b); });
  std::map<std::tuple<PathId, ThreadNumber, AccessKind, std::uint32_t>, int> seen;
  auto repeats = [&](const AccessFact& f) {
    return ++seen[{f.path, f.thread, f.kind, tables_.locksets.shape(f.held)}] > kMaxRepeats;
  };
  std::vector<AccessFact> kept, repeated;
  for (AccessFact& fact : accesses_) (repeats(fact) ? repeated : kept).push_back(std::move(fact));
  const std::size_t total = accesses_.size();
  kept.insert(kept.end(), std::make_move_iterator(repeated.begin()), std::make_move_iterator(repeated.end()));
  kept.resize(std::min(kept.size(), kMaxAccesses));
  accesses_ = std::move(kept);
  dropped_.accesses += static_cast<std::uint32_t>(total - accesses_.size());
}

std::vector<PathId> Frame::rootsMadeInLoops() const {
  std::vector<PathId> out;
  for (std::uint32_t b : order_) {
    if (!edgeJoins_->inLoop(b)) continue;
    for (const Step& step : body_.blocks[b].steps) {
      if (std::holds_alternative<Allocate>(*step.what)) out.push_back(step.path);
      if (step.call != Step::kNoCall && !body_.calls[step.call].spawn) out.push_back(body_.calls[step.call].result);
    }
  }
  return out;
}

/// Cuts the summary down to what callers can use.
void Frame::finish() {
  limit();
  if (keepAll || !threads_.empty()) facts = {accesses_, acquires_, threads_, rootsMadeInLoops()};
  for (const AccessFact& access : accesses_) {
    if (isRelative(tables_.paths, access.path)) summary.accesses.push_back(access);
  }
  summary.acquires = std::move(acquires_);
  summary.threads = threads_;
  for (ThreadFact& thread : summary.threads) {
    for (PathId& handle : thread.handles) handle = renamed(handle);
    std::erase_if(thread.handles, [&](PathId h) { return !isRelative(tables_.paths, h); });
  }
  std::vector<PathId> joins;
  for (PathId h : tables_.pathSets[summary.joins]) {
    if (tables_.paths.storage(h) == Storage::Opaque) joins.push_back(h);
    if (isRelative(tables_.paths, renamed(h))) joins.push_back(renamed(h));
  }
  summary.joins = tables_.pathSets.intern(std::move(joins));
  summary.dropped = dropped_;
  summary.done = true;
}

}  // namespace deadheat
