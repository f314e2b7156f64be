#include "analyzers/checks/doubts.h"

#include <algorithm>
#include <utility>

#include "analyzers/checks/handed_on.h"
#include "analyzers/checks/joins_before.h"
#include "analyzers/link/executor_turns.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/thread_entries.h"

namespace deadheat {

void lower(RacePair& pair, Confidence to, const char* reason) {
  if (to >= pair.confidence) return;
  pair.confidence = to;
  pair.reason = reason;
}

Doubts::Doubts(const Program& program, const Scope& scope)
    : program_(program), scope_(scope), tables_(program.tables()), handOvers_(scope, program.tables()) {
  const Tables& tables = program.tables();
  std::set<PathId> seen;
  std::set<PathSetId> joins;
  for (const SharedAccess& access : scope.accesses) joins.insert(access.fact.joined);
  for (const SharedOperation& operation : scope.operations)
    if (operation.fact.kind == OperationFact::Kind::Join) joined_.insert(operation.fact.object);
  joined_.erase(PathId::Unknown);
  for (PathSetId set : joins) joined_.insert(tables.pathSets[set].begin(), tables.pathSets[set].end());
  for (const SharedAccess& access : scope.accesses) {
    if (!access.fact.writes() || access.fact.frees || access.fact.ending) continue;
    if (seen.insert(access.fact.path).second) changing_.insert(shapeOf(tables.paths, access.fact.path));
  }
}

bool Doubts::isUnstable(PathId path) const {
  const PathTable& paths = tables_.paths;
  for (PathId at = path; at != PathId::Unknown && !paths.isRoot(at); at = paths[at].parent) {
    if (paths[at].kind != PathNode::Kind::Deref) continue;
    PathId cell = paths[at].parent;
    if (changing_.contains(shapeOf(paths, cell))) return true;
    while (paths[cell].kind == PathNode::Kind::Element || paths[cell].kind == PathNode::Kind::Field) {
      const bool element = paths[cell].kind == PathNode::Kind::Element;
      cell = paths[cell].parent;
      if (element && changing_.contains(shapeOf(paths, cell))) return true;
    }
  }
  return false;
}

/// A thread of the configuration meets whoever runs the frame, which may be before it starts.
bool Doubts::startsUnseen(const SharedAccess& self, const SharedAccess& thread) const {
  const Actor& other = scope_.actors[thread.actor];
  return scope_.actors[self.actor].kind == Actor::Kind::Frame && other.kind == Actor::Kind::Thread &&
         other.thread.facts && other.thread.facts->how == kConfiguredThread;
}

bool Doubts::isSignal(std::uint32_t actor) const {
  const Actor& a = scope_.actors[actor];
  return a.kind == Actor::Kind::Thread && a.thread.isSignalHandler();
}

bool Doubts::isHandedOn(std::uint32_t actor) const {
  return scope_.actors[actor].kind == Actor::Kind::Thread && deadheat::isHandedOn(program_, scope_.actors[actor].thread);
}

/// A handler of an executor that nobody in the scope is seen to run.
bool Doubts::isOnUnknownExecutor(std::uint32_t actor) const {
  const std::vector<PathId>& handles = scope_.actors[actor].thread.handles;
  if (scope_.actors[actor].kind != Actor::Kind::Thread || !isHandler(tables_, handles)) return false;
  return turnOf(tables_, handles) == PathId::Unknown &&
         std::none_of(handles.begin(), handles.end(), [&](PathId handle) { return joined_.contains(handle); });
}

void Doubts::weigh(RacePair& pair, Overlap overlap, Protection protection) const {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  if (protection == Protection::Possible)
    lower(pair, Confidence::Low, "both may hold the same lock, by different names or in a mode that excludes");
  if (protection == Protection::OneOfSeveral && overlap == Overlap::Element)
    lower(pair, Confidence::Low, "each side takes one of several locks, which may belong to the element it uses");
  else if (protection == Protection::OneOfSeveral)
    lower(pair, Confidence::Medium, "each side takes one of several locks, and nothing makes it the same one");
  if (a.guessed || b.guessed) lower(pair, Confidence::Low, "the target of a call was guessed from its signature");
  if (a.reclaims || b.reclaims)
    lower(pair, Confidence::Low, "an object that deletes itself does so when nobody uses it");
  weighPath(pair, overlap);
  weighOrder(pair);
}

/// Whether the path goes through a pointer that is kept in an unknown element.
bool Doubts::followsElement(PathId path) const {
  bool pointer = false;
  for (PathId at = path; at != PathId::Unknown; at = tables_.paths[at].parent) {
    const PathNode& node = tables_.paths[at];
    pointer |= node.kind == PathNode::Kind::Deref;
    if (pointer && node.kind == PathNode::Kind::Element && !tables_.paths.isConstantIndex(node.name)) return true;
  }
  return false;
}

/// Both name no index on the way, as iterators do: each goes through the container.
bool Doubts::goThroughAll(PathId a, PathId b) const {
  auto isNamed = [&](PathId path) {
    for (PathId at : tables_.paths.prefixes(path)) {
      if (tables_.paths[at].kind == PathNode::Kind::Element && tables_.paths[at].name != Symbol::Empty) return true;
    }
    return false;
  };
  return !isNamed(a) && !isNamed(b);
}

/// Whether it is one object.
void Doubts::weighPath(RacePair& pair, Overlap overlap) const {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  if (overlap == Overlap::Partial) lower(pair, Confidence::Low, "the path is too long to be followed to its end");
  if (!a.own && !b.own && (isUnstable(a.path) || isUnstable(b.path))) {
    lower(pair, Confidence::Low, "a pointer on the way changes meanwhile, so the objects may differ");
  }
  if (overlap == Overlap::Element) {
    const bool oneKind = pair.a->actor == pair.b->actor && scope_.kind == Scope::Kind::Frame;
    if (oneKind) lower(pair, Confidence::Low, "threads of one kind usually work on elements of their own");
    if ((followsElement(a.path) || followsElement(b.path)) && !goThroughAll(a.path, b.path)) {
      lower(pair, Confidence::Low, "which of a container's objects they reach is not known");
    }
    if (getsElementOfItsOwn(*pair.a, *pair.b) || getsElementOfItsOwn(*pair.b, *pair.a))
      lower(pair, Confidence::Low, "the thread is given an element of its own, and the next turn prepares another");
    lower(pair, Confidence::Medium, "both accesses are taken to reach the same element");
  }
  if ((a.facts && a.facts->foreign) || (b.facts && b.facts->foreign))
    lower(pair, Confidence::Low, "the library's class is not known, and may lock inside");
  if (tables_.paths.storage(a.path) == Storage::Result) {
    lower(pair, Confidence::Medium, "the object comes from a call whose result is not known in full");
  }
}

/// The frame's own access comes before the thread is started, unless a loop in some caller of both comes round. A loop
/// round both in one function, the frame's, is certain to.
bool Doubts::needsAnotherTurn(const SharedAccess& self, const SharedAccess& thread) const {
  const Actor& other = scope_.actors[thread.actor];
  if (scope_.kind != Scope::Kind::Frame || self.actor != 0 || other.kind != Actor::Kind::Thread) return false;
  const bool inOneLoop = self.fact.function == other.thread.spawner && scope_.frame == other.thread.spawner;
  return !(self.fact.straight & threadBit(other.number)) && !inOneLoop;
}

/// The thread is given the address of an element, and the frame comes to `self` only by going round to the next.
bool Doubts::getsElementOfItsOwn(const SharedAccess& self, const SharedAccess& thread) const {
  const Actor& other = scope_.actors[thread.actor];
  if (scope_.kind != Scope::Kind::Frame || self.actor != 0 || other.kind != Actor::Kind::Thread || !other.thread.facts)
    return false;
  if (self.fact.straight & threadBit(other.number) || self.fact.function != other.thread.spawner) return false;
  const std::vector<Value>& given = other.thread.facts->arguments;
  // A pointer that walks through them.
  const PathId element = self.fact.path;
  const bool walks = std::any_of(given.begin(), given.end(), [](const Value& value) {
    return value.kind == Value::Kind::Load && value.path.root.kind == RootKind::Local && value.path.steps.empty();
  });
  if (walks && tables_.paths.passes(element, PathNode::Kind::Element)) return true;
  return std::any_of(given.begin(), given.end(), [](const Value& value) {
    return value.kind == Value::Kind::AddressOf &&
           std::any_of(value.path.steps.begin(), value.path.steps.end(),
                       [](const PathStep& step) { return step.kind == PathStep::Kind::Element; });
  });
}

/// Somebody joins the thread, here or there.
bool Doubts::isJoined(const SharedAccess& access) const {
  const std::vector<PathId>& handles = scope_.actors[access.actor].thread.handles;
  return std::any_of(handles.begin(), handles.end(), [&](PathId handle) {
    return std::any_of(joined_.begin(), joined_.end(),
                       [&](PathId joined) { return sameHandle(tables_.paths, joined, handle); });
  });
}

/// Whether something orders them that is not a lock.
void Doubts::weighOrder(RacePair& pair) const {
  const SharedAccess& a = *pair.a;
  const SharedAccess& b = *pair.b;
  if (handOvers_.between(a, b) || handOvers_.between(b, a)) {
    lower(pair, Confidence::Low, "an atomic or a condition that one side sets and the other waits for may order them");
  }
  auto ends = [](const SharedAccess& access) { return access.fact.frees || access.fact.ending; };
  if ((ends(b) && handOvers_.waitsFor(a, b)) || (ends(a) && handOvers_.waitsFor(b, a))) {
    lower(pair, Confidence::Low, "the end of the object waits for something that the other thread signals");
  }
  for (const auto& [self, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    const Actor& who = scope_.actors[other->actor];
    if (self->actor != other->actor && who.kind == Actor::Kind::Thread &&
        comesByJoin(scope_, tables_, self->fact, self->actor, who.thread))
      lower(pair, Confidence::Low, "threads like the other are joined before, if only under a condition");
  }
  if (isHandedOn(a.actor) != isHandedOn(b.actor)) lower(pair, Confidence::Medium, kHandedOn);
  const SharedAccess* later = needsAnotherTurn(a, b) ? &b : needsAnotherTurn(b, a) ? &a : nullptr;
  if (later && isJoined(*later)) {
    lower(pair, Confidence::Low, "the threads meet only if a loop comes round before the other is joined");
  } else if (later) {
    lower(pair, Confidence::Medium, "the threads meet only if a loop comes round while the other still runs");
  }
  if (startsUnseen(a, b) || startsUnseen(b, a)) {
    lower(pair, Confidence::Medium, "the configuration names the thread, but when it starts is not known");
  }
  const Actor& x = scope_.actors[a.actor];
  const Actor& y = scope_.actors[b.actor];
  if (isOnStrand(tables_, x.thread.handles) && isOnStrand(tables_, y.thread.handles))
    lower(pair, Confidence::Low, "one strand may be a copy of the other");
  if ((ends(a) && isHandler(tables_, y.thread.handles)) || (ends(b) && isHandler(tables_, x.thread.handles)))
    lower(pair, Confidence::Low, "who ends the object has usually ended what runs the handlers");
  if (x.homeGuessed || y.homeGuessed)
    lower(pair, Confidence::Medium, "the handler is taken to run on the only executor that the program runs");
  else if (isOnUnknownExecutor(a.actor) || isOnUnknownExecutor(b.actor))
    lower(pair, Confidence::Low, "which executor runs the handler is not known: it may be a strand, or follow the other");
  if (isSignal(a.actor) || isSignal(b.actor)) lower(pair, Confidence::Low, "one side is a signal handler");
  if (a.fact.atomicity == Atomicity::Volatile || b.fact.atomicity == Atomicity::Volatile) {
    lower(pair, Confidence::Medium,
          "the variable is volatile, which does not order threads but may be meant as a hint");
  }
}

}  // namespace deadheat
