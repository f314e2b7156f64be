#include "analyzers/link/scope.h"

#include <algorithm>

#include "analyzers/link/executor_turns.h"
#include "analyzers/link/handles.h"

namespace deadheat {

bool Scope::isMany(std::uint32_t actor) const {
  for (int hops = 0; hops < 64; ++hops) {
    const Actor& a = actors[actor];
    if (a.many || a.thread.many) return true;
    if (kind != Kind::Frame || a.kind != Actor::Kind::Thread || a.thread.parent == kSelf) return false;
    actor = a.thread.parent + 1u;
  }
  return false;
}

bool Scope::descends(std::uint32_t inner, std::uint32_t outer) const {
  for (int hops = 0; hops < 64; ++hops) {
    const Actor& a = actors[inner];
    if (a.kind != Actor::Kind::Thread || a.thread.parent == kSelf) return false;
    inner = a.thread.parent + 1u;
    if (inner == outer) return true;
  }
  return false;
}

/// Whose thread runs the actor: itself, or for a task that interleaves who started it. Frame scopes.
std::uint32_t Scope::carrier(std::uint32_t actor) const {
  for (int hops = 0; hops < 64 && actors[actor].kind == Actor::Kind::Thread && actors[actor].thread.interleaves(); ++hops) {
    if (actors[actor].thread.parent == kSelf) return 0;
    actor = actors[actor].thread.parent + 1u;
  }
  return actor;
}

/// Frame scopes: actor 0 is the frame, actor t + 1 its thread t.
bool Scope::inFrame(const Moment& a, std::uint32_t aActor, const Moment& b, std::uint32_t bActor) const {
  if (aActor == bActor && aActor == 0) return false;
  if (const std::uint32_t common = carrier(aActor); common == carrier(bActor)) return common != 0 && isMany(common);
  if (aActor == 0) return (a.live & threadBit(actors[bActor].number)) != 0;
  if (bActor == 0) return (b.live & threadBit(actors[aActor].number)) != 0;
  if (descends(bActor, aActor)) return isMany(aActor) || (a.live & threadBit(actors[bActor].number)) != 0;
  if (descends(aActor, bActor)) return isMany(bActor) || (b.live & threadBit(actors[aActor].number)) != 0;
  // Threads overlap if they, or those that started them, do.
  for (std::uint32_t x = aActor;;) {
    for (std::uint32_t y = bActor;;) {
      if (actors[x].thread.overlap & threadBit(actors[y].number)) return true;
      if (actors[y].thread.parent == kSelf) break;
      y = actors[y].thread.parent + 1u;
    }
    if (actors[x].thread.parent == kSelf) return false;
    x = actors[x].thread.parent + 1u;
  }
}

/// A handler that several threads run. What started it in its own chain has come to its end but for what it does after
/// that; others that run beside it are those that were started apart from it, and threads beside which another one runs
/// handlers.
bool Scope::besideHandler(const Moment& other, std::uint32_t otherActor, const Moment& handler,
                          std::uint32_t handlerActor) const {
  if (otherActor == handlerActor) return isMany(handlerActor);
  const std::vector<std::uint32_t>& runners = actors[handlerActor].runners;
  if (otherActor == 0) {
    const bool started = (other.live & threadBit(actors[handlerActor].number)) != 0;
    return started && std::ranges::any_of(runners, [&](std::uint32_t runner) {
             return runner != 0 && (other.live & threadBit(actors[runner].number)) != 0;
           });
  }
  if (descends(otherActor, handlerActor)) return (handler.live & threadBit(actors[otherActor].number)) != 0;
  if (descends(handlerActor, otherActor)) return (other.live & threadBit(actors[handlerActor].number)) != 0;
  return inFrame(other, otherActor, handler, handlerActor);
}

/// A method of the class beside a thread the object keeps: not once the method has joined it.
bool Scope::besideThread(const Moment& caller, const Actor& callerActor, const Actor& thread,
                         const Tables& tables) const {
  if (callerActor.entry == thread.starter) return (caller.live & threadBit(thread.number)) != 0;
  for (PathId joined : tables.pathSets[caller.joined]) {
    for (PathId handle : thread.thread.handles) {
      if (sameHandle(tables.paths, joined, handle)) return false;
    }
  }
  return true;
}

bool Scope::mayHappenInParallel(const Moment& a, std::uint32_t aActor, const Moment& b, std::uint32_t bActor,
                                const Tables& tables) const {
  if (const PathId turn = turnOf(tables, actors[aActor].thread.handles);
      turn != PathId::Unknown && turn == turnOf(tables, actors[bActor].thread.handles))
    return false;
  if (kind == Kind::Frame) {
    // Handlers of which nothing tells who runs them.
    if (actors[aActor].thread.isOfExecutor() || actors[bActor].thread.isOfExecutor()) return false;
    if (comesAfterLoop(tables, a, actors[bActor].thread.handles) || comesAfterLoop(tables, b, actors[aActor].thread.handles))
      return false;
    if (!actors[bActor].runners.empty()) return besideHandler(a, aActor, b, bActor);
    if (!actors[aActor].runners.empty()) return besideHandler(b, bActor, a, aActor);
    return inFrame(a, runnerOf(tables, actors, aActor), b, runnerOf(tables, actors, bActor));
  }
  const Actor& x = actors[aActor];
  const Actor& y = actors[bActor];
  if (x.thread.interleaves() || y.thread.interleaves()) return false;  // Who uses the object runs its tasks.
  if (x.kind == Actor::Kind::Thread && y.kind == Actor::Kind::Thread) {
    return aActor != bActor || isMany(aActor);
  }
  if (x.kind == Actor::Kind::Thread) return besideThread(b, y, x, tables);
  if (y.kind == Actor::Kind::Thread) return besideThread(a, x, y, tables);
  return true;
}

}  // namespace deadheat
