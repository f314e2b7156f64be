#include "runtime/detect/granule.h"

#include "runtime/detect/granule_row.h"
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
  Key fresh;
  StackWord stack;
  const Clock& clock;
  RacingCells& racing;
  Key taken = 0;  ///< Bytes of the cells it takes the place of.

  /// To keep, once every cell was looked at.
  Key key() const { return fresh | taken | (racing.count != 0 ? kKeyRaced : 0); }
};

/// What is left of a cell once an access has these bytes.
inline Key withoutBytes(Key cell, Key mask) {
  Key left = cell & ~(mask & kKeyMask);
  return (left & kKeyMask) != 0 ? left : 0;
}

/// True if the access continues a cell: same code, same epoch, other bytes.
inline bool continues(const Entry& entry, Key cell, const StackWord& stack) {
  return ((cell ^ entry.fresh) & ~kKeyMask) == 0 && stack == entry.stack;
}

inline bool isBefore(const Entry& entry, Key cell) {
  return ((cell ^ entry.fresh) & kKeySlot) == 0 || entry.clock.get(slotOf(cell)) >= epochOf(cell);
}

/// What is left of a cell that `entry` races with, or one of what is rare: the end of a block, or its record.
__attribute__((noinline)) Key lookClosely(Entry& entry, Key cell, const StackWord& stack) {
  if (slotOf(cell) == kBlockSlot) return 0;
  bool ended = kindOf(cell) == AccessKind::Free && (cell & entry.fresh & kKeyMask) != 0;
  // Whatever orders the two: the memory is nobody's until it is allocated again.
  if (ended || (!isBefore(entry, cell) && conflicts(cell, entry.fresh))) {
    entry.racing.add(cell, stack);
    return cell;
  }
  if (!isBefore(entry, cell)) return cell;
  if (continues(entry, cell, stack)) return 0;
  return atLeastAsStrong(entry.fresh, cell) ? withoutBytes(cell, entry.fresh) : cell;
}

/// What is left of a cell beside `entry`: 0 if nothing.
inline __attribute__((always_inline)) Key look(Entry& entry, Key cell, const StackWord& stack) {
  Key left = cell;
  if ((cell & entry.fresh & kKeyMask) == 0 && (cell & kKeyMask) != 0) {
    if (continues(entry, cell, stack)) left = 0;
  } else if ((cell & kKeyMask) == 0 || ((cell | entry.fresh) & kKeyFree) != 0) {
    left = lookClosely(entry, cell, stack);
  } else if (((cell ^ entry.fresh) & kKeySlot) != 0 && entry.clock.get(slotOf(cell)) < epochOf(cell)) {
    if (conflicts(cell, entry.fresh)) [[unlikely]]
      left = lookClosely(entry, cell, stack);
  } else if (continues(entry, cell, stack)) {
    left = 0;
  } else if (atLeastAsStrong(entry.fresh, cell)) {
    left = withoutBytes(cell, entry.fresh);
  }
  if (left == 0) entry.taken |= cell & kKeyMask;
  return left;
}

/// A granule's list while its lock is held.
class List {
 public:
  /// `exists`: the last key in line says so.
  List(GranuleRef granule, bool exists)
      : granule_(granule), word_(*granule.list()), head_(exists ? static_cast<std::uint32_t>(word_) : 0) {}

  /// Replaces each cell by what `look(cell, stack)` says is left of it.
  template <class Look>
  void lookAtEach(Look look) {
    for (std::uint32_t* link = &head_; *link != 0;) {
      CellChunk& chunk = chunkAt(*link);
      int live = 0, room = -1;
      for (int i = 0; i < CellChunk::kCells; ++i) {
        Key cell = chunk.keys[i];
        Key left = cell == 0 ? 0 : look(cell, chunk.stacks[i]);
        if (left != cell) __atomic_store_n(&chunk.keys[i], left, __ATOMIC_RELAXED);
        live += left != 0 ? 1 : 0;
        if (left == 0) room = i;
      }
      live_ += live;
      if (live == 0) {
        unlink(link);
        continue;
      }
      if (room >= 0 && room_ == nullptr) {
        room_ = &chunk;
        roomIndex_ = room;
      }
      link = &chunk.next;
    }
  }

  void put(Key key, StackWord stack) {
    if (room_ == nullptr) findRoom();
    room_->stacks[roomIndex_] = stack;
    __atomic_store_n(&room_->keys[roomIndex_], key, __ATOMIC_RELEASE);
    ++live_;
  }

  bool empty() const { return live_ == 0; }

  /// Before the granule is unlocked. Who reads the list without the lock sees by the upper half that it changed.
  void store() {
    if (changed_) __atomic_store_n(granule_.list(), ((word_ >> 32) + 1) << 32 | head_, __ATOMIC_RELEASE);
  }
  /// After it was.
  void giveBack() {
    for (std::uint32_t number = unlinked_; number != 0;) {
      std::uint32_t next = chunkAt(number).nextIdle;
      giveChunk(number);
      number = next;
    }
  }

 private:
  void findRoom() {
    std::uint32_t number = unlinked_;
    if (number != 0)
      unlinked_ = chunkAt(number).nextIdle;
    else
      number = takeChunk();
    room_ = &chunkAt(number);
    __atomic_store_n(&room_->next, head_, __ATOMIC_RELEASE);
    head_ = number;
    changed_ = true;
  }
  void unlink(std::uint32_t* link) {
    std::uint32_t number = *link;
    __atomic_store_n(link, chunkAt(number).next, __ATOMIC_RELEASE);
    chunkAt(number).nextIdle = unlinked_;
    unlinked_ = number;
    changed_ = true;
  }

  GranuleRef granule_;
  std::uint64_t word_;
  std::uint32_t head_;
  bool changed_ = false;
  int live_ = 0;
  int roomIndex_ = 0;
  CellChunk* room_ = nullptr;
  std::uint32_t unlinked_ = 0;
};

/// The keys in line as they were, and the cells that are to be there.
struct Row {
  Key before[kColumns];
  Key cells[kColumns];

  /// Of a granule whose first key is `first`. What is left of each cell is what `look(cell, stack)` says.
  template <class Look>
  __attribute__((always_inline)) Row(GranuleRef granule, Key first, Look look) {
    for (unsigned column = 0; column < kColumns; ++column) {
      bool exists = column == 0 || (before[column - 1] & kKeyMore) != 0;
      before[column] = column == 0 ? first : exists ? *granule.key(column) : 0;
      Key cell = before[column] & ~kKeyMore;
      cells[column] = cell == 0 ? 0 : look(cell, granule.stack(column));
    }
  }

  bool hasList() const { return (before[kColumns - 1] & kKeyMore) != 0; }
  /// The first column without a cell; kColumns if there is none.
  unsigned room() const {
    unsigned column = 0;
    while (column < kColumns && cells[column] != 0) ++column;
    return column;
  }
  /// Puts them back, and unlocks. `more`: there are cells in a list.
  __attribute__((always_inline)) void store(GranuleRef granule, bool more) const {
    for (unsigned column = kColumns; column-- > 1;) {
      Key key = cells[column] | (more ? kKeyMore : 0);
      if (key != before[column]) __atomic_store_n(granule.key(column), key, __ATOMIC_RELEASE);
      more = key != 0;
    }
    unlockGranule(granule, cells[0] | (more ? kKeyMore : 0));
  }
};

void finish(GranuleRef granule, const Row& row, List& list) {
  list.store();
  row.store(granule, !list.empty());
  list.giveBack();
}

}  // namespace

void RacingCells::add(Key key, StackWord stack) {
  constexpr Key kKind = kKeyWrite | kKeyAtomic | kKeyKind;
  for (std::uint32_t i = 0; i < count; ++i)
    if (((cells[i].key ^ key) & kKind) == 0 && cells[i].stack >> 32 == stack >> 32) return;
  if (count < kMost) cells[count++] = {key, stack};
}

bool listStays(GranuleRef granule, Key fresh, const Clock& clock) {
  for (auto number = static_cast<std::uint32_t>(*granule.list()); number != 0; number = chunkAt(number).next)
    for (Key cell : chunkAt(number).keys) {
      if ((cell & fresh & kKeyMask) == 0) continue;
      bool before = ((cell ^ fresh) & kKeySlot) == 0 || clock.get(slotOf(cell)) >= epochOf(cell);
      if ((cell & kKeyFree) != 0 || (before ? atLeastAsStrong(fresh, cell) : conflicts(cell, fresh))) return false;
    }
  return true;
}

bool listRemembers(GranuleRef granule, Key want) {
  Key bits = bitsThatCount(want);
  std::uint64_t word = __atomic_load_n(granule.list(), __ATOMIC_ACQUIRE);
  for (auto number = static_cast<std::uint32_t>(word); number != 0;) {
    CellChunk& chunk = chunkAt(number);
    for (Key& key : chunk.keys) {
      Key cell = __atomic_load_n(&key, __ATOMIC_RELAXED);
      if (((cell ^ want) & bits) == 0)  // Else the chunk may be another granule's by now.
        return __atomic_load_n(granule.list(), __ATOMIC_ACQUIRE) == word;
    }
    number = __atomic_load_n(&chunk.next, __ATOMIC_ACQUIRE);
  }
  return false;
}

namespace {

/// Which column is given up to a new cell: that of one ordered before it, which nobody is likely to look for.
unsigned leastWanted(const Entry& entry, const Row& row) {
  for (unsigned column = 0; column < kColumns; ++column)
    if (isBefore(entry, row.cells[column])) return column;
  return kColumns - 1;
}

/// There is a list, or will be.
__attribute__((noinline)) void recordWithList(Entry& entry, GranuleRef granule, Row& row) {
  List list(granule, row.hasList());
  list.lookAtEach([&](Key cell, const StackWord& stack) __attribute__((always_inline)) { return look(entry, cell, stack); });
  unsigned column = row.room();
  if (column == kColumns) {
    column = leastWanted(entry, row);
    list.put(row.cells[column], granule.stack(column));
  }
  granule.stack(column) = entry.stack;
  row.cells[column] = entry.key();
  finish(granule, row, list);
}

}  // namespace

void recordAccess(GranuleRef granule, Key fresh, StackWord stack, const Clock& clock, RacingCells& racing) {
  Key first = lockGranule(granule);
  if (!recordInRow(granule, first, fresh, stack, clock)) recordAmongOthers(granule, first, fresh, stack, clock, racing);
}

void recordAmongOthers(GranuleRef granule, Key first, Key fresh, StackWord stack, const Clock& clock,
                       RacingCells& racing) {
  Entry entry{fresh, stack, clock, racing};
  Row row(granule, first, [&](Key cell, const StackWord& its) __attribute__((always_inline)) { return look(entry, cell, its); });
  unsigned column = row.room();
  if (row.hasList() || column == kColumns) return recordWithList(entry, granule, row);
  // Code in line looks at the first two: what the access is ordered after gives its place up.
  for (unsigned before = 0; before < column && before < 2; ++before) {
    if (!isBefore(entry, row.cells[before])) continue;
    row.cells[column] = row.cells[before];
    granule.stack(column) = granule.stack(before);
    column = before;
    break;
  }
  granule.stack(column) = stack;
  row.cells[column] = entry.key();
  row.store(granule, false);
}

void bringForward(GranuleRef granule, Key want, unsigned turn) {
  Key bits = bitsThatCount(want);
  Key moved = 0;
  StackWord stack = 0;
  auto wanted = [&](Key cell) { return moved == 0 && ((cell ^ want) & bits) == 0; };
  Row row(granule, lockGranule(granule), [](Key cell, const StackWord&) { return cell; });
  // Rather a cell of the same thread.
  unsigned column = turn % 2;
  if (((row.cells[column] ^ want) & kKeySlot) != 0 && ((row.cells[1 - column] ^ want) & kKeySlot) == 0)
    column = 1 - column;
  auto exchange = [&](Key cell, StackWord& its) {
    if (!wanted(cell) || row.cells[column] == 0) return cell;
    moved = cell;
    stack = its;
    its = granule.stack(column);
    return row.cells[column];
  };
  for (unsigned late = 2; late < kColumns; ++late) row.cells[late] = exchange(row.cells[late], granule.stack(late));
  List list(granule, row.hasList());
  list.lookAtEach(exchange);
  if (moved != 0) {
    granule.stack(column) = stack;
    row.cells[column] = moved;
  }
  finish(granule, row, list);
}

void clearGranule(GranuleRef granule, Key mask) {
  auto left = [mask](Key cell, const StackWord&) { return slotOf(cell) == kBlockSlot ? 0 : withoutBytes(cell, mask); };
  Row row(granule, lockGranule(granule), left);
  List list(granule, row.hasList());
  list.lookAtEach(left);
  finish(granule, row, list);
}

void giveListBack(GranuleRef granule) {
  auto number = static_cast<std::uint32_t>(*granule.list());
  if (number != 0) *granule.list() = ((*granule.list() >> 32) + 1) << 32;
  while (number != 0) {
    std::uint32_t next = chunkAt(number).next;
    for (Key& key : chunkAt(number).keys) __atomic_store_n(&key, 0, __ATOMIC_RELAXED);
    giveChunk(number);
    number = next;
  }
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
