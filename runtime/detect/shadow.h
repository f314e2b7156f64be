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

/// What accessMissed does first in a granule of several cells, whose first key is `first`, if they are all the thread's
/// own. False if it is not so simple, and nothing was done.
bool missedAmongOwn(Thread* self, GranuleRef granule, Address address, Key first, Key want, StackWord stack,
                    Address pc);

/// The stack of an access at `pc`, where nothing has to be looked up for it. False if something has.
inline __attribute__((always_inline)) bool stackAtHand(const CallStack& calls, Address pc, StackWord& stack) {
  Address context = calls.top[-1].returnAddress;
  if ((context & CallStack::kKnown) == 0 || !inFirstWindow(pc)) return false;
  stack = siteInFirstWindow(pc) << 32 | static_cast<Context>(context);
  return true;
}

/// A plain access whose granule's first cell does not say as much. `offset`: of its region; `pc` as in memoryAccess.
/// Short: nearly always a thread comes back, in a later epoch, to what it alone touches.
template <std::size_t kSize, bool kWrite>
inline __attribute__((always_inline)) void plainMissed(Thread* self, Address begin, Address offset, Address pc) {
  Key fresh = self->epochKey | (kWrite ? kKeyWrite : 0) |
              (kSize == kGranuleBytes ? kKeyMask : bytesMask(begin, kSize));
  if (offset != 0 && self->ignoreDepth == 0) [[likely]] {
    GranuleRef granule(reinterpret_cast<Key*>((begin & ~(kGranuleBytes - 1)) + offset));
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
    StackWord stack;
    if (stackAtHand(self->calls, pc, stack)) [[likely]] {
      if (takesOwnPlace<kSize, kWrite>(fresh, first) && replaceOnly(granule, first, fresh, stack)) [[likely]]
        return;
      if ((first & kKeyMore) != 0 && ((first ^ fresh) & kKeySlot) == 0) {
        Entering outcome = replaceOneOfTwo<kSize, kWrite>(granule, first, fresh, stack);
        if (outcome == Entering::Entered) [[likely]]
          return;
        if (outcome == Entering::Changed) return accessMissed(self, begin, fresh | kKeyRaced, pc);
        if (missedAmongOwn(self, granule, begin, first, fresh, stack, pc)) return;
      }
    }
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

/// An access of any size, without the plan. Cost: a look at each granule where it is remembered.
void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);

}  // namespace deadheat::rt
