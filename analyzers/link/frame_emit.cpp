// What a frame does to memory and locks, collected once the states are known.
#include <algorithm>

#include "analyzers/link/frame.h"

namespace deadheat {

void Frame::emit() {
  std::vector<LocksetId> waysOut;
  for (std::uint32_t b : order_) {
    block_ = b;
    // A way that needs no lock, because of a condition under which another way takes it, is not told apart from that.
    Ways ways = guarded(entry_[b], tables_);
    for (const Step& step : body_.blocks[b].steps) {
      for (const Way& way : ways) emitStep(way.state, step);
      advance(ways, step);
      if (endsBlock(step)) ways.clear();
    }
    const auto& next = body_.blocks[b].successors;
    const auto out = std::find(next.begin(), next.end(), body_.exit);
    if (out != next.end()) {
      const Decisions decisions = decisionsOf(b);
      for (Way& way : ways)
        if (follows(way, decisions, static_cast<std::size_t>(out - next.begin()))) waysOut.push_back(way.state.held);
    }
    if (b != body_.exit || entry_[b].empty()) continue;
    Ways leaving = entry_[b];
    for (const Step& step : body_.blocks[b].steps) advance(leaving, step);
    summariseExit(leaving);
  }
  summary.returns = body_.blocks.empty() || !entry_[body_.exit].empty();
  promiseEffects();
  findLeaks(waysOut);
}

/// Without the locks that callers held all along.
LocksetId Frame::takenHere(LocksetId held) {
  std::vector<HeldLock> locks(tables_.locksets[held].begin(), tables_.locksets[held].end());
  std::erase_if(locks, [](const HeldLock& lock) { return lock.assumed; });
  return tables_.locksets.intern(std::move(locks));
}

/// A lock that this function takes and gives back by hand, but not on every way out.
void Frame::findLeaks(const std::vector<LocksetId>& waysOut) {
  for (LocksetId way : waysOut) {
    std::vector<HeldLock> held(tables_.locksets[way].begin(), tables_.locksets[way].end());
    for (const HeldLock& lock : held) {
      const HoldSite& since = tables_.holdSites[lock.since];
      const bool own = !lock.assumed && since.function == self_ && since.trace == TraceId::Here && lock.recursion != Recursion::Yes;
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
    emitMeeting(state, step, step.path, AccessKind::Write);
    emitOperation(state, step, OperationFact::Kind::Notify);
  } else if (std::holds_alternative<Wait>(what)) {
    emitMeeting(state, step, step.path, AccessKind::Read);
    emitOperation(state, step, OperationFact::Kind::Wait);
  } else if (std::holds_alternative<Block>(what)) {
    const PathId channel = channelOf(step);
    const bool releases = isBarrier(what) || isOutput(step);
    emitMeeting(state, step, channel == PathId::Unknown ? step.path : channel,
                releases ? AccessKind::Write : AccessKind::Read);
    emitOperation(state, step, OperationFact::Kind::Block);
  } else if (const auto* joined = std::get_if<Join>(&what)) {
    if (joined->by == Join::By::NotStarted) return;
    emitMeeting(state, step, promisedBy(step), AccessKind::Read);
    if (joined->by != Join::By::Await) emitOperation(state, step, OperationFact::Kind::Join);
  } else if (std::holds_alternative<Detach>(what)) {
    emitOperation(state, step, OperationFact::Kind::Detach);
  } else if (const auto* lifetime = std::get_if<Lifetime>(&what)) {
    if (lifetime->phase == Lifetime::Phase::Ends) emitOperation(state, step, OperationFact::Kind::End);
  } else if (std::holds_alternative<Awaited>(what)) {
    emitOperation(state, step, OperationFact::Kind::Awaited);
  } else if (const auto* suspend = std::get_if<Suspend>(&what)) {
    if (suspend->kind == Suspend::Kind::Switch) emitOperation(state, step, OperationFact::Kind::Switch);
  } else if (std::holds_alternative<Resume>(what)) {
    emitOperation(state, step, OperationFact::Kind::Resume);
  } else if (const auto* library = std::get_if<LibraryCall>(&what)) {
    if (!library->states.empty()) emitOperation(state, step, OperationFact::Kind::LibraryCall);
  } else if (const auto* acquire = std::get_if<Acquire>(&what)) {
    emitAcquire(state, step, *acquire);
  } else if (step.call != Step::kNoCall) {
    noteOverlaps(state, step);
    emitCallback(state, step, body_.calls[step.call]);
    emitPending(state, step, body_.calls[step.call]);
    for (Application& app : applications_[step.call]) emitApplication(state, step, app);
  }
}

void Frame::emitAccess(const FlowState& state, const Step& step, PathId path, const Access* access) {
  if (path == PathId::Unknown || context_.writes.leadsNowhere(path)) return;
  if (access && unlocksByHand(state, step, *access)) return;
  if (isPrivate(state, path) && !isReachedFromRegion(tables_.paths[path].root, body_.contexts[step.region])) return;
  if (access && access->kind == AccessKind::Read && !context_.writes.mayChange(step.path) && !isGuarded(path)) return;
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

/// A signal counts as an atomic release of the condition, and waiting for it as an acquiring read: so who waits is seen to
/// follow, and the object to be shared.
void Frame::emitMeeting(const FlowState& state, const Step& step, PathId object, AccessKind kind) {
  if (object == PathId::Unknown) return;
  AccessFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.path = aliases_.environment.normalise(object);
  if (fact.path == PathId::Unknown) return;
  fact.kind = kind;
  fact.atomicity = Atomicity::Atomic;
  fact.order = kind == AccessKind::Write ? MemoryOrder::Release : MemoryOrder::Acquire;
  fact.operation = true;
  keep(std::move(fact));
}

void Frame::emitOperation(const FlowState& state, const Step& step, OperationFact::Kind kind) {
  OperationFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.kind = kind;
  fact.object = aliases_.environment.normalise(step.path);
  // A wait for a result also has the state that its promise shares.
  fact.lock = kind == OperationFact::Kind::Join ? promisedBy(step) : lockAt(state, step.second);
  fact.facts = step.what;
  keep(std::move(fact));
}

/// A call of whatever some pointer or callable object holds.
void Frame::emitCallback(const FlowState& state, const Step& step, const CallSite& call) {
  if (call.kind != Callee::Kind::Indirect || call.spawn) return;
  OperationFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.kind = OperationFact::Kind::Callback;
  fact.object = aliases_.environment.normalise(call.target).path;
  fact.resolved = !applications_[step.call].empty();
  fact.facts = step.what;
  keep(std::move(fact));
}

void Frame::emitAcquire(const FlowState& state, const Step& step, const Acquire& acquire) {
  AcquireFact fact;
  static_cast<Moment&>(fact) = momentOf(state, step);
  fact.lock = lockAt(state, step.path);
  fact.mode = acquire.mode;
  fact.wait = acquire.wait;
  fact.recursion = acquire.recursion;
  fact.group = acquire.group;
  fact.once = isOnceFlag(acquire.type);
  fact.always = isAlways(block_);
  fact.facts = &acquire;
  checkDouble(state.held, fact, LocksetId::Empty, PathSetId::Empty, true);
  checkLeaked(state.leaked, fact);
  checkOrder(fact);
  keep(std::move(fact));
}

/// Reports `acquire` if its lock is among `held` and was neither taken nor given back on the way there.
void Frame::checkDouble(LocksetId held, const AcquireFact& acquire, LocksetId inside, PathSetId released,
                        bool certain) {
  // A standard lock may not even be tried by the thread that holds it.
  const bool forbidden = acquire.wait == LockWait::Blocking || (acquire.facts && acquire.facts->type.starts_with("std::"));
  if (!forbidden || acquire.recursion == Recursion::Yes) return;
  const HeldLock* first = tables_.locksets.find(held, acquire.lock);
  if (!first || first->hold == Hold::Passed || first->recursion == Recursion::Yes) return;
  if (tables_.paths.storage(acquire.lock) == Storage::Opaque || tables_.locksets.find(inside, acquire.lock)) return;
  if (tables_.pathSets.contains(released, acquire.lock)) return;
  for (PathId p : tables_.paths.prefixes(acquire.lock)) {
    const PathNode& node = tables_.paths[p];
    if (node.kind == PathNode::Kind::Cut) return;
    if (node.kind == PathNode::Kind::Element && !tables_.paths.isConstantIndex(node.name)) return;
  }
  const bool known = std::any_of(doubleLocks.begin(), doubleLocks.end(), [&](const DoubleLock& other) {
    return other.acquire.location == acquire.location && other.acquire.trace == acquire.trace &&
           other.acquire.lock == acquire.lock && other.first.since == first->since;
  });
  if (!known) doubleLocks.push_back({acquire, *first, self_, false, certain});
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
  if (app.self == kLostThread) return;
  Inheritance from{state, step, app, momentOf(state, step), staticInitialised(app), LocksetId::Empty, false};
  if (from.initialised != PathId::Unknown) {  // The language holds a lock of its own meanwhile.
    HeldLock lock;
    lock.lock = tables_.paths.field(from.initialised, Symbol::Empty, tables_.symbols.intern("$initialisation"));
    lock.once = true;
    lock.since = tables_.holdSites.intern({step.location, self_, TraceId::Here});
    from.initialising = tables_.locksets.intern({lock});
  }
  from.reclaims = isDestructor(app.target) && !isDestructor(self_) && app.actuals.receiver &&
                  app.actuals.receiver->path != PathId::Unknown &&
                  tables_.paths.storage(app.actuals.receiver->path) == Storage::This &&
                  tables_.paths.isRoot(app.actuals.receiver->path);
  for (FunctionIndex f : {app.target, context_.bodies[app.target].original}) {
    if (f == FunctionIndex::None) continue;
    if (app.spawn)
      context_.calls.noteStart(f);
    else
      context_.calls.note(self_, f, state.held == LocksetId::Empty);
  }
  emitContracts(state, step, app);
  const std::optional<CommonCall> common = commonCall(from);
  if (common) keep(*common);
  for (const AccessFact& access : app.callee->accesses)
    if (!common || !access.common) inherit(from, access);
  for (const AcquireFact& acquire : app.callee->acquires)
    if (!common || !acquire.common) inherit(from, acquire);
  for (const OperationFact& operation : app.callee->operations)
    if (!common || !operation.common) inherit(from, operation);
  if (!common && !app.callee->commonCalls.empty()) inheritBelow(from);
  for (const PendingFact& pending : app.callee->pendings) {
    PendingFact fact = pending;
    fact.target = app.names->value(pending.target);
    if (fact.target.function != FunctionIndex::None || fact.target.path == PathId::Unknown || isLost(app, pending)) continue;
    Storage storage = tables_.paths.storage(fact.target.path);
    if (storage != Storage::Parameter && storage != Storage::This) continue;
    if (fact.receiver) fact.receiver = app.names->value(*fact.receiver);
    for (LinkedValue& argument : fact.arguments) argument = app.names->value(argument);
    if (fact.spawn) {
      fact.started = app.threads[pending.started];
      if (fact.started == kLostThread) continue;
    }
    static_cast<Moment&>(fact) = placed(from, pending);
    keepPending(std::move(fact));
  }
}

bool Frame::isLost(const Application& app, const Moment& m) const {
  return m.thread != kSelf && app.threads[m.thread] == kLostThread;
}

/// A moment of the callee in terms of this frame.
Moment Frame::placed(Inheritance& from, const Moment& inner) {
  Application& app = from.app;
  Moment m = composed(from.here, composed(app.base, mapped(app, inner)));
  m.trace = wrapped(app, inner.trace);
  if (context_.bodies[app.target].facts->isDeclaration && !app.spawn) {  // What is only declared happens here.
    m.trace = TraceId::Here;
    m.location = from.step.location;
    m.function = self_;
  }
  if (m.thread == kSelf) m.held = locksBelow(m.held, from.initialising, PathSetId::Empty);
  return m;
}

void Frame::inherit(Inheritance& from, const AccessFact& access) {
  Application& app = from.app;
  PathId path = app.names->path(access.path);
  if (path == PathId::Unknown || context_.writes.leadsNowhere(path) || isLost(app, access)) return;
  AccessFact fact = access;
  fact.path = path;
  const bool own = access.thread == kSelf && app.self == kSelf;
  static_cast<Moment&>(fact) = placed(from, access);
  if (own && access.live == 0 && isPrivate(from.state, path) &&
      !isReachedFromRegion(tables_.paths[path].root, fact.context))
    return;
  if (own && from.initialised != PathId::Unknown && tables_.paths.hasPrefix(path, from.initialised)) return;
  fact.guessed |= app.guessed;
  fact.reclaims |= from.reclaims;
  keep(std::move(fact));
}

void Frame::inherit(Inheritance& from, const AcquireFact& acquire) {
  Application& app = from.app;
  if (isLost(app, acquire)) return;
  const bool single = applications_[from.step.call].size() == 1;
  AcquireFact fact = acquire;
  fact.lock = app.names->lock(acquire.lock);
  fact.always = acquire.always && !app.deferred && single && isAlways(block_);
  const Moment inner = composed(app.base, mapped(app, acquire));
  static_cast<Moment&>(fact) = placed(from, acquire);
  if (inner.thread == kSelf && !app.guessed) {
    checkDouble(from.state.held, fact, inner.held, inner.released, acquire.always && single);
    checkLeaked(from.state.leaked, fact);
    if (from.state.held != LocksetId::Empty) checkOrder(fact);
  }
  if (app.deferred && !app.guessed && inner.thread == app.base.thread) {
    const Moment own = mapped(app, acquire);
    checkDouble(app.base.held, fact, own.held, own.released, acquire.always);
  }
  keep(std::move(fact));
}

void Frame::inherit(Inheritance& from, const OperationFact& operation) {
  Application& app = from.app;
  if (isLost(app, operation)) return;
  OperationFact fact = operation;
  fact.object = app.names->path(operation.object);
  fact.lock = app.names->lock(operation.lock);
  fact.guessed |= app.guessed;
  if (fact.kind == OperationFact::Kind::Callback) fact.resolved |= isResolved(app, operation);
  static_cast<Moment&>(fact) = placed(from, operation);
  if (fact.kind == OperationFact::Kind::Require || fact.kind == OperationFact::Kind::Exclude) {
    if (!isPrivate(from.state, fact.object)) keepContract(std::move(fact));
  } else {
    keep(std::move(fact));
  }
}

/// Whether this frame knows what a callee's callback runs.
bool Frame::isResolved(Application& app, const OperationFact& callback) const {
  const auto* call = std::get_if<Call>(callback.facts);
  if (!call || callback.object == PathId::Unknown) return false;
  const LinkedValue held = app.names->value(LinkedValue::load(callback.object));
  return held.function != FunctionIndex::None;
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

}  // namespace deadheat
