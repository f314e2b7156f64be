// One remembered access in 64 + 64 bits: a key that says who, when, which bytes and how, and a stack.
#pragma once

#include <cstdint>

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// Key layout, lowest bits first: 8 bytes mask, atomic, lock, raced, 16 slot, 32 epoch, write, part, 2 kind, more. 0 is
/// no access. What a repeated access need not agree in is on top, so that a shift takes it off (detect/fast_state.h).
using Key = std::uint64_t;
inline constexpr Key kKeyMask = 0xff;
inline constexpr Key kKeyAtomic = 1u << 8;
inline constexpr Key kKeyLocked = 1u << 9;
/// Raced when it was entered. Its thread's next access to the bytes is checked even in the same epoch, since it may be
/// other code, so another race.
inline constexpr Key kKeyRaced = 1u << 10;
inline constexpr unsigned kSlotShift = 11;
inline constexpr unsigned kEpochShift = 27;
inline constexpr unsigned kWriteShift = 59;
inline constexpr Key kKeyWrite = Key{1} << kWriteShift;
/// Later in its epoch than the taking of a lock. Nothing depends on it but what a report says was held.
inline constexpr unsigned kPartShift = 60;
inline constexpr Key kKeyPart = Key{1} << kPartShift;
inline constexpr unsigned kKindShift = 61;
inline constexpr Key kKeyKind = Key{3} << kKindShift;
/// In a cell in line: there is another after it. The first key may be nothing but this.
inline constexpr Key kKeyMore = Key{1} << 63;
inline constexpr std::uint32_t kSlotBits = kEpochShift - kSlotShift;
inline constexpr Key kKeySlot = ((Key{1} << kSlotBits) - 1) << kSlotShift;
inline constexpr std::uint32_t kSlots = (1u << kSlotBits) - 1;
/// The slot no thread has: the key is not an access but a block's size.
inline constexpr std::uint32_t kBlockSlot = kSlots;
inline constexpr std::uint64_t kMaxEpoch = (std::uint64_t{1} << (kWriteShift - kEpochShift)) - 1;

constexpr std::uint32_t slotOf(Key key) {
  return static_cast<std::uint32_t>(key >> kSlotShift) & ((1u << kSlotBits) - 1);
}
constexpr std::uint64_t epochOf(Key key) { return key >> kEpochShift & kMaxEpoch; }
/// Epoch and part: when, as finely as it is known.
using Moment = std::uint64_t;
constexpr Moment momentOf(Key key) { return epochOf(key) << 1 | (key >> kPartShift & 1); }
constexpr Key makeKey(std::uint32_t slot, std::uint64_t epoch) {
  return epoch << kEpochShift | static_cast<Key>(slot) << kSlotShift;
}

/// What a report says of an access beyond reading and writing.
enum class AccessKind : std::uint8_t { Plain = 0, Free = 1, Vptr = 2 };

/// No other kind has this bit.
inline constexpr Key kKeyFree = Key{static_cast<std::uint8_t>(AccessKind::Free)} << kKindShift;
static_assert((static_cast<int>(AccessKind::Free) & static_cast<int>(AccessKind::Vptr)) == 0);

constexpr Key keyBitsOf(std::uint32_t flags) {
  AccessKind kind = (flags & protocol::kAccessFree) != 0   ? AccessKind::Free
                    : (flags & protocol::kAccessVptr) != 0 ? AccessKind::Vptr
                                                           : AccessKind::Plain;
  return ((flags & protocol::kAccessWrite) != 0 ? kKeyWrite : 0) |
         ((flags & protocol::kAccessAtomic) != 0 ? kKeyAtomic : 0) | static_cast<Key>(kind) << kKindShift;
}
constexpr std::uint32_t flagsOf(Key key) {
  constexpr std::uint32_t kKinds[] = {0, protocol::kAccessFree, protocol::kAccessVptr, 0};
  return ((key & kKeyWrite) != 0 ? protocol::kAccessWrite : 0) |
         ((key & kKeyAtomic) != 0 ? protocol::kAccessAtomic : 0) | kKinds[(key & kKeyKind) >> kKindShift];
}

constexpr AccessKind kindOf(Key key) { return static_cast<AccessKind>((key & kKeyKind) >> kKindShift); }

/// Two accesses that would race if nothing ordered them.
constexpr bool conflicts(Key a, Key b) {
  return (a & b & kKeyMask) != 0 && ((a | b) & kKeyWrite) != 0 && (a & b & kKeyAtomic) == 0;
}
/// Whatever races with the kind of access `weak` is races with `strong` too; bytes apart.
constexpr bool atLeastAsStrong(Key strong, Key weak) {
  return ((weak & ~strong & kKeyWrite) | (strong & ~weak & kKeyAtomic)) == 0;
}

/// Context in the low half, site (detect/site.h) in the high half.
using StackWord = std::uint64_t;

}  // namespace deadheat::rt
