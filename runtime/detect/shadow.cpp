#include "runtime/detect/shadow.h"

#include "runtime/detect/granule_row.h"
#include "runtime/detect/key_scan.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/site.h"
#include "runtime/detect/slots.h"

namespace deadheat::rt {
namespace {

/// So many accesses whose cells code in line does not look at bring one forward.
constexpr std::uint32_t kHitsToComeForward = 8;
/// Up to here a range is looked at granule by granule.
constexpr std::size_t kFewBytes = 64;

StackWord stackWord(Thread* self, Address pc) { return StackWord{siteOf(pc)} << 32 | self->calls.context(); }

RaceAccess accessOf(Key key, StackWord stack, Address granule, ThreadId thread) {
  auto mask = static_cast<unsigned>(key & kKeyMask);
  RaceAccess access{};
  access.thread = thread;
  access.flags = flagsOf(key);
  access.address = granule + static_cast<unsigned>(__builtin_ctz(mask));
  access.size = static_cast<std::size_t>(__builtin_popcount(mask));
  access.pc = pcOfSite(static_cast<Site>(stack >> 32));
  access.context = static_cast<Context>(stack);
  access.site = ~0u;
  access.epoch = epochOf(key);
  access.moment = momentOf(key);
  access.slot = slotOf(key);
  return access;
}

/// True if the same thread did as much to the same bytes later on: one of the two is enough to tell.
bool laterStandsFor(Key cell, const RacingCells& racing) {
  for (std::uint32_t i = 0; i < racing.count; ++i) {
    Key later = racing.cells[i].key;
    if (later != cell && slotOf(later) == slotOf(cell) && epochOf(later) >= epochOf(cell) && standsFor(later, cell))
      return true;
  }
  return false;
}

__attribute__((noinline)) void tellRaces(Thread* self, Address address, Key key, StackWord stack,
                                         const RacingCells& racing) {
  Address granule = address & ~(kGranuleBytes - 1);
  RaceAccess later = accessOf(key, stack, granule, self->id);
  later.heldOf = self;
  for (std::uint32_t i = 0; i < racing.count; ++i) {
    Key other = racing.cells[i].key;
    if (laterStandsFor(other, racing)) continue;
    ThreadId thread = threadOfSlot(slotOf(other), epochOf(other));
    reportRace(later, accessOf(other, racing.cells[i].stack, granule, thread), protocol::RaceProof::Observed);
  }
}

/// `want` is not remembered. The granule is locked, its first key is `first`.
__attribute__((noinline)) void enterAmongOthers(Thread* self, GranuleRef granule, Key first, Address address, Key want,
                                                StackWord stack) {
  RacingCells racing;
  racing.count = 0;
  recordAmongOthers(granule, first, want, stack, self->clock, racing);
  if (hasList(granule)) usePage(regionAt(address), address, kPageLists);
  if (racing.count != 0) [[unlikely]]
    tellRaces(self, address, want, stack, racing);
}

inline __attribute__((always_inline)) void enter(Thread* self, GranuleRef granule, Address address, Key want,
                                                 StackWord stack) {
  Key first = lockGranule(granule);
  if (!recordInRow(granule, first, want, stack, self->clock))
    enterAmongOthers(self, granule, first, address, want, stack);
}

/// Runs `visit(granule, begin, mask)` on every granule of a range, which is remembered of from now on, but for those that
/// `some(granule, count)` says it has done, of `count` whole ones side by side.
template <class Visit, class Some = NoneAtOnce>
inline __attribute__((always_inline)) void forEachGranule(Address begin, std::size_t size, Visit visit, Some some = {}) {
  for (Address at = begin, end = begin + size; at < end;) {
    Address next = (at | (kShadowPage - 1)) + 1;
    if (next > end) next = end;
    Region* region = regionFor(at);
    touchPage(region, at);
    visitGranules(region, at, next, visit, some);
    at = next;
  }
}

}  // namespace

namespace {

/// The access was remembered, but not where code in line looks.
void rememberedLate(Thread* self, GranuleRef granule, Key want) {
  if (++self->lateHits % kHitsToComeForward != 0) return;
  RuntimeScope scope;
  bringForward(granule, want, self->lateHits / kHitsToComeForward);
}

/// True if the attempt to enter `want` is all that has to be done. Else it changed, if need be, so that it will be
/// looked at once more.
inline bool settled(Entering outcome, Thread* self, GranuleRef granule, Key& want) {
  if (outcome == Entering::Changed) want |= kKeyRaced;
  if (outcome == Entering::RememberedLate) rememberedLate(self, granule, want);
  return outcome != Entering::NotSimple && outcome != Entering::Changed;
}

/// accessMissed where it is not as simple as it mostly is.
__attribute__((noinline)) void missedAmongOthers(Thread* self, Address address, Key want, Address pc) {
  Region* region = regionFor(address);
  GranuleRef granule(region, granuleIndex(address));
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  bool early;
  if ((first & kKeyMore) != 0 && remembers(granule, want, early)) {
    if (!early) rememberedLate(self, granule, want);
    return;
  }
  RuntimeScope scope;
  if (first == 0) touchPage(region, address);
  enter(self, granule, address, want, stackWord(self, pc));
}

/// One granule of a range.
__attribute__((noinline)) void enterInRange(Thread* self, GranuleRef granule, Address address, Key want,
                                            StackWord stack) {
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  if ((first & kKeyMore) != 0 && (want & kKeyAtomic) == 0 &&
      settled(SharedRow().enter(granule, first, want, stack, self->clock), self, granule, want))
    return;
  if (!remembers(granule, want)) enter(self, granule, address, want, stack);
}

}  // namespace

bool missedAmongOwn(Thread* self, GranuleRef granule, Address address, Key first, Key want, StackWord stack,
                    Address pc) {
  Entering outcome = OwnRow().enter(granule, first, want, stack);
  if (outcome == Entering::Entered || outcome == Entering::Remembered) [[likely]]
    return true;
  if (outcome == Entering::NotSimple) return false;
  if (!settled(outcome, self, granule, want)) missedAmongOthers(self, address, want, pc);
  return true;
}

void accessMissed(Thread* self, Address address, Key want, Address pc) {
  if (self->ignoreDepth != 0) return;
  StackWord stack;
  if (Address offset = *regionEntry(address); offset != 0 && stackAtHand(self->calls, pc, stack)) [[likely]] {
    GranuleRef granule(reinterpret_cast<Key*>((address & ~(kGranuleBytes - 1)) + offset));
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
    if ((first & kKeyMore) != 0) {
      if (settled(SharedRow().enter(granule, first, want, stack, self->clock), self, granule, want)) return;
    } else if (takesOnlyPlace(want, first, self->clock) && replaceOnly(granule, first, want, stack)) {
      return;
    }
  }
  missedAmongOthers(self, address, want, pc);
}

namespace {

/// True if one of the two cells that code in line looks at says as much.
inline bool remembersAtOnce(const Key* first, Key want, Key bits) {
  Key key = __atomic_load_n(first, __ATOMIC_RELAXED);
  if (((key ^ want) & bits) == 0) [[likely]]
    return true;
  if ((key & kKeyMore) == 0) return false;
  key = __atomic_load_n(GranuleRef(const_cast<Key*>(first)).key(1), __ATOMIC_RELAXED);
  return ((key ^ want) & bits) == 0;
}

/// Bytes of the granule of `at`.
inline __attribute__((always_inline)) void checkPart(Thread* self, Address pc, Address at, std::size_t size,
                                                     Address offset, Key key) {
  Key want = key | bytesMask(at, size);
  auto* first = reinterpret_cast<const Key*>((at & ~(kGranuleBytes - 1)) + offset);
  if (!remembersAtOnce(first, want, bitsThatCount(want))) accessMissed(self, at, want, pc);
}

/// As checkAccess, where a few granules of one region are touched.
inline void checkFew(Thread* self, Address pc, Address begin, Address end, Address offset, Key key) {
  Address at = begin;
  if (at % kGranuleBytes != 0) {
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    checkPart(self, pc, at, next - at, offset, key);
    at = next;
  }
  Key whole = key | kKeyMask;
  Key bits = bitsThatCount(whole);
  for (; at + kGranuleBytes <= end; at += kGranuleBytes)
    if (!remembersAtOnce(reinterpret_cast<const Key*>(at + offset), whole, bits)) accessMissed(self, at, whole, pc);
  if (at < end) checkPart(self, pc, at, end - at, offset, key);
}

/// The granule of a range where something is not remembered at once; the range's end if there is none.
inline Address firstNew(Address begin, Address end, Key key) {
  Key whole = key | kKeyMask;
  Key bits = bitsThatCount(whole);
  KeyScan scan(whole, bits);
  for (Address at = begin; at < end;) {
    Address offset = *regionEntry(at);
    if (offset == 0) return at;
    Address granule = at & ~(kGranuleBytes - 1);
    const Key* first = reinterpret_cast<const Key*>(granule + offset);
    Address next = granule + kGranuleBytes;
    if (granule == at && next <= end) {
      Address partEnd = (at | (kRegionBytes - 1)) + 1;
      if (partEnd > end) partEnd = end & ~(kGranuleBytes - 1);
      while (at < partEnd) {
        std::size_t alike = scan.leadingAlike(first, (partEnd - at) / kGranuleBytes);
        at += alike * kGranuleBytes;
        first += alike;
        for (std::size_t i = 0; i < KeyScan::kAtOnce && at < partEnd; ++i, at += kGranuleBytes, ++first)
          if (!remembersAtOnce(first, whole, bits)) return at;
      }
      continue;
    }
    if (next > end) next = end;
    Key want = key | bytesMask(at, next - at);
    if (!remembersAtOnce(first, want, bitsThatCount(want))) return at;
    at = next;
  }
  return end;
}

}  // namespace

void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  if (self->ignoreDepth != 0) return;
  Key key = self->epochKey | keyBitsOf(flags);
  if (Address offset = *regionEntry(begin);
      size != 0 && size <= kFewBytes && offset != 0 && *regionEntry(begin + size - 1) == offset) [[likely]]
    return checkFew(self, pc, begin, begin + size, offset, key);
  Address from = firstNew(begin, begin + size, key);
  if (from == begin + size) return;
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  forEachGranule(from, begin + size - from, [=](GranuleRef granule, Address at, Key mask) __attribute__((always_inline)) {
    Key want = key | mask;
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
    bool only = first == 0 || takesOnlyPlace(want, first, self->clock);
    if (!only || !replaceOnly(granule, first, want, stack)) enterInRange(self, granule, at, want, stack);
  });
}

void markFreed(Thread* self, Address pc, Address begin, std::size_t size) {
  if (self->ignoreDepth != 0) return;
  RuntimeScope scope;
  // Raced: takes the place of writes of the same epoch, too.
  Key key = self->epochKey | keyBitsOf(protocol::kAccessWrite | protocol::kAccessFree) | kKeyRaced;
  StackWord stack = stackWord(self, pc);
  forEachGranule(begin, size, [=](GranuleRef granule, Address at, Key mask) __attribute__((always_inline)) {
    Key want = key | mask;
    if (!recordInOwnBlock(granule, want, stack, self->clock)) enter(self, granule, at, want, stack);
  }, [=](GranuleRef granule, std::size_t count) __attribute__((always_inline)) {
    return setAlike<true>(granule, count, key & ~kKeyKind, kOwnBlockCounts, key | kKeyMask, stack);
  });
}

namespace {

/// A cell of bytes that were just made; see markWritten.
Key freshKey(const Thread* self) { return self->epochKey | kKeyWrite | kKeyRaced; }

void markGranule(Thread* self, GranuleRef granule, Address address, Key key, StackWord stack) {
  RacingCells ignored;
  ignored.count = 0;
  recordAccess(granule, key, stack, self->clock, ignored);
  if (hasList(granule)) usePage(regionAt(address), address, kPageLists);
}

}  // namespace

void markWritten(Thread* self, Address pc, Address begin, std::size_t size) {
  if (self->ignoreDepth != 0) return;
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  forEachGranule(begin, size, [=](GranuleRef granule, Address at, Key mask) __attribute__((always_inline)) {
    markGranule(self, granule, at, freshKey(self) | mask, stack);
  });
}

void markFresh(Thread* self, Address pc, Address begin, std::size_t size) {
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  Key key = self->ignoreDepth == 0 ? freshKey(self) : 0;
  forEachGranule(begin, size, [=](GranuleRef granule, Address at, Key mask) __attribute__((always_inline)) {
    Key fresh = key == 0 ? 0 : key | mask;
    if (replaceInOwnBlock(granule, fresh, stack)) return;
    clearGranule(granule, kKeyMask);
    if (fresh != 0) markGranule(self, granule, at, fresh, stack);
  }, [=](GranuleRef granule, std::size_t count) __attribute__((always_inline)) {
    return setAlike<true>(granule, count, 0, kKeyMore | kKeyLocked, key == 0 ? 0 : key | kKeyMask, stack);
  });
}

void memoryAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  ++self->accesses;
  if (planActive) planAccess(self, pc, begin, size, flags);
  checkAccess(self, pc, begin, size, flags);
}

}  // namespace deadheat::rt
