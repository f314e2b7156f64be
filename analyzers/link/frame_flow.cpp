// The fixpoint over one function's control-flow graph.
#include <algorithm>
#include <set>

#include "analyzers/link/frame.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/natural_loops.h"

namespace deadheat {
namespace {

constexpr int kMaxVisits = 40;

bool releases(const Access& access) {
  if (access.atomicity != Atomicity::Atomic || access.kind == AccessKind::Read) return false;
  return access.order != MemoryOrder::Relaxed && access.order != MemoryOrder::Acquire;
}

}  // namespace

bool isBarrier(const EventKind& what) {
  const auto* block = std::get_if<Block>(&what);
  return block && block->what == "barrier";
}

bool isOnceFlag(const std::string& type) {
  return type.find("once_flag") != std::string::npos || type.find("once_t") != std::string::npos;
}

/// A join in a loop through a pointer that walks a list joins them all: whatever thread has a handle of that name.
PathId Frame::joinedHandle(PathId handle, std::uint32_t block) {
  if (handle == PathId::Unknown || !edgeJoins_->inLoop(block)) return handle;
  const bool walks = tables_.paths.passes(handle, PathNode::Kind::Deref);
  return walks && tables_.paths[handle].kind == PathNode::Kind::Field ? tables_.paths.opaque(handle) : handle;
}

/// Whether something stored there can be found by others: anywhere but in an object of this frame that is still its
/// own.
bool Frame::isShared(const FlowState& state, PathId cell) const {
  if (isRelative(tables_.paths, cell) || tables_.paths.passes(cell, PathNode::Kind::Element)) return true;
  if (tables_.paths.isRoot(cell)) return false;
  return tables_.paths.passes(cell, PathNode::Kind::Deref) ||
         tables_.pathSets.contains(state.published, tables_.paths[cell].root);
}

void Frame::solve() {
  findGuardCells();
  std::vector<std::vector<PathId>> joins(body_.blocks.size()), spawns(body_.blocks.size());
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      if (std::holds_alternative<Join>(*step.what)) joins[b].push_back(aliases_.environment.normalise(step.path));
      if (step.call == Step::kNoCall) continue;
      if (body_.calls[step.call].spawn)
        spawns[b].push_back(aliases_.environment.normalise(body_.calls[step.call].result));
      for (Application& app : applications_[step.call]) {
        for (PathId h : tables_.pathSets[app.names->set(app.callee->joins)]) joins[b].push_back(h);
      }
    }
  }
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      const auto* release = std::get_if<Release>(step.what);
      if (release && release->holder == LockHolder::Hand) {
        releases_ = tables_.pathSets.with(releases_, aliases_.environment.normalise(step.path));
      }
      if (step.call == Step::kNoCall) continue;
      for (Application& app : applications_[step.call]) {
        releases_ = tables_.pathSets.united(releases_, app.names->set(app.callee->releasedAtExit));
      }
    }
  }
  edgeJoins_ = std::make_unique<EdgeJoins>(body_, joins, spawns);
  for (std::uint32_t b = 0; b < joins.size(); ++b) {
    for (PathId& handle : joins[b]) handle = joinedHandle(handle, b);
  }
  for (const auto& block : joins) {
    for (PathId h : block) summary.joins = tables_.pathSets.with(summary.joins, h);
  }

  findConditions();
  entry_.assign(body_.blocks.size(), {});
  if (body_.blocks.empty()) return;
  Way start;
  start.state.reached = true;
  assumeRequired(start.state);
  for (PathId lock : tables_.pathSets[broughtIn_]) assume(start.state, lock, LockMode::Exclusive, body_.location);
  entry_[0] = Ways(std::move(start));
  std::vector<std::uint32_t> position(body_.blocks.size(), 0), visits(body_.blocks.size(), 0);
  for (std::uint32_t i = 0; i < order_.size(); ++i) position[order_[i]] = i;
  NaturalLoops loops(body_, position);
  std::set<std::uint32_t> work{0};
  while (!work.empty()) {
    std::uint32_t b = order_[*work.begin()];
    work.erase(work.begin());
    if (++visits[b] > kMaxVisits) continue;
    block_ = b;
    const Decisions decisions = decisionsOf(b);
    for (const Way& entering : Ways(entry_[b])) {
      Ways ways(entering);
      for (const Step& step : body_.blocks[b].steps) {
        advance(ways, step);
        if (endsBlock(step)) ways.clear();
      }
      for (const Way& leaving : ways) {
        const auto& next = body_.blocks[b].successors;
        for (std::size_t i = 0; i < next.size(); ++i) {
          Way out = leaving;
          if (!follows(out, decisions, i)) continue;
          out.state = onEdge(b, next[i], std::move(out.state), entering.state.acquired);
          out.state.acquired = tables_.pathSets.gathered(out.state.acquired, loops.gatheredBy(b, next[i], tables_));
          if (position[next[i]] <= position[b]) {
            out.state.straight = 0;
            for (std::uint32_t exit : loops.bringBack(next[i], out.state.acquired, tables_)) work.insert(position[exit]);
            out.state.acquired = PathSetId::Empty;
            for (const Way& first : entry_[next[i]])
              out.state.acquired = tables_.pathSets.gathered(out.state.acquired, first.state.acquired);
          }
          if (entry_[next[i]].add(std::move(out), tables_)) work.insert(position[next[i]]);
        }
      }
    }
  }
}

/// A call that never returns ends its block, unless there may be a handler for what it throws.
bool Frame::endsBlock(const Step& step) const {
  return body_.blocks[block_].successors.size() <= 1 && !returns(step);
}

bool Frame::returns(const Step& step) const {
  if (step.call == Step::kNoCall || body_.calls[step.call].spawn) return true;
  bool any = false;
  for (const Application& app : applications_[step.call]) {
    if (app.deferred) continue;
    if (app.callee->returns || app.guessed) return true;
    any = true;
  }
  return !any;
}

FlowState Frame::onEdge(std::uint32_t from, std::uint32_t to, FlowState out, PathSetId acquiredBefore) {
  for (PathId handle : edgeJoins_->on(from, to)) {
    out.live &= ~joinedThreads(handle);
    out.straight &= out.live;
    out.joined = tables_.pathSets.with(out.joined, handle);
  }
  if (edgeJoins_->turnsLoop(from, to))
    out.acquired = tables_.pathSets.gathered(acquiredBefore, acquiredOnTurn(from));
  return out;
}

void Frame::transfer(FlowState& state, const Step& step) {
  const EventKind& what = *step.what;
  if (const auto* access = std::get_if<Access>(&what))
    transferAccess(state, step, *access);
  else if (const auto* acquire = std::get_if<Acquire>(&what))
    transferAcquire(state, step, *acquire);
  else if (const auto* release = std::get_if<Release>(&what))
    transferRelease(state, step, *release);
  else if (step.call != Step::kNoCall)
    transferCalls(state, step);
  else if (std::holds_alternative<Join>(what)) {
    join(state, joinedHandle(aliases_.environment.normalise(step.path), block_), threadsMovedTo(step));
    state.acquired = tables_.pathSets.gathered(state.acquired, acquiredBy(step));
  } else if (std::holds_alternative<Wait>(what) || std::holds_alternative<Block>(what)) {
    const PathSetId object = acquiredBy(step);
    state.acquired = tables_.pathSets.gathered(state.acquired, object);
    if (isBarrier(what)) state.notified = tables_.pathSets.gathered(state.notified, object);
    if (isOutput(step))
      state.notified = tables_.pathSets.gathered(state.notified, meeting(channelOf(step)));
  } else if (std::holds_alternative<Notify>(what)) {
    state.notified = tables_.pathSets.gathered(state.notified, meeting(aliases_.environment.normalise(step.path)));
  } else if (const auto* sync = std::get_if<Sync>(&what)) {
    transferSync(state, step, *sync);
  } else if (std::holds_alternative<Allocate>(what))  // A new one at each turn of a loop.
    state.published = tables_.pathSets.without(state.published, step.path);
  else if (std::holds_alternative<Escape>(what))
    publish(state, aliases_.environment.normalise(step.value));
  else if (std::holds_alternative<Assign>(what)) {
    PathId cell = aliases_.environment.normalise(step.path);
    forget(state, cell);
    noteGuard(state, step);
    if (isShared(state, cell)) publish(state, aliases_.environment.normalise(step.value));
  }
}

/// The memory of a lock that is held is written: a lock made by hand is given back.
bool Frame::unlocksByHand(const FlowState& state, const Step& step, const Access& access) {
  return access.kind == AccessKind::Write && state.held != LocksetId::Empty &&
         tables_.locksets.find(state.held, aliases_.environment.normalise(step.path));
}

void Frame::transferAccess(FlowState& state, const Step& step, const Access& access) {
  if (unlocksByHand(state, step, access))
    return giveBack(state, aliases_.environment.normalise(step.path), LockOwner::Caller);
  if (access.atomicity != Atomicity::Atomic) return;
  const PathSetId own = meeting(aliases_.environment.normalise(step.path));
  state.acquired = tables_.pathSets.gathered(state.acquired, acquiredBy(step));
  if (releases(access)) state.notified = tables_.pathSets.gathered(state.notified, own);
}

void Frame::transferAcquire(FlowState& state, const Step& step, const Acquire& acquire) {
  HeldLock lock;
  lock.lock = lockAt(state, step.path);
  lock.hold = acquire.mode == LockMode::Shared ? Hold::Shared : Hold::Exclusive;
  lock.recursion = acquire.recursion;
  lock.once = isOnceFlag(acquire.type);
  lock.group = acquire.group;
  lock.byTask = acquire.byTask;
  lock.since = tables_.holdSites.intern({step.location, self_, TraceId::Here});
  state.held = tables_.locksets.with(state.held, lock);
  state.leaked = tables_.locksets.released(state.leaked, lock.lock);
  if (!lock.once) state.taken = tables_.pathSets.with(state.taken, lock.lock);
}

void Frame::transferRelease(FlowState& state, const Step& step, const Release& release) {
  const bool ownGuard = release.holder == LockHolder::Guard && tables_.paths.storage(step.path) == Storage::Local;
  giveBack(state, lockAt(state, step.path), ownGuard ? LockOwner::Frame : LockOwner::Caller);
}

void Frame::giveBack(FlowState& state, PathId lock, LockOwner owner) {
  if (lock == PathId::Unknown) return;
  state.leaked = tables_.locksets.released(state.leaked, lock);
  const HeldLock* held = tables_.locksets.find(state.held, lock);
  if (held && held->hold != Hold::Passed) {
    if (held->assumed && isRelative(tables_.paths, lock)) state.released = tables_.pathSets.with(state.released, lock);
    state.held = tables_.locksets.released(state.held, lock);
    return;
  }
  for (const HeldLock& other : tables_.locksets[state.held]) {
    if (tables_.paths.storage(other.lock) != Storage::Opaque) continue;
    auto hidden = static_cast<PathId>(tables_.paths[other.lock].index);
    const PathNode& a = tables_.paths[hidden];
    const PathNode& b = tables_.paths[lock];
    if (a.kind != b.kind || a.name != b.name || a.record != b.record) continue;
    if (other.assumed && isRelative(tables_.paths, hidden)) state.released = tables_.pathSets.with(state.released, hidden);
    state.held = tables_.locksets.released(state.held, other.lock);
    return;
  }
  for (const HeldLock& other : tables_.locksets[state.held]) {  // One of an array: it may be this one.
    if (other.hold == Hold::Passed || !sameHandle(tables_.paths, other.lock, lock)) continue;
    state.held = tables_.locksets.released(state.held, other.lock);
    return;
  }
  if (owner == LockOwner::Caller && isRelative(tables_.paths, lock)) {
    state.released = tables_.pathSets.with(state.released, lock);
  }
}

/// `cell` points elsewhere from now on: locks that were named through it are still held, under no name.
void Frame::forget(FlowState& state, PathId cell) {
  if (state.held == LocksetId::Empty || cell == PathId::Unknown) return;
  const PathId object = tables_.paths.deref(cell);
  std::vector<HeldLock> locks(tables_.locksets[state.held].begin(), tables_.locksets[state.held].end());
  bool changed = false;
  for (HeldLock& lock : locks) {
    if (!tables_.paths.hasPrefix(lock.lock, object)) continue;
    lock.lock = tables_.paths.opaque(lock.lock);
    changed = true;
  }
  if (changed) state.held = tables_.locksets.intern(std::move(locks));
}

void Frame::start(FlowState& state, ThreadSet threads) {
  state.live |= threads;
  state.straight |= threads;
}

/// Assigning to a handle that joins waits for its old thread, and the new one has its name only after that: the threads
/// that the step after this join moves to the joined handle.
ThreadSet Frame::threadsMovedTo(const Step& step) {
  const std::vector<Step>& steps = body_.blocks[block_].steps;
  const Step* next = &step + 1;
  if (next == steps.data() + steps.size() || !std::holds_alternative<Assign>(*next->what)) return 0;
  if (next->path != step.path || next->value.kind != Value::Kind::Object) return 0;
  return joinedThreads(aliases_.environment.normalise(next->value.path));
}

void Frame::join(FlowState& state, PathId handle, ThreadSet except) {
  if (handle == PathId::Unknown) return;
  state.live &= ~joinedThreads(handle) | except;
  state.straight &= state.live;
  state.joined = tables_.pathSets.with(state.joined, handle);
}

/// Others may reach what `value` points to from now on, and what that points to.
void Frame::publish(FlowState& state, const LinkedValue& value, int depth) {
  PathId object = frameObject(value, tables_);
  if (object == PathId::Unknown && value.kind == Value::Kind::Object) object = value.path;
  if (object == PathId::Unknown || depth > 4 || tables_.pathSets.contains(state.published, object)) return;
  state.published = tables_.pathSets.with(state.published, object);
  for (const auto& [cell, inner] : aliases_.environment.cellsUnder(object)) {
    publish(state, aliases_.environment.normalise(inner), depth + 1);
  }
}

void Frame::transferCalls(FlowState& state, const Step& step) {
  const CallSite& call = body_.calls[step.call];
  forget(state, call.spawn ? PathId::Unknown : call.result);
  if (!call.spawn && call.result != PathId::Unknown) {
    state.published = tables_.pathSets.without(state.published, tables_.paths.deref(call.result));
  }
  FlowState after;
  for (Application& app : applications_[step.call]) {
    if (app.spawn || app.deferred) continue;
    after = merged(after, afterCall(state, step, app), tables_);
  }
  if (after.reached) state = after;
  if (started_[step.call] < kMaxThreads) start(state, threadBit(started_[step.call]));
  for (Application& app : applications_[step.call]) {
    if (app.self == kLostThread) continue;
    ThreadSet inner = 0;
    for (ThreadNumber t : app.threads) inner |= t == kLostThread ? 0 : threadBit(t);
    if (app.spawn && !app.deferred)
      start(state, threadBit(app.self) | inner);
    else if (app.spawn && (state.live & threadBit(app.self)))
      start(state, inner);
    else if (app.deferred && app.self == kSelf)
      start(state, mappedSet(app, app.callee->liveAtExit));
    if (!app.spawn && app.callee->threads.empty()) continue;
    if (app.actuals.receiver) publish(state, *app.actuals.receiver);
    for (const LinkedValue& argument : app.actuals.arguments) publish(state, argument);
  }
}

FlowState Frame::afterCall(const FlowState& before, const Step& step, Application& app) {
  FlowState after = before;
  const Summary& callee = *app.callee;
  for (PathId handle : std::vector<PathId>(tables_.pathSets[app.names->set(callee.joins)].begin(),
                                           tables_.pathSets[app.names->set(callee.joins)].end())) {
    join(after, handle, 0);
  }
  after.phases = this->after(before.phases, laterPhases(app, callee.phasesAtExit));
  after.tasks = this->after(before.tasks, callee.tasksAtExit);
  for (PathId task : tables_.pathSets[callee.tasksAtExit])
    if (task != kOutside) noteTask(task, taskAround(step.region), step.region);
  after.live |= mappedSet(app, callee.liveAtExit);
  after.straight |= mappedSet(app, callee.straightAtExit);
  after.taken = tables_.pathSets.united(after.taken, app.names->set(callee.takenAtExit));
  after.acquired = tables_.pathSets.gathered(after.acquired, meetings(app.names->set(callee.acquiredAtExit)));
  after.notified = tables_.pathSets.gathered(after.notified, meetings(app.names->set(callee.notifiedAtExit)));
  if (app.guessed) return after;
  const auto* call = std::get_if<Call>(step.what);
  const bool byOwn = context_.bodies[app.target].facts->kind == Function::Kind::Destructor && app.actuals.receiver &&
                     app.actuals.receiver->path != PathId::Unknown &&
                     tables_.paths.storage(app.actuals.receiver->path) == Storage::Local;
  const bool ownGuard = byOwn || (call && call->byGuard);
  after.leaked = tables_.locksets.united(after.leaked, mappedLocks(app, callee.leaks));
  const PathSetId released = app.names->set(outcome_ == Truth::True    ? callee.releasedIfTrue
                                            : outcome_ == Truth::False ? callee.releasedIfFalse
                                                                       : callee.releasedAtExit);
  for (PathId lock : std::vector<PathId>(tables_.pathSets[released].begin(), tables_.pathSets[released].end())) {
    giveBack(after, lock, ownGuard ? LockOwner::Frame : LockOwner::Caller);
  }
  const LocksetId taken = mappedLocks(app, outcome_ == Truth::True    ? callee.heldIfTrue
                                           : outcome_ == Truth::False ? callee.heldIfFalse
                                                                      : callee.heldAtExit);
  for (const HeldLock& lock : std::vector<HeldLock>(tables_.locksets[taken].begin(), tables_.locksets[taken].end())) {
    after.held = tables_.locksets.with(after.held, lock);
  }
  assumeAsserted(after, step, app);
  for (const auto& [cell, value] : context_.aliases.summaries[raw(app.target)].stores) {
    PathId to = app.names->path(cell);
    if (to != PathId::Unknown && isShared(after, to)) publish(after, app.names->value(value));
  }
  return after;
}

/// Which threads may run at the same time as those that start at `step`.
void Frame::noteOverlaps(const FlowState& state, const Step& step) {
  auto meet = [&](ThreadSet fresh, ThreadSet running) {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      ThreadSet bit = threadBit(static_cast<ThreadNumber>(i));
      if (fresh & bit) threads_[i].overlap |= running;
      if (running & bit) threads_[i].overlap |= fresh;
      // A handler that comes again by recursion is the next of its chain, or works on another object.
      const bool isNext = threads_[i].isSignalHandler() || (recursive_ && threads_[i].isOfExecutor());
      if (fresh & running & bit && !isNext) threads_[i].many = true;
    }
  };
  if (started_[step.call] < kMaxThreads) meet(threadBit(started_[step.call]), state.live);
  for (Application& app : applications_[step.call]) {
    ThreadSet fresh = 0;
    for (std::size_t i = 0; i < app.threads.size(); ++i) {
      if (app.threads[i] == kLostThread) continue;
      fresh |= threadBit(app.threads[i]);
      threads_[app.threads[i]].overlap |= mappedSet(app, app.callee->threads[i].overlap);
    }
    if (app.spawn && app.self != kLostThread) fresh |= threadBit(app.self);
    ThreadSet running = state.live;
    if (!app.spawn) running &= ~joinedThreads(app.names->set(app.callee->joins));
    if (app.deferred) {
      running &= ~fresh;
      running |= app.base.live;
    }
    meet(fresh, running);
  }
}

}  // namespace deadheat
