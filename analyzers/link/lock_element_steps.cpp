// What the walk knows of locks that are elements, when it cannot be said of which (lock_elements.h).
#include <algorithm>

#include "analyzers/link/lock_walk.h"

namespace deadheat {

void LockWalk::markUnclear(LockWay& way, PathId lock, FunctionIndex after) {
  LockState state;
  state.lock = lock;
  state.unclearAfter = after;
  way.set(state);
}

/// Something was done to an element of the family: it may have been any that is known of.
void LockWalk::blur(LockWay& way, PathId family, FunctionIndex after) {
  for (LockState& state : way.locks) {
    if (state.fate == LockFate::Gone || elements_.family(state.lock) != family) continue;
    LockState unclear;
    unclear.lock = state.lock;
    unclear.unclearAfter = after;
    state = unclear;
  }
  markUnclear(way, family, after);
}

/// Members of one name of objects that are reached by pointers may be one member of one object.
bool LockWalk::mayBeAlias(PathId a, PathId b) const {
  const PathTable& paths = tables_.paths;
  if (paths[a].kind != PathNode::Kind::Field || paths[b].kind != PathNode::Kind::Field) return false;
  return paths[a].name == paths[b].name && paths[a].record == paths[b].record &&
         (paths.passes(a, PathNode::Kind::Deref) || paths.passes(b, PathNode::Kind::Deref));
}

/// A lock is given back that is not known by this name, but may be one that is held by another: the same element, or
/// the same object.
bool LockWalk::isDoubtful(LockWay& way, PathId lock, HoldSiteId site) {
  for (LockState& state : way.locks) {
    if (state.fate != LockFate::Held || state.byGuard || !mayBeAlias(state.lock, lock)) continue;
    markUnclear(way, state.lock);
    return true;
  }
  const PathId family = elements_.family(lock);
  if (family == lock && !elements_.isFamily(lock)) return false;
  const LockState* doubt = way.find(family);
  const bool isHeld = std::any_of(way.locks.begin(), way.locks.end(), [&](const LockState& s) {
    return s.lock != family && s.fate != LockFate::Free && elements_.mayBeSame(s.lock, lock);
  });
  if (doubt && doubt->unclearAfter != FunctionIndex::None) {
    note(LockIncident::Kind::CallerGivesBack, *doubt, site, doubt->unclearAfter);
  }
  const bool isSome = elements_.isFamily(lock);
  if (isSome && !doubt && !isHeld) lostGives_.insert(family);
  if (isHeld || isSome) blur(way, family);
  return doubt || isHeld || isSome;
}

/// The lock, or one that may be it, is or may be held.
bool LockWalk::isSomeHeld(const LockWay& way, PathId lock) {
  const PathId family = elements_.family(lock);
  return std::any_of(way.locks.begin(), way.locks.end(), [&](const LockState& s) {
    const bool mayBe = s.fate == LockFate::Held || s.fate == LockFate::Unclear;
    return mayBe && (s.lock == lock || s.lock == family || elements_.mayBeSame(s.lock, lock));
  });
}

/// `variable` takes a value: which elements it chose is known no more.
void LockWalk::forgetElements(LockWay& way, Symbol variable) {
  if (variable == Symbol::Empty) return;
  std::set<PathId> held;
  std::erase_if(way.locks, [&](const LockState& s) {
    if (!elements_.dependsOn(s.lock, variable)) return false;
    if (s.fate == LockFate::Held || s.fate == LockFate::Unclear) held.insert(elements_.family(s.lock));
    if (s.fate == LockFate::Free && s.byCaller) lostGives_.insert(elements_.family(s.lock));
    if (s.fate == LockFate::Free && s.taken != HoldSiteId::None) givenEarlier_.insert({s.lock, s.taken});
    return true;
  });
  for (PathId family : held) markUnclear(way, family);
}

}  // namespace deadheat
