// The way in of every memory access: the check of a repeated access, to be inlined, and what comes after it.
#pragma once

#include "runtime/detect/fast_state.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/site.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {

/// The access `want` (a whole key) to the granule of `address` is not remembered yet. `pc` as in memoryAccess. Out of
/// line; does not consult the plan.
void accessMissed(Thread* self, Address address, Key want, Address pc);

/// The stack of an access at `pc`, where nothing has to be looked up for it. False if something has.
inline __attribute__((always_inline)) bool stackAtHand(const CallStack& calls, Address pc, StackWord& stack) {
  Address context = calls.top[-1].returnAddress;
  Address window = (pc >> kWindowShift) + 1;
  bool second = window == __atomic_load_n(&siteWindows[1], __ATOMIC_RELAXED);
  if ((context & CallStack::kKnown) == 0 || (!second && window != __atomic_load_n(&siteWindows[0], __ATOMIC_RELAXED)))
    return false;
  Site site = (second ? 1u << kWindowShift : 0) | static_cast<Site>(pc & ((Address{1} << kWindowShift) - 1));
  stack = StackWord{site} << 32 | static_cast<Context>(context);
  return true;
}

/// True if a cell, the only one beside its own, neither races with a plain read by `self` nor goes on account of it.
inline __attribute__((always_inline)) bool letsRead(Key cell, const Thread* self) {
  if ((cell & (kKeyFree | kKeyLocked)) != 0 || (cell & kKeyMask) == 0) return false;
  if ((cell & kKeyWrite) == 0) return (cell & kKeySlot) != (self->epochKey & kKeySlot);
  return (cell & kKeySlot) == (self->epochKey & kKeySlot) || self->clock.get(slotOf(cell)) >= epochOf(cell);
}

/// True if a plain access `fresh` takes the place of a cell of an earlier epoch of its own thread, whatever the flags of
/// kIgnored.
template <bool kWrite>
inline __attribute__((always_inline)) bool takesOwnPlace(Key key, Key fresh, Key ignored) {
  constexpr Key kAgree = kKeySlot | kKeyMore | kKeyLocked | kKeyFree | (kWrite ? 0 : kKeyWrite | kKeyAtomic);
  return ((key ^ fresh) & kAgree & ~ignored) == 0 && (key & ~fresh & kKeyMask) == 0 && (key & kKeyMask) != 0;
}

/// A RuntimeScope for code that fastThread was not null for: the outermost.
class OutermostScope {
 public:
  explicit OutermostScope(Thread* self) : self_(self) {
    fastThread = nullptr;
    insideDepth = 1;
    __asm__ volatile("" ::: "memory");
  }
  ~OutermostScope() {
    __asm__ volatile("" ::: "memory");
    insideDepth = 0;
    fastThread = self_;
  }
  OutermostScope(const OutermostScope&) = delete;
  OutermostScope& operator=(const OutermostScope&) = delete;

 private:
  Thread* self_;
};

/// What a thread comes back to after each of its releases: a cell of its own earlier epoch, alone. False, and nothing
/// was done, where it is not so simple.
template <bool kWrite>
inline __attribute__((always_inline)) bool tookOwnPlace(Thread* self, GranuleRef granule, Key first, Key fresh, Address pc) {
  StackWord stack;
  if (!takesOwnPlace<kWrite>(first, fresh, 0) || !stackAtHand(self->calls, pc, stack)) return false;
  OutermostScope scope(self);
  if (!tryLockGranule(granule, first)) [[unlikely]]
    return false;
  granule.stack() = stack;
  unlockGranule(granule, fresh);
  return true;
}

/// The same where there are two cells: a write that takes the place of both, a read that leaves the other as it is.
template <bool kWrite>
inline bool tookOwnPlaceOfTwo(Thread* self, GranuleRef granule, Key first, Key fresh, Address pc) {
  Key second = __atomic_load_n(granule.key(1), __ATOMIC_ACQUIRE);
  bool firstGoes = takesOwnPlace<kWrite>(first, fresh, kKeyMore);
  bool secondGoes = takesOwnPlace<kWrite>(second, fresh, 0);
  bool simple = kWrite ? firstGoes && secondGoes : firstGoes != secondGoes && letsRead(firstGoes ? second : first, self);
  StackWord stack;
  if (!simple || (second & kKeyMore) != 0 || !stackAtHand(self->calls, pc, stack)) return false;
  OutermostScope scope(self);
  if (!tryLockGranule(granule, first)) [[unlikely]]
    return false;
  if (*granule.key(1) != second) [[unlikely]]
    return unlockGranule(granule, first), false;
  granule.stack(firstGoes ? 0 : 1) = stack;
  if (!firstGoes) __atomic_store_n(granule.key(1), fresh, __ATOMIC_RELEASE);
  unlockGranule(granule, firstGoes ? fresh | (kWrite ? 0 : kKeyMore) : first);
  return true;
}

/// A plain access whose granule's first cell does not say as much. `pc` as in memoryAccess.
template <std::size_t kSize, bool kWrite>
void plainMissed(Thread* self, Address begin, Address pc) {
  Key fresh = self->epochKey | (kWrite ? kKeyWrite : 0) | bytesMask(begin, kSize);
  Address offset = *regionEntry(begin);
  if (offset != 0 && self->ignoreDepth == 0) [[likely]] {
    GranuleRef granule(reinterpret_cast<Key*>((begin & ~(kGranuleBytes - 1)) + offset));
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
    if ((first & kKeyMore) == 0 ? tookOwnPlace<kWrite>(self, granule, first, fresh, pc)
                                : tookOwnPlaceOfTwo<kWrite>(self, granule, first, fresh, pc))
      return;
  }
  accessMissed(self, begin, fresh, pc);
}

/// One access within a granule. Does not consult the plan.
inline __attribute__((always_inline)) void checkInGranule(Thread* self, Address address, Key mask, Key bits,
                                                          Address pc) {
  Key want = self->epochKey | bits | mask;
  if (remembersFirst(address, want)) [[likely]]
    return;
  accessMissed(self, address, want, pc);
}

/// Bytes without a history are written by self, as those of fresh memory are: whoever gets them without being ordered
/// after races with that. Takes the place of nothing: self's next access does.
void markWritten(Thread* self, Address pc, Address begin, std::size_t size);

/// The same for memory that was somebody's before, whose history ends. What lies in the granule of its last byte after
/// it has none from now on, either.
void markFresh(Thread* self, Address pc, Address begin, std::size_t size);

/// A block of self's ends: a write to all of it that nothing makes go away.
void markFreed(Thread* self, Address pc, Address begin, std::size_t size);

/// An access of any size, without the plan.
void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);

}  // namespace deadheat::rt
