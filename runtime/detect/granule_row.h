// The common case of entering an access into a granule, to be inlined: one pass over the keys in line, which touches no
// stack but those that it replaces. What a granule is, and what is remembered, detect/granule.h says.
#pragma once

#include "runtime/detect/granule.h"

namespace deadheat::rt {

/// True if nothing in the list of a locked granule races with a plain or atomic access, or goes on its account.
bool listStays(GranuleRef granule, Key fresh, const Clock& clock);

/// The cells in line of a locked granule as an access finds them.
class CellRow {
 public:
  CellRow(GranuleRef granule, Key fresh, StackWord stack) : granule_(granule), fresh_(fresh), stack_(stack) {}

  /// `first`: the first key, without the lock. False if the access races with a cell, or one of several would have to
  /// be cut, or one is of a rare kind, or one in a list would have to go.
  __attribute__((always_inline)) bool read(Key first, const Clock& clock) {
    first_ = first;
    if (first == 0) return true;
    Key key = first;
#pragma GCC unroll 4
    for (unsigned column = 0; column < kColumns; ++column) {
      if (!look(key, column, clock)) [[unlikely]]
        return false;
      keys_[column] = key & ~kKeyMore;
      count_ = column + 1;
      if ((key & kKeyMore) == 0) return true;
      if (column + 1 < kColumns) key = *granule_.key(column + 1);
    }
    list_ = true;
    return listStays(granule_, fresh_, clock);
  }

  /// Puts it there and unlocks. False if there is no room; nothing was done.
  __attribute__((always_inline)) bool enter() {
    unsigned others = replaced_ & (replaced_ - 1);
    if (others != 0 && !list_ && (replaced_ & (replaced_ + 1)) == 0 && replaced_ >> (count_ - 1) == 1) {
      granule_.stack() = stack_;
      unlockGranule(granule_, fresh_);  // It takes the place of all.
      return true;
    }
    if (replaced_ != 0 && others == 0) {
      replaceOne(static_cast<unsigned>(__builtin_ctz(replaced_)));
      return true;
    }
    if (list_ || (others == 0 && count_ == kColumns)) return false;
    if (others == 0)
      add();
    else
      replace(others);
    return true;
  }

 private:
  /// False where it is not simple.
  __attribute__((always_inline)) bool look(Key key, unsigned column, const Clock& clock) {
    if ((key & kKeyFree) != 0 || (key & kKeyMask) == 0) return false;
    if (((key ^ fresh_) & kKeySlot) != 0 && clock.get(slotOf(key)) < epochOf(key)) return !conflicts(key, fresh_);
    before_ |= 1u << column;
    if (!atLeastAsStrong(fresh_, key)) return true;
    if ((key & ~fresh_ & kKeyMask) == 0) {
      replaced_ |= 1u << column;
      return true;
    }
    if ((key & fresh_ & kKeyMask) != 0) {
      // Of a cell that is alone, what is left stays beside the access.
      if (column != 0 || (key & kKeyMore) != 0) return false;
      first_ = key & ~(fresh_ & kKeyMask);
      return true;
    }
    // The same code goes on with the next bytes.
    if (((key ^ fresh_) & ~(kKeyMask | kKeyMore)) == 0 && granule_.stack(column) == stack_) {
      replaced_ |= 1u << column;
      fresh_ |= key & kKeyMask;
    }
    return true;
  }

  __attribute__((always_inline)) void replaceOne(unsigned place) {
    granule_.stack(place) = stack_;
    Key key = fresh_ | (list_ || place + 1 < count_ ? kKeyMore : 0);
    if (place == 0) return unlockGranule(granule_, key);
    __atomic_store_n(granule_.key(place), key, __ATOMIC_RELEASE);
    unlockGranule(granule_, first_);
  }

  /// After the others.
  __attribute__((always_inline)) void add() {
    unsigned place = count_;
    // Code in line looks at the first, then the second: what the access is ordered after gives its place up.
    if (count_ == 1) return addSecond();
    if ((before_ & 3) != 0) {
      place = static_cast<unsigned>(__builtin_ctz(before_));
      copy(place, count_);
    }
    put(place, count_ + 1);
  }

  /// Beside one.
  __attribute__((always_inline)) void addSecond() {
    bool early = before_ != 0;
    granule_.stack(1) = early ? granule_.stack(0) : stack_;
    __atomic_store_n(granule_.key(1), early ? first_ : fresh_, __ATOMIC_RELEASE);
    if (early) granule_.stack(0) = stack_;
    unlockGranule(granule_, (early ? fresh_ : first_) | kKeyMore);
  }

  /// Where several go: `others` but for the first, whose place it takes.
  void replace(unsigned others) {
    unsigned count = count_;
    while (others != 0) {
      unsigned gone = 31u - static_cast<unsigned>(__builtin_clz(others));
      others &= ~(1u << gone);
      if (gone != --count) copy(count, gone);
    }
    put(static_cast<unsigned>(__builtin_ctz(replaced_)), count);
  }

  void put(unsigned place, unsigned count) {
    granule_.stack(place) = stack_;
    keys_[place] = fresh_;
    for (unsigned column = count; column-- > 1;) {
      Key key = keys_[column] | (column + 1 < count ? kKeyMore : 0);
      if (*granule_.key(column) != key) __atomic_store_n(granule_.key(column), key, __ATOMIC_RELEASE);
    }
    unlockGranule(granule_, keys_[0] | (count > 1 ? kKeyMore : 0));
  }

  void copy(unsigned from, unsigned to) {
    keys_[to] = keys_[from];
    granule_.stack(to) = granule_.stack(from);
  }

  GranuleRef granule_;
  Key fresh_;
  StackWord stack_;
  Key first_ = 0;  ///< What is to stay of the first.
  bool list_ = false;
  unsigned count_ = 0;
  unsigned before_ = 0;    ///< A bit for each cell that the access is ordered after.
  unsigned replaced_ = 0;  ///< A bit for each cell whose place it takes.
  Key keys_[kColumns];
};

/// A row's keys as they were read, without the lock.
class SteadyRow {
 public:
  /// Puts a key in place of one that was read, by one locked instruction, and reads the others again.
  __attribute__((always_inline)) Entering exchangeAt(unsigned place, GranuleRef granule, Key fresh, StackWord stack) {
    Key old = keys_[0];
#pragma GCC unroll 4
    for (unsigned column = 1; column < kColumns; ++column) old = column == place ? keys_[column] : old;
    Key entered = fresh | (old & kKeyMore);
    if (!exchange(granule.key(place), old, entered)) return Entering::NotSimple;
    granule.stack(place) = stack;
    Key changed = 0;
#pragma GCC unroll 4
    for (unsigned column = 0; column < kColumns; ++column)
      if (column < count_ && column != place)
        changed |= __atomic_load_n(granule.key(column), __ATOMIC_RELAXED) ^ keys_[column];
    return changed == 0 ? Entering::Entered : Entering::Changed;
  }

 protected:
  Key keys_[kColumns];
  unsigned count_ = 0;
};

/// The cells in line of a granule that only the thread itself has cells in, where a plain access takes the place of an
/// earlier one, without the granule's lock. What goes is the first that can, since code in line looks there first;
/// others that could stay until their turn comes.
class OwnRow : public SteadyRow {
 public:
  /// `first`: the granule's first key.
  __attribute__((always_inline)) Entering enter(GranuleRef granule, Key first, Key fresh, StackWord stack) {
    Key odd = (first ^ fresh) & kKeyLocked;
    unsigned fits = 0;
    Key key = first;
#pragma GCC unroll 4
    for (unsigned column = 0; column < kColumns; ++column) {
      odd |= (key ^ fresh) & (kKeySlot | kKeyFree);
      Key beyond = key & ~fresh;
      bool stronger = (beyond & kKeyWrite) == 0;
      if (stronger ? (beyond & kKeyMask) == 0 : column != 0 && outlived(key, keys_[0]))
        fits |= 1u << column;
      else if (stronger)
        odd |= key & fresh & kKeyMask;
      keys_[column] = key;
      count_ = column + 1;
      if ((key & kKeyMore) == 0) break;
      if (column + 1 == kColumns) return Entering::NotSimple;
      key = __atomic_load_n(granule.key(column + 1), __ATOMIC_ACQUIRE);
    }
    if (odd != 0 || fits == 0) return Entering::NotSimple;
    auto place = static_cast<unsigned>(__builtin_ctz(fits));
    if (place >= 2 && ((keys_[place] ^ fresh) & bitsThatCount(fresh)) == 0) return Entering::RememberedLate;
    return exchangeAt(place, granule, fresh, stack);
  }
};

/// The cells in line of a granule where an access only takes the place of an earlier one. Takes no lock: the access is
/// entered by one instruction, and whatever another thread enters meanwhile changes one of the keys that were read,
/// which are read again after it. It is a locked one, so of two threads that enter at once one at least sees the other.
class SharedRow : public SteadyRow {
 public:
  /// `first`: the granule's first key.
  __attribute__((always_inline)) Entering enter(GranuleRef granule, Key first, Key fresh, StackWord stack,
                                                const Clock& clock) {
    constexpr unsigned kNone = kColumns;
    const Key remembered = bitsThatCount(fresh);
    unsigned place = kNone;
    bool others = false;
    Key key = first;
#pragma GCC unroll 4
    for (unsigned column = 0; column < kColumns; ++column) {
      Key differs = key ^ fresh;
      if ((differs & (kKeyLocked | kKeyFree)) != 0 || (key & kKeyMask) == 0) return Entering::NotSimple;
      if ((differs & remembered) == 0) return column < 2 ? Entering::Remembered : Entering::RememberedLate;
      bool own = (differs & kKeySlot) == 0;
      if (own || clock.get(slotOf(key)) >= epochOf(key)) {
        bool stronger = atLeastAsStrong(fresh, key);
        if (stronger && (key & ~fresh & kKeyMask) == 0) {
          if (others || (!own && place != kNone)) return Entering::NotSimple;  // One of them would stay to be told of.
          others = !own;
          // Of those whose place it takes, that of the same kind: what reads and writes by turns keeps two cells.
          if (place == kNone || (differs & (kKeyWrite | kKeyAtomic)) == 0) place = column;
        } else if (stronger && (key & fresh & kKeyMask) != 0) {
          return Entering::NotSimple;
        }
      } else if (conflicts(key, fresh)) {
        return Entering::NotSimple;
      }
      keys_[column] = key;
      count_ = column + 1;
      if ((key & kKeyMore) == 0) break;
      if (column + 1 == kColumns) return Entering::NotSimple;
      key = __atomic_load_n(granule.key(column + 1), __ATOMIC_ACQUIRE);
    }
    return place == kNone ? Entering::NotSimple : exchangeAt(place, granule, fresh, stack);
  }
};

/// What recordAccess does when the few cells there are lie in line and none races with `fresh`. The granule is locked,
/// its first key is `first`. False if it is not so simple: nothing was done. Else the lock was given back.
inline __attribute__((always_inline)) bool recordInRow(GranuleRef granule, Key first, Key fresh, StackWord stack,
                                                       const Clock& clock) {
  CellRow row(granule, fresh, stack);
  return row.read(first, clock) && row.enter();
}

}  // namespace deadheat::rt
