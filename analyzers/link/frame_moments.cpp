// Moments: how the circumstances of a callee's event combine with those of the call.
#include <algorithm>

#include "analyzers/link/frame.h"
#include "analyzers/link/handles.h"

namespace deadheat {

ThreadSet Frame::mappedSet(const Application& app, ThreadSet inner) const {
  ThreadSet out = 0;
  for (std::size_t i = 0; i < app.threads.size() && inner != 0; ++i, inner >>= 1) {
    if ((inner & 1) && app.threads[i] != kLostThread) out |= threadBit(app.threads[i]);
  }
  return out;
}

ThreadSet Frame::joinedThreads(PathId handle) const {
  ThreadSet out = 0;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    for (PathId name : threads_[i].handles) {
      if (joinsAll(tables_.paths, handle, name)) out |= threadBit(static_cast<ThreadNumber>(i));
    }
  }
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const ThreadFact& thread = threads_[i];
    if (thread.parent < threads_.size() && !thread.survives && (out & threadBit(thread.parent))) {
      out |= threadBit(static_cast<ThreadNumber>(i));
    }
  }
  return out;
}

ThreadSet Frame::joinedThreads(PathSetId handles) const {
  ThreadSet out = 0;
  for (PathId handle : tables_.pathSets[handles]) out |= joinedThreads(handle);
  return out;
}

/// A callee's lockset with this frame's names and hold sites.
LocksetId Frame::mappedLocks(Application& app, LocksetId locks) {
  if (locks == LocksetId::Empty) return locks;
  auto [slot, fresh] = app.locksets.try_emplace(raw(locks), LocksetId::Empty);
  if (!fresh) return slot->second;
  std::vector<HeldLock> held(tables_.locksets[locks].begin(), tables_.locksets[locks].end());
  for (HeldLock& lock : held) {
    lock.lock = app.names->lock(lock.lock);
    if (lock.hold == Hold::Passed) continue;
    HoldSite site = tables_.holdSites[lock.since];
    site.trace = wrapped(app, site.trace);
    if (context_.bodies[app.target].facts->isDeclaration && app.wraps.size() == 1)
      site = {app.wraps[0].location, self_, TraceId::Here};
    lock.since = tables_.holdSites.intern(site);
  }
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end(), [](const auto& a, const auto& b) { return a.lock == b.lock; }),
             held.end());
  return app.locksets[raw(locks)] = tables_.locksets.intern(std::move(held));
}

/// What is held inside a callee: its own locks and those of the outside that it has not given back.
LocksetId Frame::locksBelow(LocksetId outer, LocksetId inner, PathSetId released) {
  if (outer == LocksetId::Empty) return inner;
  if (inner == LocksetId::Empty && released == PathSetId::Empty) return outer;
  std::vector<HeldLock> held(tables_.locksets[inner].begin(), tables_.locksets[inner].end());
  for (HeldLock& lock : held) {
    // Who took it tells more than who relies on it.
    const HeldLock* taken = lock.assumed ? tables_.locksets.find(outer, lock.lock) : nullptr;
    if (taken && taken->hold != Hold::Passed) lock = *taken;
  }
  for (const HeldLock& lock : tables_.locksets[outer]) {
    if (lock.hold != Hold::Passed && tables_.pathSets.contains(released, lock.lock)) continue;
    if (!tables_.locksets.find(inner, lock.lock)) held.push_back(lock);
  }
  return tables_.locksets.intern(std::move(held));
}

Moment Frame::mapped(Application& app, const Moment& inner) {
  Moment out = inner;
  out.common = false;
  out.held = mappedLocks(app, inner.held);
  out.released = app.names->set(inner.released);
  out.joined = app.names->set(inner.joined);
  out.taken = app.names->set(inner.taken);
  out.acquired = meetings(app.names->set(inner.acquired));
  out.notified = meetings(app.names->set(inner.notified));
  out.live = mappedSet(app, inner.live);
  out.straight = mappedSet(app, inner.straight);
  out.thread = inner.thread == kSelf ? app.self : app.threads[inner.thread];
  out.context = mappedContext(app, inner.context);
  out.phases = laterPhases(app, inner.phases);
  return out;
}

/// What is passed is over for whoever starts later, too.
LocksetId Frame::passedOf(LocksetId held) {
  std::vector<HeldLock> passed;
  for (const HeldLock& lock : tables_.locksets[held]) {
    if (lock.hold == Hold::Passed) passed.push_back(lock);
  }
  return tables_.locksets.intern(std::move(passed));
}

/// `inner` happens during `outer`, both in this frame's terms. Another thread inherits only what was over before it
/// started.
Moment Frame::composed(const Moment& outer, const Moment& inner) {
  Moment out = inner;
  if (inner.thread != outer.thread) {
    out.held = locksBelow(passedOf(outer.held), inner.held, PathSetId::Empty);
    return out;
  }
  out.held = locksBelow(outer.held, inner.held, inner.released);
  out.taken = tables_.pathSets.united(outer.taken, inner.taken);
  out.released = tables_.pathSets.united(outer.released, inner.released);
  out.joined = tables_.pathSets.united(outer.joined, inner.joined);
  out.acquired = tables_.pathSets.gathered(outer.acquired, inner.acquired);
  out.notified = tables_.pathSets.gathered(outer.notified, inner.notified);
  out.live = inner.live | (outer.live & ~joinedThreads(inner.joined));
  out.straight = inner.straight | (outer.straight & out.live);
  out.context = tables_.contexts.below(outer.context, inner.context);
  out.phases = after(outer.phases, inner.phases);
  out.tasks = after(outer.tasks, inner.tasks);
  return out;
}

Moment Frame::momentOf(const FlowState& state, const Step& step) const {
  Moment out;
  out.held = state.held;
  out.released = state.released;
  out.joined = state.joined;
  out.taken = state.taken;
  out.acquired = state.acquired;
  out.notified = state.notified;
  out.live = state.live;
  out.straight = state.straight;
  out.context = body_.contexts[step.region];
  out.phases = state.phases;
  out.tasks = state.tasks;
  out.function = self_;
  out.location = step.location;
  return out;
}

TraceId Frame::wrapped(const Application& app, TraceId inner) {
  for (const Application::Wrap& wrap : app.wraps) {
    inner = tables_.traces.concatenated(wrap.outer, tables_.traces.cons(wrap.kind, wrap.location, wrap.function, wrap.callee, inner));
  }
  return inner;
}

}  // namespace deadheat
