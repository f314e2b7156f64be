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

/// What lies in line, newest first, with room for one more.
struct Row {
  Key keys[kColumns + 1];
  StackWord stacks[kColumns + 1];
  unsigned count;
  Key list;  ///< Key of the chunks with the others, 0: none.

  void push(Key key, StackWord stack) {
    keys[count] = key;
    stacks[count++] = stack;
  }
};

Row readRow(GranuleRef granule, Key first) {
  Row row;
  row.count = 0;
  row.list = 0;
  Key key = first;
  for (unsigned column = 0;; key = *granule.key(++column)) {
    Key cell = key & ~kKeyMore;
    if (column == kColumns - 1 && isChunks(cell))
      row.list = cell;
    else if (cell != 0)
      row.push(cell, granule.stack(column));
    if ((key & kKeyMore) == 0 || column == kColumns - 1) return row;
  }
}

/// Puts it back. Returns the first key, which unlocks.
Key writeRow(GranuleRef granule, const Row& row) {
  unsigned columns = row.list != 0 ? kColumns : row.count;
  for (unsigned column = columns; column-- > 1;) {
    Key key = column < row.count ? row.keys[column] : 0;
    if (row.list != 0 && column == kColumns - 1) key = row.list;
    if (column < row.count) granule.stack(column) = row.stacks[column];
    __atomic_store_n(granule.key(column), key | (column + 1 < columns ? kKeyMore : 0), __ATOMIC_RELEASE);
  }
  if (row.count != 0) granule.stack() = row.stacks[0];
  return (row.count != 0 ? row.keys[0] : 0) | (columns > 1 ? kKeyMore : 0);
}

/// Moves to chunks what there is no room for in line.
__attribute__((noinline)) void spill(Row& row, Room room) {
  if (row.list == 0) {
    std::uint32_t number = takeChunk();
    row.list = chunkKey(number);
    room = {&chunkAt(number), 0, &chunkAt(number), 0};
  }
  for (; row.count > kColumns - 1; room = {room.chunk, room.index + 1, room.last, 0}) {
    --row.count;
    if (room.index == CellChunk::kCells) room.chunk = nullptr;
    putInChunk(room, row.keys[row.count], row.stacks[row.count]);
  }
}

/// Returns `list`, or 0 if nothing is left in it.
Key clearChunks(Key list, Key mask) {
  int live = 0;
  for (std::uint32_t number = chunkNumber(list); number != 0; number = chunkAt(number).next)
    for (Key& key : chunkAt(number).keys) {
      Key left = key == 0 ? 0 : withoutBytes(key, mask);
      __atomic_store_n(&key, left, __ATOMIC_RELAXED);
      if (left != 0) ++live;
    }
  return live != 0 ? list : 0;
}

/// The row with `entry` in it; false if it was covered and nothing is to change.
bool enterRow(Entry& entry, const Row& before, Row& after, Room& room) {
  for (unsigned i = 0; i < before.count; ++i)
    if (saysAsMuch(before.keys[i], entry.fresh)) return false;
  after.count = 1;
  for (unsigned i = 0; i < before.count; ++i)
    if (Key left = look(entry, before.keys[i], before.stacks[i])) after.push(left, before.stacks[i]);
  after.list = before.list;
  if (before.list != 0) {
    room = lookThroughChunks(entry, chunkNumber(before.list));
    if (entry.covered) return false;
    if (room.live == 0) after.list = 0;
  }
  after.keys[0] = keyOf(entry);
  after.stacks[0] = entry.stack;
  if (after.count > (after.list != 0 ? kColumns - 1 : kColumns)) spill(after, room);
  return true;
}

}  // namespace

void RacingCells::add(Key key, StackWord stack) {
  constexpr Key kKind = kKeyWrite | kKeyAtomic | kKeyKind;
  for (std::uint32_t i = 0; i < count; ++i)
    if (((cells[i].key ^ key) & kKind) == 0 && cells[i].stack >> 32 == stack >> 32) return;
  if (count < kMost) cells[count++] = {key, stack};
}

bool listRemembers(const Key* last, Key list, Key want) {
  for (std::uint32_t number = chunkNumber(list); number != 0;) {
    CellChunk& chunk = chunkAt(number);
    for (Key& key : chunk.keys) {
      Key cell = __atomic_load_n(&key, __ATOMIC_RELAXED);
      if (((cell ^ want) & bitsThatCount(want)) == 0)
        return __atomic_load_n(last, __ATOMIC_ACQUIRE) == list;  // Else the chunk was another granule's by now.
    }
    number = __atomic_load_n(&chunk.next, __ATOMIC_ACQUIRE);
  }
  return false;
}

bool recordBeside(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock) {
  auto stays = [&](Key cell) {
    Slot slot = slotOf(cell);
    return !atLeastAsStrong(fresh, cell) && kindOf(cell) != AccessKind::Free && slot < kSlots &&
           (slot == slotOf(fresh) || clock.get(slot) >= epochOf(cell));
  };
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  if ((first & kKeyLocked) != 0) return false;
  bool two = (first & kKeyMore) != 0;
  if (two ? (first & kKeyMask) == 0 || !takesPlace(fresh, first & ~kKeyMore, clock) : !stays(first)) return false;
  if (!tryLockGranule(granule, first)) return false;
  if (two && ((*granule.key(1) & kKeyMore) != 0 || !stays(*granule.key(1)))) return unlockGranule(granule, first), false;
  if (!two) put(granule.key(1), &granule.stack(1), first, granule.stack());
  granule.stack() = stack;
  unlockGranule(granule, fresh | kKeyMore);
  return true;
}

void recordAccess(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock, RacingCells& racing) {
  if (recordSimple(granule, fresh, stack, clock) || recordBeside(granule, fresh, stack, clock)) return;
  Key first = lockGranule(granule);
  Entry entry{fresh, stack, clock, racing, false, 0};
  Row before = readRow(granule, first);
  Row after;
  Room room{};
  if (!enterRow(entry, before, after, room)) return unlockGranule(granule, first);
  first = writeRow(granule, after);
  unlockGranule(granule, first);
  if (before.list != 0 && after.list != before.list) giveChunks(chunkNumber(before.list));
}

void clearGranule(GranuleRef granule, Key mask) {
  Key first = lockGranule(granule);
  Row row = readRow(granule, first);
  Row left;
  left.count = 0;
  left.list = row.list == 0 ? 0 : clearChunks(row.list, mask);
  for (unsigned i = 0; i < row.count; ++i)
    if (Key cell = slotOf(row.keys[i]) == kBlockSlot ? 0 : withoutBytes(row.keys[i], mask)) left.push(cell, row.stacks[i]);
  unlockGranule(granule, writeRow(granule, left));
  if (left.list != row.list) giveChunks(chunkNumber(row.list));
}

__attribute__((noinline)) Key waitForGranule(GranuleRef granule) {
  int yields = 0;
  for (int spins = 0;; ++spins) {
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED) & ~kKeyLocked;
    if (tryLockGranule(granule, first)) return first;
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
