#include "runtime/detect/granule.h"

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {
namespace {

constexpr int kSpinsBeforeYield = 200;
constexpr int kYieldsBeforeTheft = 20000;

/// Whether lock bits may be set that nobody will take back: in the child of a fork.
enum Orphans : std::uint8_t {
  kNoOrphans,
  kSomeOrphans,  ///< Which of them, only time tells.
  kAllOrphans,   ///< As long as the child has one thread.
};
std::uint8_t orphans;

/// An access on its way into a granule.
struct Entry {
  Key fresh;  ///< Without kKeyRaced.
  StackWord stack;
  const Clock& clock;
  RacingCells& racing;
  bool covered;  ///< A cell of the same thread and epoch says as much already.
  Key absorbed;  ///< Bytes of cells that differ from this one in nothing else, stack included: they become part of it.
};

inline Key withoutBytes(Key cell, Key mask) {
  Key left = cell & ~(mask & kKeyMask);
  return (left & kKeyMask) != 0 ? left : 0;
}

/// True if `cell` is of the same thread and `fresh` takes its place, whatever else there is.
inline bool onlyRenewed(Key cell, Key fresh) {
  return kindOf(cell) != AccessKind::Free && slotOf(cell) == slotOf(fresh) && (cell & ~fresh & kKeyMask) == 0 && atLeastAsStrong(fresh, cell);
}

/// True if `cell` makes `fresh` needless. What frees is kept, for the report's sake.
inline bool saysAsMuch(Key cell, Key fresh) {
  return ((cell ^ fresh) & bitsThatCount(fresh)) == 0 &&
         (kindOf(fresh) != AccessKind::Free || kindOf(cell) == AccessKind::Free);
}

/// What is left of a cell after `entry`.
inline Key look(Entry& entry, Key cell, StackWord stack) {
  Slot slot = slotOf(cell);
  if (kindOf(cell) == AccessKind::Free && (cell & entry.fresh & kKeyMask) != 0) {
    entry.racing.add(cell, stack);  // Whatever orders the two: the memory is nobody's until it is allocated again.
    return cell;
  }
  if (slot == slotOf(entry.fresh)) {
    entry.covered |= saysAsMuch(cell, entry.fresh);
    if (!entry.covered && ((cell ^ entry.fresh) & ~kKeyMask) == 0 && stack == entry.stack) {
      entry.absorbed |= cell & kKeyMask;
      return 0;
    }
  } else if (slot == kBlockSlot) {
    return 0;
  } else if (entry.clock.get(slot) < epochOf(cell)) {
    if (conflicts(cell, entry.fresh)) entry.racing.add(cell, stack);
    return cell;
  }
  return !entry.covered && atLeastAsStrong(entry.fresh, cell) ? withoutBytes(cell, entry.fresh) : cell;
}

/// The key to keep, once every cell was looked at.
inline Key keyOf(const Entry& entry) {
  return entry.fresh | entry.absorbed | (entry.racing.count != 0 ? kKeyRaced : 0);
}

inline void put(Key* key, StackWord* stack, Key fresh, StackWord freshStack) {
  *stack = freshStack;
  __atomic_store_n(key, fresh, __ATOMIC_RELEASE);
}

/// Where a new cell can go in a list of chunks.
struct Room {
  CellChunk* chunk;
  int index;
  CellChunk* last;
  int live;
};

Room lookThroughChunks(Entry& entry, std::uint32_t first) {
  Room room{nullptr, 0, nullptr, 0};
  for (std::uint32_t number = first; number != 0; number = room.last->next) {
    room.last = &chunkAt(number);
    for (int i = 0; i < CellChunk::kCells; ++i) {
      Key cell = room.last->keys[i];
      Key left = cell == 0 ? 0 : look(entry, cell, room.last->stacks[i]);
      if (left != cell) __atomic_store_n(&room.last->keys[i], left, __ATOMIC_RELAXED);
      if (entry.covered) return room;
      if (left != 0) ++room.live;
      if (left == 0 && room.chunk == nullptr) room = {room.last, i, room.last, room.live};
    }
  }
  return room;
}

void putInChunk(Room room, Key key, StackWord stack) {
  if (room.chunk == nullptr) {
    std::uint32_t number = takeChunk();
    room.chunk = &chunkAt(number);
    room.index = 0;
    __atomic_store_n(&room.last->next, number, __ATOMIC_RELEASE);
  }
  put(&room.chunk->keys[room.index], &room.chunk->stacks[room.index], key, stack);
}

/// Returns the new first key: the newest access is asked for next, so it comes first.
__attribute__((noinline)) Key enterChunks(GranuleRef granule, Key first, Key second, Entry& entry) {
  Room room = lookThroughChunks(entry, chunkNumber(second));
  if (entry.covered) return first;
  if (room.live == 0) {
    __atomic_store_n(&granule.keys[1], 0, __ATOMIC_RELEASE);
    giveChunks(chunkNumber(second));
  }
  if (first != 0) {
    if (room.live == 0)
      put(&granule.keys[1], &granule.stacks[1], first, granule.stacks[0]);
    else
      putInChunk(room, first, granule.stacks[0]);
  }
  granule.stacks[0] = entry.stack;
  return keyOf(entry);
}

/// Both cells in line are needed: they move out to a chunk.
__attribute__((noinline)) void spill(GranuleRef granule, Key first, Key second) {
  std::uint32_t number = takeChunk();
  CellChunk& chunk = chunkAt(number);
  put(&chunk.keys[0], &chunk.stacks[0], first, granule.stacks[0]);
  put(&chunk.keys[1], &chunk.stacks[1], second, granule.stacks[1]);
  __atomic_store_n(&granule.keys[1], chunkKey(number), __ATOMIC_RELEASE);
}

/// Puts the new cell where one of the two in line is free. Returns the new first key.
inline Key enterInline(GranuleRef granule, Key first, Key second, Entry& entry) {
  Key left = second == 0 ? 0 : look(entry, second, granule.stacks[1]);
  if (left != second) __atomic_store_n(&granule.keys[1], left, __ATOMIC_RELAXED);
  if (entry.covered) return first;
  if (first != 0 && left != 0)
    spill(granule, first, left);
  else if (first != 0)
    put(&granule.keys[1], &granule.stacks[1], first, granule.stacks[0]);
  granule.stacks[0] = entry.stack;
  return keyOf(entry);
}

void clearChunks(GranuleRef granule, Key second, Key mask) {
  int live = 0;
  for (std::uint32_t number = chunkNumber(second); number != 0; number = chunkAt(number).next)
    for (Key& key : chunkAt(number).keys) {
      Key left = key == 0 ? 0 : withoutBytes(key, mask);
      __atomic_store_n(&key, left, __ATOMIC_RELAXED);
      if (left != 0) ++live;
    }
  if (live != 0) return;
  __atomic_store_n(&granule.keys[1], 0, __ATOMIC_RELEASE);
  giveChunks(chunkNumber(second));
}

}  // namespace

void RacingCells::add(Key key, StackWord stack) {
  constexpr Key kKind = kKeyWrite | kKeyAtomic | kKeyKind;
  for (std::uint32_t i = 0; i < count; ++i)
    if (((cells[i].key ^ key) & kKind) == 0 && cells[i].stack >> 32 == stack >> 32) return;
  if (count < kMost) cells[count++] = {key, stack};
}

bool listRemembers(const Key* keys, Key list, Key want) {
  for (std::uint32_t number = chunkNumber(list); number != 0;) {
    CellChunk& chunk = chunkAt(number);
    for (Key& key : chunk.keys) {
      Key cell = __atomic_load_n(&key, __ATOMIC_RELAXED);
      if (((cell ^ want) & bitsThatCount(want)) == 0)
        return __atomic_load_n(&keys[1], __ATOMIC_ACQUIRE) == list;  // Else the chunk was another granule's by now.
    }
    number = __atomic_load_n(&chunk.next, __ATOMIC_ACQUIRE);
  }
  return false;
}

void recordAccess(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock, RacingCells& racing) {
  Key first = lockGranule(granule.keys);
  Key second = granule.keys[1];
  // Nearly always the thread comes back, in a later epoch, to what it alone touched.
  if (second == 0 && (first == 0 || onlyRenewed(first, fresh))) [[likely]] {
    granule.stacks[0] = stack;
    return unlockGranule(granule.keys, fresh);
  }
  Entry entry{fresh, stack, clock, racing, false, 0};
  if (first != 0) first = look(entry, first, granule.stacks[0]);
  if (!entry.covered)
    first = isChunks(second) ? enterChunks(granule, first, second, entry) : enterInline(granule, first, second, entry);
  unlockGranule(granule.keys, first);
}

void clearGranule(GranuleRef granule, Key mask) {
  Key first = lockGranule(granule.keys);
  Key second = granule.keys[1];
  if (isChunks(second))
    clearChunks(granule, second, mask);
  else
    __atomic_store_n(&granule.keys[1], withoutBytes(second, mask), __ATOMIC_RELAXED);
  unlockGranule(granule.keys, slotOf(first) == kBlockSlot ? 0 : withoutBytes(first, mask));
}

__attribute__((noinline)) Key waitForGranule(Key* keys) {
  int yields = 0;
  for (int spins = 0;; ++spins) {
    Key first = __atomic_load_n(&keys[0], __ATOMIC_RELAXED) & ~kKeyLocked;
    if (tryLockGranule(keys, first)) return first;
    std::uint8_t kind = __atomic_load_n(&orphans, __ATOMIC_RELAXED);
    if (kind == kAllOrphans) return first;
    if (spins < kSpinsBeforeYield) {
      __builtin_ia32_pause();
    } else {
      rawSyscall(SYS_sched_yield);
      if (kind == kSomeOrphans && ++yields == kYieldsBeforeTheft) return first;
    }
  }
}

void stealOrphanedGranules() { __atomic_store_n(&orphans, kAllOrphans, __ATOMIC_RELAXED); }

void orphansAmongOthers() {
  if (__atomic_load_n(&orphans, __ATOMIC_RELAXED) == kAllOrphans)
    __atomic_store_n(&orphans, kSomeOrphans, __ATOMIC_RELAXED);
}

}  // namespace deadheat::rt
