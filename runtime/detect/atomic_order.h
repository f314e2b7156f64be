// What an atomic operation orders, by the C++ memory model: the clock goes with the value.
//
// The clock of an atomic is that of the release sequence its present value belongs to. A release store begins one, a
// read-modify-write of any order continues it (and, if it releases, adds to it), any other store by another thread ends
// it. Relaxed accesses count through fences: what a relaxed load read is taken by the next acquire fence, what a
// release fence covered is published by later relaxed stores. Clock and value change together under the object's lock;
// a load that finds no object, or one whose clock it knows, takes no lock.
#pragma once

#include "runtime/detect/sync.h"

namespace deadheat::rt {

constexpr bool acquires(int order) { return order == 1 || order == 2 || order == 4 || order == 5; }
constexpr bool releases(int order) { return order >= 3 && order <= 5; }
/// gcc adds flags for hardware lock elision above the order.
constexpr int plainOrder(int order) { return order & 7; }

/// A read, whose value `load` fetches (perhaps twice). Returns the value that belongs to what was acquired.
template <class Load>
auto orderedLoad(Thread* self, Address address, int order, Load load) {
  auto value = load();
  SyncObject* found = self->ignoreSyncDepth != 0 ? nullptr : findSync(address);
  // A compare-exchange changes the value before the clock: while the lock is taken the two may not belong together.
  if (found == nullptr || (!found->lock.taken() && found->knownTo(self->clock))) return value;
  RuntimeScope scope;
  SyncGuard object(address, found);
  if (!object) return value;
  value = load();
  (acquires(order) ? self->clock : self->pendingAcquire).join(object->clock);
  return value;
}

/// A store or read-modify-write in the making: between begin and end the value changes, with the object locked.
struct AtomicChange {
  Thread* self;
  SyncObject* object;  ///< Locked; null when nothing is ordered.
  Thread* fast;
  bool released;
};

/// True for a relaxed store or read-modify-write when no fence came before it and nobody synchronised here yet: then
/// there is nothing to begin or end.
inline bool ordersNothing(const Thread* self, Address address, int order) {
  return order == 0 && self->releaseFence.empty() && findSync(address) == nullptr;
}
/// Begins a store.
AtomicChange beginStore(Thread* self, Address address, int order);
/// Begins a read-modify-write.
AtomicChange beginUpdate(Thread* self, Address address, int order);
/// Begins a compare-exchange, of which it is not known yet whether it will be a read-modify-write or a load.
AtomicChange beginCompare(Thread* self, Address address);
/// Says which it was; with the order of that case.
void settleCompare(AtomicChange& change, bool exchanged, int order);
void endChange(const AtomicChange& change);

/// atomic_thread_fence.
void fence(Thread* self, int order);

}  // namespace deadheat::rt
