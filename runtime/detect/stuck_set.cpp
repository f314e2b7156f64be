#include "runtime/detect/stuck_set.h"

namespace deadheat::rt {
namespace {

bool isStuck(const Waiter& waiter, const Waiter* waiters, bool anyoneLive) {
  if (waiter.anyoneWakes) return !anyoneLive;
  for (std::uint32_t i = 0; i < waiter.blockerCount; ++i)
    if (waiters[waiter.blockers[i]].stuck) return true;
  return false;
}

}  // namespace

/// Greatest fixpoint: all are stuck until one is seen to go on.
std::size_t markStuck(Waiter* waiters, std::size_t count, bool othersLive) {
  for (std::size_t i = 0; i < count; ++i) waiters[i].stuck = true;
  std::size_t stuck = count;
  bool anyoneLive = othersLive;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!waiters[i].stuck || isStuck(waiters[i], waiters, anyoneLive)) continue;
      waiters[i].stuck = false;
      anyoneLive = changed = true;
      --stuck;
    }
  }
  return stuck;
}

}  // namespace deadheat::rt
