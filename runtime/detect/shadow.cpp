#include "runtime/detect/shadow.h"

#include "runtime/detect/race_report.h"
#include "runtime/detect/site.h"
#include "runtime/detect/slots.h"

namespace deadheat::rt {
namespace {

StackWord stackWord(const Thread* self, Address pc) { return StackWord{siteOf(pc)} << 32 | self->calls.context; }

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
inline void enter(Thread* self, Region* region, Address address, Key want, StackWord stack) {
  GranuleRef granule = granuleIn(region, granuleIndex(address));
  RacingCells racing;
  racing.count = 0;
  recordAccess(granule, want, stack, self->clock, racing);
  if (racing.count != 0) [[unlikely]]
    tellRaces(self, address, want, stack, racing);
}

}  // namespace

void accessMissed(Thread* self, Address address, Key want, Address pc) {
  if (self->ignoreDepth != 0) return;
  Region* region = regionAt(address);
  if (region != nullptr && chunksRemember(&region->keys[granuleIndex(address) * kCellsInline], want)) return;
  RuntimeScope scope;
  region = regionFor(address);
  touchPage(region, address);
  enter(self, region, address, want, stackWord(self, pc));
}

void checkAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  if (self->ignoreDepth != 0) return;
  RuntimeScope scope;
  bool freeing = (flags & protocol::kAccessFree) != 0;  // Takes the place of writes of the same epoch.
  Key key = self->epochKey | keyBitsOf(flags) | (freeing ? kKeyRaced : 0);
  StackWord stack = stackWord(self, pc);
  Address end = begin + size;
  Region* region = nullptr;
  for (Address at = begin; at < end;) {
    if (region == nullptr || (at & (kShadowPage - 1)) == 0) {
      region = regionFor(at);
      touchPage(region, at);
    }
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    Key want = key | bytesMask(at, next - at);
    const Key* keys = &region->keys[granuleIndex(at) * kCellsInline];
    if (freeing || !(remembers(keys, want) || chunksRemember(keys, want))) enter(self, region, at, want, stack);
    at = next;
  }
}

void markWritten(Thread* self, Address pc, Address begin, std::size_t size) {
  if (self->ignoreDepth != 0) return;
  RuntimeScope scope;
  Key key = self->epochKey | kKeyWrite | kKeyRaced;
  StackWord stack = stackWord(self, pc);
  Address end = begin + size;
  Region* region = nullptr;
  for (Address at = begin; at < end;) {
    if (region == nullptr || (at & (kShadowPage - 1)) == 0) {
      region = regionFor(at);
      touchPage(region, at);
    }
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    RacingCells ignored;
    ignored.count = 0;
    recordAccess(granuleIn(region, granuleIndex(at)), key | bytesMask(at, next - at), stack, self->clock, ignored);
    at = next;
  }
}

void memoryAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  ++self->accesses;
  if (planActive) planAccess(self, pc, begin, size, flags);
  checkAccess(self, pc, begin, size, flags);
}

}  // namespace deadheat::rt
