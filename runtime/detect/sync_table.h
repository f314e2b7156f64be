// Synchronisation objects by address: the clock that a release leaves there for the next acquire.
//
// Found through the shadow region's sync array, so without a hash and, when the address has none, with one load. An
// object's memory stays a SyncObject for ever; who waited for its lock checks that it still is the one it looked for.
#pragma once

#include "runtime/detect/clock.h"
#include "runtime/detect/shadow_map.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// A cache line, lest threads that use different objects write to the same.
struct alignas(64) SyncObject {
  Address address;  ///< 0: not in use.
  std::uint32_t number;
  std::uint32_t next;  ///< Further objects in the same granule.
  TinyLock lock;
  /// Whose release store heads the release sequence, plus one; 0 when it has several heads or none.
  std::uint32_t head;
  Clock clock;
  /// Slot and epoch of a release that knew all of `clock`, as a key. Who knows that epoch knows the clock.
  /// kKnownToAll: the clock is empty. kUnknown: there is no such release.
  Key summary;

  static constexpr Key kKnownToAll = 0;
  static constexpr Key kUnknown = makeKey(0, kMaxEpoch);

  /// True if `other` has nothing to learn here. Without the lock, this was so a moment ago.
  bool knownTo(const Clock& other) const {
    Key key = __atomic_load_n(&summary, __ATOMIC_ACQUIRE);
    return other.get(slotOf(key)) >= epochOf(key);
  }
  void setSummary(Key key) { __atomic_store_n(&summary, key, __ATOMIC_RELEASE); }
};

/// The object at exactly this address, null if there is none. Any thread, no lock.
SyncObject* findSync(Address address);
/// The same, but makes it.
SyncObject* makeSync(Address address);

/// Holds an object's lock, having made sure that it is still the one of this address.
class SyncGuard {
 public:
  SyncGuard(Address address, SyncObject* found) : object_(found) {
    while (object_ != nullptr) {
      object_->lock.lock();
      if (object_->address == address) return;
      object_->lock.unlock();
      object_ = findSync(address);
    }
  }
  /// Makes the object if need be.
  explicit SyncGuard(Address address) {
    for (;;) {
      object_ = makeSync(address);
      object_->lock.lock();
      if (object_->address == address) return;
      object_->lock.unlock();
    }
  }
  ~SyncGuard() {
    if (object_ != nullptr) object_->lock.unlock();
  }
  SyncGuard(const SyncGuard&) = delete;
  SyncGuard& operator=(const SyncGuard&) = delete;

  SyncObject* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  SyncObject* object_;
};

/// Drops the object of one address.
void removeSync(Address address);

/// In the child of a fork: opens every object's lock, and the lists that threads of the parent were changing.
void openOrphanedSyncs();
SpinLock& syncPoolLock();

}  // namespace deadheat::rt
