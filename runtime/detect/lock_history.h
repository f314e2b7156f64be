// Which locks a thread held in each of its epochs, for the report of a race: the shadow tells when the earlier access was,
// this tells what was held then.
//
// Taking a lock begins a part of an epoch, as releasing one begins an epoch, so that each has one set of locks. The last
// kEvents events are kept; of what was taken before them, a report says nothing.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/clock.h"
#include "runtime/detect/shadow_cell.h"

namespace deadheat::rt {

/// Of one slot, so that it is there after the thread that had it. Written by that thread, read by others while it runs
/// on: an event that is being overwritten is at worst a wrong lock in a report, never a wrong race.
class alignas(64) LockHistory {
 public:
  /// From the beginning of `moment` on.
  void taken(Moment moment, Address lock, std::uint64_t instance, Mode mode) { note(event(moment, lock, instance, mode, true)); }
  /// Up to the end of `moment`.
  void released(Moment moment, Address lock, std::uint64_t instance, Mode mode) {
    note(event(moment, lock, instance, mode, false));
  }
  /// The locks held at `moment`, oldest first, at most `capacity`. Returns their number.
  std::size_t heldIn(Moment moment, HeldLock* out, std::size_t capacity) const;

 private:
  static constexpr std::size_t kEvents = 512;
  /// Three words, since a thread that locks much goes round all of them.
  struct Event {
    Moment when;  ///< Twice shifted: bit 0 says taken, bit 1 shared.
    Address lock;
    std::uint64_t instance;

    Moment moment() const { return when >> 2; }
    bool taken() const { return (when & 1) != 0; }
    Mode mode() const { return (when & 2) != 0 ? Mode::Shared : Mode::Exclusive; }
  };
  static Event event(Moment moment, Address lock, std::uint64_t instance, Mode mode, bool taken) {
    return {moment << 2 | (mode == Mode::Shared ? 2u : 0u) | (taken ? 1u : 0u), lock, instance};
  }
  void note(const Event& event) {
    if (events_ == nullptr) [[unlikely]]
      makeRoom();
    events_[count_ % kEvents] = event;
    __atomic_store_n(&count_, count_ + 1, __ATOMIC_RELEASE);
  }
  void makeRoom();

  Event* events_;  ///< Made with the first; stays for the slot's next owner.
  std::uint64_t count_;
};

/// Made with its first use.
LockHistory& lockHistoryOf(Slot slot);

}  // namespace deadheat::rt
