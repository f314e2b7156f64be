#include "runtime/detect/fiber_locks.h"

#include "runtime/detect/held_set.h"
#include "runtime/detect/lock_history.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/sync.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {

void fiberLocked(Thread* self, Address pc, Address lock, LockClass kind, Attempt attempt) {
  afterLock(self, pc, lock, kind, Mode::Exclusive, attempt);
  if (Held* held = findHeld(self->locks, lock)) held->ofFiber = true;
}

void putLocksAside(Thread* self, GrowingArray<Held>& aside) {
  LockState& locks = self->locks;
  if (locks.count == 0) return;
  const std::size_t before = aside.size();
  for (std::uint32_t i = 0; i < locks.count;) {
    Held* held = &locks.held()[i];
    if (!held->ofFiber) {
      ++i;
      continue;
    }
    aside.push(*held);
    lockHistoryOf(self->slot).released(momentOf(self->epochKey), held->lock, held->instance, held->mode);
    removeHeld(locks, held);
  }
  if (aside.size() != before) nextEpoch(self);
}

void takeLocksBack(Thread* self, GrowingArray<Held>& aside) {
  for (const Held& held : aside) {
    bool still = false;
    withKnownLock(held.lock, [&](LockRecord& record) {
      still = record.instance == held.instance;
      if (still) record.owner = threadId(self);
    });
    if (!still) continue;
    pushHeld(self->locks, held);
    nextPart(self);
    lockHistoryOf(self->slot).taken(momentOf(self->epochKey), held.lock, held.instance, held.mode);
  }
  aside.clear();
}

}  // namespace deadheat::rt
