#include "analyzers/checks/covers.h"

#include <algorithm>

namespace deadheat {
namespace {

std::uint32_t actorOf(ThreadNumber thread) { return thread == kSelf ? 0 : thread + 1u; }

const std::vector<Cover>& coversOf(const Scope& scope, std::uint32_t actor) { return scope.actors[actor].thread.covers; }

/// A lock that somebody else than `other` holds while `covered` runs, and `other` holds too, or is covered by.
bool keepsOut(const Scope& scope, const SharedAccess& covered, const SharedAccess& other, const Tables& tables) {
  for (const Cover& cover : coversOf(scope, covered.actor)) {
    if (actorOf(cover.holder) == other.actor) continue;
    if (tables.locksets.find(other.fact.held, cover.lock)) return true;
    const std::vector<Cover>& theirs = coversOf(scope, other.actor);
    if (std::any_of(theirs.begin(), theirs.end(), [&](const Cover& their) {
          return their.lock == cover.lock && their.holder != cover.holder;
        })) {
      return true;
    }
  }
  return false;
}

/// Whether `access` happens before `parent` first gives back `lock`, taken before it started a thread: it is the
/// parent's own, under that hold, or made by another thread that lives within the hold.
bool isWithinHold(const Scope& scope, const SharedAccess& access, std::uint32_t parent, const HeldLock& lock,
                  const Tables& tables) {
  auto sameHold = [&](LocksetId held) {
    const HeldLock* found = tables.locksets.find(held, lock.lock);
    return found && found->since == lock.since;
  };
  if (access.actor == parent) return sameHold(access.fact.held);
  const std::vector<Cover>& covers = coversOf(scope, access.actor);
  return sameHold(scope.actors[access.actor].thread.startedUnder) &&
         std::any_of(covers.begin(), covers.end(), [&](const Cover& cover) {
           return cover.lock == lock.lock && actorOf(cover.holder) == parent;
         });
}

/// The thread of `later` was started under a lock and has taken it on its way, so it comes after all that happens
/// within the hold under which it was started; `first` does.
bool waitsForStarter(const Scope& scope, const SharedAccess& first, const SharedAccess& later, const Tables& tables) {
  PathSetId taken = later.fact.taken;
  for (std::uint32_t actor = later.actor; actor != 0;) {
    const ThreadFact& thread = scope.actors[actor].thread;
    const std::uint32_t parent = actorOf(thread.parent);
    for (const HeldLock& lock : tables.locksets[thread.startedUnder]) {
      if (lock.hold == Hold::Exclusive && tables.pathSets.contains(taken, lock.lock) &&
          isWithinHold(scope, first, parent, lock, tables)) {
        return true;
      }
    }
    taken = thread.takenBefore;
    actor = parent;
  }
  return false;
}

}  // namespace

bool areApartByStarter(const Scope& scope, const SharedAccess& a, const SharedAccess& b, const Tables& tables) {
  if (scope.kind != Scope::Kind::Frame) return false;
  return keepsOut(scope, a, b, tables) || keepsOut(scope, b, a, tables) || waitsForStarter(scope, a, b, tables) ||
         waitsForStarter(scope, b, a, tables);
}

}  // namespace deadheat
