// Which locks a thread held in each of its epochs, for the report of a race: the shadow tells when the earlier access was,
// this tells what was held then.
//
// Taking a lock begins an epoch, as releasing one does, so that an epoch has one set of locks. The last kEvents events are
// kept; of what was taken before them, a report says nothing.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/clock.h"

namespace deadheat::rt {

/// Of one slot, so that it is there after the thread that had it. Written by that thread, read by others while it runs
/// on: an event that is being overwritten is at worst a wrong lock in a report, never a wrong race.
class LockHistory {
 public:
  /// From the beginning of `epoch` on.
  void taken(Epoch epoch, Address lock, std::uint64_t instance, Mode mode) { note({epoch, lock, instance, mode, true}); }
  /// Up to the end of `epoch`.
  void released(Epoch epoch, Address lock, std::uint64_t instance, Mode mode) {
    note({epoch, lock, instance, mode, false});
  }
  /// The locks held in `epoch`, oldest first, at most `capacity`. Returns their number.
  std::size_t heldIn(Epoch epoch, HeldLock* out, std::size_t capacity) const;

 private:
  static constexpr std::size_t kEvents = 512;
  struct Event {
    Epoch epoch;
    Address lock;
    std::uint64_t instance;
    Mode mode;
    bool taken;
  };
  void note(const Event& event);

  Event* events_;  ///< Made with the first; stays for the slot's next owner.
  std::uint64_t count_;
};

/// Made with its first use.
LockHistory& lockHistoryOf(Slot slot);

}  // namespace deadheat::rt
