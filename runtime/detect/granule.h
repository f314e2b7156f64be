// The check itself: one access against everything remembered of 8 bytes.
//
// A cell is dropped only when a newer access makes it useless: one that is ordered after it, on the same bytes, at
// least as strong. Whatever races with the old access then races with the new one too. So the cells of a granule are
// exactly what is needed to see, for every byte, whether some race exists on it; no other cell is ever lost. Four
// cells lie in line, any number more in a list of chunks. Whether there is a next is a bit of each, whether there is a
// list a bit of the last; any may be empty then. A new access takes the place of the first cell it makes useless,
// so each thread's cell stays where code in line finds it. Cells are added and moved under another bit of the first, a
// lock; reads of one's own key need none, nor does an access that only takes an earlier one's place
// (detect/granule_row.h).
#pragma once

#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/clock.h"
#include "runtime/detect/fast_state.h"
#include "runtime/detect/shadow_map.h"

namespace deadheat::rt {

/// Cells that an access races with, each pair of code and kind once.
struct RacingCells {
  static constexpr std::uint32_t kMost = 48;
  struct Cell {
    Key key;
    StackWord stack;
  };

  std::uint32_t count;
  Cell cells[kMost];

  void add(Key key, StackWord stack);
};

/// Bits in which a cell must agree with `want` to make it needless: thread, epoch, no lock and no race, every byte and
/// the write of `want`; and a cell of a plain access only will do for a plain access.
constexpr Key bitsThatCount(Key want) {
  return ~(kKeyMask | kKeyWrite | kKeyPart | kKeyKind | kKeyMore | (want & kKeyAtomic)) | (want & (kKeyMask | kKeyWrite));
}

/// Out of line part of remembers.
bool listRemembers(GranuleRef granule, Key want);

/// True if a cell says as much as the access `want`: of the same epoch, at least its bytes, at least as strong; `early`
/// is whether it is one of the first two. Takes no lock. Saves the walk through a list where a cell in line is the same
/// thread's from before: mostly that one is about to be replaced, and to record once more what is remembered does no
/// harm.
inline __attribute__((always_inline)) bool remembers(GranuleRef granule, Key want, bool& early) {
  constexpr Key kSame = kKeySlot | kKeyWrite | kKeyAtomic | kKeyFree;
  Key bits = bitsThatCount(want);
  bool old = false;
  for (unsigned column = 0; column < kColumns; ++column) {
    Key key = __atomic_load_n(granule.key(column), __ATOMIC_ACQUIRE);
    early = column < 2;
    if (((key ^ want) & bits) == 0) return true;
    if ((key & kKeyMore) == 0) return false;
    old |= ((key ^ want) & kSame) == 0 && (want & ~key & kKeyMask) == 0;
  }
  return !old && listRemembers(granule, want);
}

inline bool remembers(GranuleRef granule, Key want) {
  bool early;
  return remembers(granule, want, early);
}

/// The same for the first cell alone, without its region (detect/fast_state.h).
inline __attribute__((always_inline)) bool remembersFirst(Address address, Key want) {
  return ((firstKeyAt(address) ^ want) & bitsThatCount(want)) == 0;
}

inline bool isEmpty(GranuleRef granule) { return __atomic_load_n(granule.key(), __ATOMIC_RELAXED) == 0; }

/// True if whoever races with `cell` races with `fresh`, where that comes after it.
inline bool standsFor(Key fresh, Key cell) {
  return (cell & ~fresh & kKeyMask) == 0 && atLeastAsStrong(fresh, cell) && kindOf(cell) != AccessKind::Free;
}
/// True if `fresh` takes the place of `cell`, another access than itself, whatever else there is: ordered after it, and
/// stands for it. `clock` is that of the thread of `fresh`.
inline bool takesPlace(Key fresh, Key cell, const Clock& clock) {
  return standsFor(fresh, cell) && (((cell ^ fresh) & kKeySlot) == 0 || clock.get(slotOf(cell)) >= epochOf(cell));
}

/// True if `cell` was left where it is when a later access of its thread, `first`, took another cell's place.
inline bool outlived(Key cell, Key first) {
  return ((cell ^ first) & kKeySlot) == 0 && epochOf(first) >= epochOf(cell) && standsFor(first, cell);
}

/// A cell that is behind the second says as much as `want`: puts it where code in line looks, in place of one that its
/// thread is less likely to look for; `turn` decides between equals.
void bringForward(GranuleRef granule, Key want, unsigned turn);

/// Forgets what is known of the bytes in `mask`.
void clearGranule(GranuleRef granule, Key mask);
/// The granule has no cells, and its arrays are about to be emptied.
void giveListBack(GranuleRef granule);
inline bool hasList(GranuleRef granule) {
  for (unsigned column = 0; column < kColumns; ++column)
    if ((__atomic_load_n(granule.key(column), __ATOMIC_RELAXED) & kKeyMore) == 0) return false;
  return true;
}

/// Takes the lock bit if the first key is `first`, which has it not.
inline bool tryLockGranule(GranuleRef granule, Key first) {
  return __atomic_compare_exchange_n(granule.key(), &first, first | kKeyLocked, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED);
}
/// Out of line part of lockGranule.
Key waitForGranule(GranuleRef granule);
/// Takes the lock bit and returns the first key without it; storing a first key with unlockGranule gives it back.
inline Key lockGranule(GranuleRef granule) {
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED) & ~kKeyLocked;
  return tryLockGranule(granule, first) ? first : waitForGranule(granule);
}
inline void unlockGranule(GranuleRef granule, Key first) { __atomic_store_n(granule.key(), first, __ATOMIC_RELEASE); }

/// Puts `fresh` in place of `old`, if that is there, by one locked instruction. Without the lock prefix the instruction
/// writes back what it has read when that was not `old`, and so can put a lock bit there for ever that was given back
/// meanwhile.
inline __attribute__((always_inline)) bool exchange(Key* place, Key old, Key fresh) {
  return __atomic_compare_exchange_n(place, &old, fresh, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/// True if a granule whose first key is `first` has one cell, is not locked, and `fresh` takes the cell's place.
inline __attribute__((always_inline)) bool takesOnlyPlace(Key fresh, Key first, const Clock& clock) {
  return (first & (kKeyMore | kKeyLocked)) == 0 && (first & kKeyMask) != 0 && takesPlace(fresh, first, clock);
}

/// The same for a plain access of `kSize` bytes to what its own thread accessed last; may say no for too many reasons.
template <std::size_t kSize, bool kWrite>
inline __attribute__((always_inline)) bool takesOwnPlace(Key fresh, Key first) {
  constexpr Key kAgree = kKeySlot | kKeyMore | kKeyLocked | kKeyFree | (kWrite ? 0 : kKeyWrite);
  return ((first ^ fresh) & kAgree) == 0 && (kSize == kGranuleBytes || (first & ~fresh & kKeyMask) == 0);
}

/// What recordAccess does where takesOnlyPlace, without the granule's lock: most accesses are a thread's that comes back,
/// in a later epoch, to what it alone touches or what was handed to it. The key is replaced by one instruction; should
/// another thread take the new cell's place before the next, a stack is told for another. False: the granule changed, and
/// nothing was done.
inline __attribute__((always_inline)) bool replaceOnly(GranuleRef granule, Key first, Key fresh, StackWord stack) {
  if (!exchange(granule.key(), first, fresh)) [[unlikely]]
    return false;
  granule.stack() = stack;
  return true;
}

/// Of an attempt to enter an access.
enum class Entering : std::uint8_t {
  NotSimple,       ///< Nothing was done.
  Remembered,      ///< Nothing had to be.
  RememberedLate,  ///< And code in line does not look there.
  Entered,
  Changed,  ///< Entered, but among cells that changed meanwhile.
};

/// What recordAccess does with a plain access of `kSize` bytes where there are two cells, both the thread's own, and it
/// takes the place of one, without the lock, as replaceOnly does it. `first` is the first key.
template <std::size_t kSize, bool kWrite>
inline __attribute__((always_inline)) Entering replaceOneOfTwo(GranuleRef granule, Key first, Key fresh,
                                                               StackWord stack) {
  constexpr Key kAgree = kKeySlot | kKeyFree;
  Key second = __atomic_load_n(granule.key(1), __ATOMIC_RELAXED);
  if ((((first ^ fresh) & (kAgree | kKeyLocked)) | ((second ^ fresh) & (kAgree | kKeyMore))) != 0)
    return Entering::NotSimple;
  bool secondAlike = kSize == kGranuleBytes || ((second ^ fresh) & kKeyMask) == 0;
  if (kSize != kGranuleBytes && ((first ^ fresh) & kKeyMask) != 0) return Entering::NotSimple;
  if (!secondAlike && (second & fresh & kKeyMask) != 0) return Entering::NotSimple;
  if (kWrite || (first & kKeyWrite) == 0) {
    if (!exchange(granule.key(), first, fresh | kKeyMore)) return Entering::NotSimple;
    granule.stack() = stack;
    return __atomic_load_n(granule.key(1), __ATOMIC_RELAXED) == second ? Entering::Entered : Entering::Changed;
  }
  if (!secondAlike || ((second & kKeyWrite) != 0 && !outlived(second, first)) ||
      !exchange(granule.key(1), second, fresh))
    return Entering::NotSimple;
  granule.stack(1) = stack;
  return __atomic_load_n(granule.key(), __ATOMIC_RELAXED) == first ? Entering::Entered : Entering::Changed;
}

/// The rest of recordAccess: the granule is locked, its first key is `first`. Unlocks it.
void recordAmongOthers(GranuleRef granule, Key first, Key fresh, StackWord stack, const Clock& clock,
                       RacingCells& racing);

/// Checks `fresh`, which is not remembered, against the granule and remembers it. `clock` is that of the accessing
/// thread. Cells it races with go to `racing`, which the caller empties. Cost: one locked instruction and a look at
/// each cell.
void recordAccess(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock, RacingCells& racing);

/// What a granule's first key has to agree in with a plain access of its own thread for recordInOwnBlock.
inline constexpr Key kOwnBlockCounts = kKeySlot | kKeyMore | kKeyLocked | kKeyKind | kKeyAtomic;

/// True if all cells of the granule are the thread's own, plain, and in line. `like` as kOwnBlockCounts says.
inline bool ownRow(GranuleRef granule, Key like) {
  for (unsigned column = 0; column < kColumns; ++column) {
    Key key = __atomic_load_n(granule.key(column), __ATOMIC_RELAXED);
    if (((key ^ like) & kOwnBlockCounts & ~kKeyMore) != 0) return false;
    if ((key & kKeyMore) == 0) return true;
  }
  return false;
}

/// As recordAccess where `fresh` takes the place of all there is, for a plain write of a block that is being allocated
/// or freed, which no other thread has any business in: without the lock. Should one access these very bytes in the few
/// instructions this takes, one of the two accesses is forgotten.
inline __attribute__((always_inline)) bool recordInOwnBlock(GranuleRef granule, Key fresh, StackWord stack,
                                                            const Clock& clock) {
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  Key like = fresh & ~kKeyKind;
  // Of the same thread and plain: what a write of the whole granule always takes the place of.
  if ((fresh & kKeyMask) != kKeyMask || ((first ^ like) & kOwnBlockCounts) != 0) {
    bool all =
        first == 0 || takesOnlyPlace(fresh, first, clock) || ((fresh & kKeyMask) == kKeyMask && ownRow(granule, like));
    if (!all) return false;
  }
  granule.stack() = stack;
  unlockGranule(granule, fresh);
  return true;
}

/// The same, and whatever there was is forgotten.
inline __attribute__((always_inline)) bool replaceInOwnBlock(GranuleRef granule, Key fresh, StackWord stack) {
  if ((__atomic_load_n(granule.key(), __ATOMIC_RELAXED) & (kKeyMore | kKeyLocked)) != 0) return false;
  granule.stack() = stack;
  unlockGranule(granule, fresh);
  return true;
}

/// The same, and nothing takes its place.
inline __attribute__((always_inline)) bool clearInOwnBlock(GranuleRef granule) {
  if ((__atomic_load_n(granule.key(), __ATOMIC_RELAXED) & (kKeyMore | kKeyLocked)) != 0) return false;
  unlockGranule(granule, 0);
  return true;
}

/// The last three for many granules side by side of the calling thread's own block, four at a time as long as their first
/// keys agree with `like` in the bits `counts`: key and, if it is told, stack of all become these. Returns how many were
/// done; the next four are not so simple, or fewer than four are left.
template <bool kStack>
inline __attribute__((always_inline)) std::size_t setAlike(GranuleRef granule, std::size_t count, Key like, Key counts,
                                                           Key fresh, StackWord stack) {
  Key* keys = granule.key();
  StackWord* stacks = &granule.stack();
  std::size_t done = 0;
  for (; done + 4 <= count; done += 4) {
    Key differs = 0;
    for (std::size_t i = 0; i < 4; ++i) differs |= __atomic_load_n(&keys[done + i], __ATOMIC_RELAXED) ^ like;
    if ((differs & counts) != 0) break;
    if (!kStack && differs == 0) continue;  // Pages nobody wrote stay as they are.
    for (std::size_t i = 0; kStack && i < 4; ++i) stacks[done + i] = stack;
    for (std::size_t i = 0; i < 4; ++i) keys[done + i] = fresh;
  }
  return done;
}

/// In the child of a fork a lock bit may belong to a thread that does not exist: from then on waiting has an end.
void stealOrphanedGranules();
/// Before a thread is created: a lock bit may be that thread's from now on.
void orphansAmongOthers();

}  // namespace deadheat::rt
