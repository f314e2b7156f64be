// Vector clocks: what one thread, or one synchronisation object, knows of every other thread.
//
// A thread has a slot, and an epoch that rises with each of its releases. clock[s] = e says: everything the owner of
// slot s did in epochs up to e is ordered before. Clocks are as long as the highest slot they know, so a program of
// four threads pays for four entries.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

using Slot = std::uint32_t;
using Epoch = std::uint64_t;

/// Not synchronised. All-zero bytes are the empty clock; release() gives its memory back.
class Clock {
 public:
  constexpr Clock() = default;

  Epoch get(Slot slot) const { return slot < size_ ? entries_[slot] : 0; }
  void set(Slot slot, Epoch epoch) {
    if (slot >= size_) grow(slot + 1);
    entries_[slot] = epoch;
  }
  bool empty() const { return size_ == 0; }
  std::uint32_t size() const { return size_; }

  /// Takes the greater entry of both.
  void join(const Clock& other);
  /// Becomes a copy.
  void assign(const Clock& other);
  void clear() { size_ = 0; }
  /// Clears, and gives the memory back.
  void release();

 private:
  void grow(std::uint32_t size);

  Epoch* entries_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

/// Lock of the memory clocks come from; for fork.
SpinLock& clockPoolLock();

}  // namespace deadheat::rt
