#include "runtime/detect/shadow.h"

#include "runtime/detect/race_report.h"
#include "runtime/detect/site.h"
#include "runtime/detect/slots.h"

namespace deadheat::rt {
namespace {

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
  access.slot = slotOf(key);
  return access;
}

__attribute__((noinline)) void tellRaces(Thread* self, Address address, Key key, StackWord stack,
                                         const RacingCells& racing) {
  Address granule = address & ~(kGranuleBytes - 1);
  RaceAccess later = accessOf(key, stack, granule, self->id);
  later.heldOf = self;
  for (std::uint32_t i = 0; i < racing.count; ++i) {
    Key other = racing.cells[i].key;
    ThreadId thread = threadOfSlot(slotOf(other), epochOf(other));
    reportRace(later, accessOf(other, racing.cells[i].stack, granule, thread), protocol::RaceProof::Observed);
  }
}

/// `want` is not remembered.
__attribute__((noinline)) void enterAmongOthers(Thread* self, GranuleRef granule, Address address, Key want, StackWord stack) {
  RacingCells racing;
  racing.count = 0;
  recordAccess(granule, want, stack, self->clock, racing);
  if (racing.count != 0) [[unlikely]]
    tellRaces(self, address, want, stack, racing);
}

/// The same.
inline void enter(Thread* self, GranuleRef granule, Address address, Key want, StackWord stack) {
  if (!recordSimple(granule, want, stack, self->clock)) enterAmongOthers(self, granule, address, want, stack);
}

/// Runs `visit(granule, begin, mask)` on every granule of a range, which is remembered of from now on.
template <class Visit>
inline void forEachGranule(Address begin, std::size_t size, Visit visit) {
  for (Address at = begin, end = begin + size; at < end;) {
    Address next = (at | (kShadowPage - 1)) + 1;
    if (next > end) next = end;
    Region* region = regionFor(at);
    touchPage(region, at);
    visitGranules(region, at, next, visit);
    at = next;
  }
}

}  // namespace

void accessMissed(Thread* self, Address address, Key want, Address pc) {
  if (self->ignoreDepth != 0) return;
  Region* region = regionAt(address);
  if (region == nullptr) [[unlikely]]
    region = makeRegion(address);
  GranuleRef granule(region, granuleIndex(address));
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  if ((first & kKeyMore) != 0 && (remembers(granule, want) || chunksRemember(granule, want))) return;
  RuntimeScope scope;
  touchPage(region, address);
  enter(self, granule, address, want, stackWord(self, pc));
}

namespace {

/// True if first cells say as much as an access to every byte. Mostly they do, or do not from the first on.
inline bool allRemembered(Address begin, std::size_t size, Key key) {
  for (Address at = begin, end = begin + size; at < end;) {
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    if (!remembersFirst(at, key | bytesMask(at, next - at))) return false;
    at = next;
  }
  return true;
}

}  // namespace

void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  Key key = self->epochKey | keyBitsOf(flags);
  if (self->ignoreDepth != 0 || allRemembered(begin, size, key)) return;
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  forEachGranule(begin, size, [=](GranuleRef granule, Address at, Key mask) __attribute__((always_inline)) {
    Key want = key | mask;
    if (remembers(granule, want) || recordSimple(granule, want, stack, self->clock)) return;
    if (!chunksRemember(granule, want)) enterAmongOthers(self, granule, at, want, stack);
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
    if (!recordInOwnBlock(granule, want, stack, self->clock)) enterAmongOthers(self, granule, at, want, stack);
  });
}

namespace {

/// A cell of bytes that were just made; see markWritten.
Key freshKey(const Thread* self) { return self->epochKey | kKeyWrite | kKeyRaced; }

void markGranule(Thread* self, GranuleRef granule, Key key, StackWord stack) {
  RacingCells ignored;
  ignored.count = 0;
  recordAccess(granule, key, stack, self->clock, ignored);
}

}  // namespace

void markWritten(Thread* self, Address pc, Address begin, std::size_t size) {
  if (self->ignoreDepth != 0) return;
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  forEachGranule(begin, size, [=](GranuleRef granule, Address, Key mask) __attribute__((always_inline)) {
    markGranule(self, granule, freshKey(self) | mask, stack);
  });
}

void markFresh(Thread* self, Address pc, Address begin, std::size_t size) {
  RuntimeScope scope;
  StackWord stack = stackWord(self, pc);
  Key key = self->ignoreDepth == 0 ? freshKey(self) : 0;
  forEachGranule(begin, size, [=](GranuleRef granule, Address, Key mask) __attribute__((always_inline)) {
    Key fresh = key == 0 ? 0 : key | mask;
    if (replaceInOwnBlock(granule, fresh, stack)) return;
    clearGranule(granule, kKeyMask);
    if (fresh != 0) markGranule(self, granule, fresh, stack);
  });
}

void memoryAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  ++self->accesses;
  if (planActive) planAccess(self, pc, begin, size, flags);
  checkAccess(self, pc, begin, size, flags);
}

}  // namespace deadheat::rt
