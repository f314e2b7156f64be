#include "runtime/detect/atomic_order.h"

namespace deadheat::rt {
namespace {

AtomicChange nothing(Thread* self) { return {self, nullptr, nullptr, false}; }

/// Like a RuntimeScope and a SyncGuard that end in endChange.
AtomicChange locked(Thread* self, Address address) {
  AtomicChange change{self, nullptr, fastThread, false};
  fastThread = nullptr;
  ++insideDepth;
  for (;;) {
    change.object = makeSync(address);
    change.object->lock.lock();
    if (change.object->address == address) return change;
    change.object->lock.unlock();
  }
}

/// A relaxed store, perhaps after a release fence.
void storeRelaxed(Thread* self, SyncObject& object) {
  if (!self->releaseFence.empty()) {
    object.clock.assign(self->releaseFence);
    object.setSummary(self->releaseFenceKey);
    object.head = self->slot + 1;
  } else if (object.head != self->slot + 1) {
    object.clock.clear();
    object.setSummary(SyncObject::kKnownToAll);
    object.head = 0;
  }
}

void readRelaxed(Thread* self, const SyncObject& object) {
  if (!object.knownTo(self->clock)) self->pendingAcquire.join(object.clock);
}

/// A relaxed read-modify-write after a release fence.
void publishFence(Thread* self, SyncObject& object) {
  if (self->releaseFence.empty()) return;
  bool known = object.knownTo(self->releaseFence);
  object.clock.join(self->releaseFence);
  object.setSummary(known ? self->releaseFenceKey : SyncObject::kUnknown);
  object.head = 0;
}

void update(AtomicChange& change, int order) {
  SyncObject& object = *change.object;
  if (acquires(order))
    acquireFrom(change.self, object);
  else
    readRelaxed(change.self, object);
  if (releases(order))
    releaseInto(change.self, object);
  else
    publishFence(change.self, object);
  change.released = releases(order);
}

}  // namespace

AtomicChange beginStore(Thread* self, Address address, int order) {
  if (self->ignoreSyncDepth != 0) return nothing(self);
  AtomicChange change = locked(self, address);
  change.released = releases(order);
  if (change.released)
    storeInto(self, *change.object);
  else
    storeRelaxed(self, *change.object);
  return change;
}

AtomicChange beginUpdate(Thread* self, Address address, int order) {
  if (self->ignoreSyncDepth != 0) return nothing(self);
  AtomicChange change = locked(self, address);
  update(change, order);
  return change;
}

AtomicChange beginCompare(Thread* self, Address address) {
  return self->ignoreSyncDepth != 0 ? nothing(self) : locked(self, address);
}

void settleCompare(AtomicChange& change, bool exchanged, int order) {
  if (change.object == nullptr) return;
  if (exchanged)
    update(change, order);
  else if (acquires(order))
    acquireFrom(change.self, *change.object);
  else
    readRelaxed(change.self, *change.object);
}

void endChange(const AtomicChange& change) {
  if (change.object == nullptr) return;
  change.object->lock.unlock();
  if (change.released) nextEpoch(change.self);
  --insideDepth;
  fastThread = change.fast;
}

void fence(Thread* self, int order) {
  if (self->ignoreSyncDepth != 0) return;
  RuntimeScope scope;
  if (acquires(order)) {
    self->clock.join(self->pendingAcquire);
    self->pendingAcquire.clear();
  }
  if (!releases(order)) return;
  self->releaseFence.assign(self->clock);
  self->releaseFenceKey = self->epochKey;
  nextEpoch(self);
}

}  // namespace deadheat::rt
