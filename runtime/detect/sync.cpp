// Happens-before through objects: who acquires learns what was known at the last release.
//
// The object's clock is summed up by one (slot, epoch) whenever the last release knew all of it, as with every mutex.
// Then taking it again, in the thread that left it or in one that knows, costs a comparison instead of a join.
#include "runtime/detect/sync.h"

#include "runtime/detect/fast_state.h"
#include "runtime/detect/slots.h"
#include "runtime/schedule/events.h"

namespace deadheat::rt {

void nextEpoch(Thread* self) {
  Epoch epoch = self->epoch();
  Slot slot = self->slot;
  if (epoch + 2 >= kMaxEpoch) {
    Epoch first = 0;
    Slot fresh = takeSlot(self->clock, self->id, first);
    giveSlot(slot, epoch);
    self->slot = slot = fresh;
    epoch = first - 1;
  }
  self->clock.set(slot, epoch + 1);
  self->epochKey = makeKey(slot, epoch + 1);
  if (!everythingIsTold()) setFastState(self->epochKey);
}

void nextPart(Thread* self) {
  if ((self->epochKey & kKeyPart) != 0) return nextEpoch(self);
  self->epochKey |= kKeyPart;
  if (!everythingIsTold()) setFastState(self->epochKey);
}

void acquireFrom(Thread* self, const SyncObject& object) {
  if (object.knownTo(self->clock)) return;
  self->clock.join(object.clock);
}

void releaseInto(Thread* self, SyncObject& object) {
  if (!object.knownTo(self->clock)) {
    object.clock.join(self->clock);
    object.setSummary(SyncObject::kUnknown);
    object.head = 0;
    return;
  }
  storeInto(self, object);
}

void storeInto(Thread* self, SyncObject& object) {
  object.clock.assign(self->clock);
  object.setSummary(self->epochKey);
  object.head = self->slot + 1;
}

void acquireClock(Thread* self, Address address) {
  if (self->ignoreSyncDepth != 0) return;
  SyncObject* found = findSync(address);
  if (found == nullptr || found->knownTo(self->clock)) return;
  RuntimeScope scope;
  SyncGuard object(address, found);
  if (object) acquireFrom(self, *object.operator->());
}

void releaseClock(Thread* self, Address address) {
  if (self->ignoreSyncDepth != 0) return;
  RuntimeScope scope;
  {
    SyncGuard object(address);
    releaseInto(self, *object.operator->());
  }
  nextEpoch(self);
}

void acquire(Thread* self, Address address) {
  if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::Receive, address);
  acquireClock(self, address);
}

void release(Thread* self, Address address) {
  if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::Send, address);
  releaseClock(self, address);
}

void releaseStore(Thread* self, Address address) {
  if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::SendAnew, address);
  if (self->ignoreSyncDepth != 0) return;
  RuntimeScope scope;
  {
    SyncGuard object(address);
    storeInto(self, *object.operator->());
  }
  nextEpoch(self);
}

void acquireRelease(Thread* self, Address address) {
  if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::ReceiveAndSend, address);
  if (self->ignoreSyncDepth != 0) return;
  RuntimeScope scope;
  {
    SyncGuard object(address);
    acquireFrom(self, *object.operator->());
    storeInto(self, *object.operator->());
  }
  nextEpoch(self);
}

void acquireEverything(Thread* self) {
  RuntimeScope scope;
  forEachThread(
      [](Thread* other, void* data) {
        Key key = __atomic_load_n(&other->epochKey, __ATOMIC_RELAXED);
        Clock& clock = static_cast<Thread*>(data)->clock;
        if (clock.get(slotOf(key)) < epochOf(key)) clock.set(slotOf(key), epochOf(key));
      },
      self);
}

void syncDestroy(Thread* self, Address address) {
  RuntimeScope scope;
  removeSync(address);
}

}  // namespace deadheat::rt
