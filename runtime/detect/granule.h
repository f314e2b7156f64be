// The check itself: one access against everything remembered of 8 bytes.
//
// A cell is dropped only when a newer access makes it useless: one that is ordered after it, on the same bytes, at
// least as strong. Whatever races with the old access then races with the new one too. So the cells of a granule are
// exactly what is needed to see, for every byte, whether some race exists on it; no other cell is ever lost. Two cells
// lie in line, any number more in chunks. Changes happen under a lock bit in the first key, reads of one's own key need
// none.
#pragma once

#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/clock.h"
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
  return ~(kKeyMask | kKeyWrite | kKeyKind | (want & kKeyAtomic)) | (want & (kKeyMask | kKeyWrite));
}

/// True if a cell in line says as much as the access `want`: of the same epoch, at least its bytes, at least as strong.
/// Takes no lock.
inline __attribute__((always_inline)) bool remembers(const Key* keys, Key want) {
  Key bits = bitsThatCount(want);
  return ((__atomic_load_n(&keys[0], __ATOMIC_RELAXED) ^ want) & bits) == 0 ||
         ((__atomic_load_n(&keys[1], __ATOMIC_RELAXED) ^ want) & bits) == 0;
}

/// Out of line part of chunksRemember.
bool listRemembers(const Key* keys, Key list, Key want);
/// The same for what lies in chunks.
inline bool chunksRemember(const Key* keys, Key want) {
  Key second = __atomic_load_n(&keys[1], __ATOMIC_ACQUIRE);
  return isChunks(second) && listRemembers(keys, second, want);
}

/// Checks `fresh` against the granule and remembers it. `clock` is that of the accessing thread. Cells it races with go
/// to `racing`, which the caller empties. Cost: one locked instruction and a look at each cell.
void recordAccess(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock, RacingCells& racing);

inline bool isEmpty(const Key* keys) {
  return (__atomic_load_n(&keys[0], __ATOMIC_RELAXED) | __atomic_load_n(&keys[1], __ATOMIC_RELAXED)) == 0;
}

/// Forgets what is known of the bytes in `mask`.
void clearGranule(GranuleRef granule, Key mask);

/// Takes the lock bit if the first key is `first`, which has it not.
inline bool tryLockGranule(Key* keys, Key first) {
  return __atomic_compare_exchange_n(&keys[0], &first, first | kKeyLocked, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
/// Out of line part of lockGranule.
Key waitForGranule(Key* keys);
/// Takes the lock bit and returns the first key without it; storing a first key with unlockGranule gives it back.
inline Key lockGranule(Key* keys) {
  Key first = __atomic_load_n(&keys[0], __ATOMIC_RELAXED) & ~kKeyLocked;
  return tryLockGranule(keys, first) ? first : waitForGranule(keys);
}
inline void unlockGranule(Key* keys, Key first) { __atomic_store_n(&keys[0], first, __ATOMIC_RELEASE); }

/// In the child of a fork a lock bit may belong to a thread that does not exist: from then on waiting has an end.
void stealOrphanedGranules();
/// Before a thread is created: a lock bit may be that thread's from now on.
void orphansAmongOthers();

}  // namespace deadheat::rt
