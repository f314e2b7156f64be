// Memory that comes to life, ends, or becomes unknown, block by block.
#include <sys/mman.h>

#include "runtime/detect/blocks.h"
#include "runtime/detect/shadow.h"
#include "runtime/detect/sync_table.h"
#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {
namespace {

/// From here on a cleared range gives its shadow back to the kernel.
constexpr std::size_t kWorthReturning = 1 << 20;
/// So much of a freed block is marked even where nobody ever touched it.
constexpr std::size_t kMarkedUntouched = 4096;
/// So much of a fresh block is marked.
constexpr std::size_t kMarkedFresh = 256;
/// Larger mappings are address space set aside; each mark would cost the shadow of a region.
constexpr std::size_t kLargestMarked = 1 << 28;

void clearPart(Region* region, Address begin, Address end) {
  visitGranules(region, begin, end, [](GranuleRef granule, Address, Key mask) __attribute__((always_inline)) {
    if (!isEmpty(granule) && (mask != kKeyMask || !clearInOwnBlock(granule))) clearGranule(granule, mask);
  });
}

void returnPages(void* begin, void* end) {
  rawSyscall(SYS_madvise, reinterpret_cast<long>(begin), static_cast<char*>(end) - static_cast<char*>(begin),
             MADV_DONTNEED);
}

/// Page's part [begin, end) was cleared already.
void returnPart(Region* region, Address begin, Address end) {
  if (end - begin != kShadowPage) return;
  GranuleRef granule(region, granuleIndex(begin));
  constexpr std::size_t kCount = kShadowPage / kGranuleBytes;
  for (unsigned column = 0; column < kColumns; ++column) {
    returnPages(granule.key(column), granule.key(column) + kCount);
    returnPages(&granule.stack(column), &granule.stack(column) + kCount);
  }
  __atomic_store_n(&region->uses[(begin & (kRegionBytes - 1)) / kShadowPage], 0, __ATOMIC_RELAXED);
}

void clearRange(Address begin, std::size_t size) {
  forEachPage(begin, size, [size](Region* region, Address from, Address to) {
    if (!pageTouched(region, from)) return;
    clearPart(region, from, to);
    if (size >= kWorthReturning) returnPart(region, from, to);
  });
}

}  // namespace

void memoryForgotten(Address begin, std::size_t size) {
  RuntimeScope scope;
  syncDestroyRange(begin, size);
  clearRange(begin, size);
}

void memoryAllocated(Thread* self, Address pc, Address begin, std::size_t size, std::size_t room) {
  RuntimeScope scope;
  std::size_t marked = size < kMarkedFresh ? size : kMarkedFresh;
  rememberBlock(self, pc, begin, size);
  markFresh(self, pc, begin, marked);
  Address marksEnd = begin + marked;
  clearRange(marksEnd, begin + (room > size ? room : size) - marksEnd);
}

void memoryMapped(Thread* self, Address pc, Address begin, std::size_t size) {
  memoryForgotten(begin, size);
  if (size > kLargestMarked) return;
  markWritten(self, pc, begin, size < kMarkedFresh ? size : kMarkedFresh);
}

void memoryFreed(Thread* self, Address pc, Address begin, std::size_t size) {
  constexpr std::uint32_t kFlags = protocol::kAccessWrite | protocol::kAccessFree;
  if (planActive) planAccess(self, pc, begin, size, kFlags);
  forEachPage(begin, size, [self, pc, begin](Region* region, Address from, Address to) {
    if (!pageTouched(region, from)) {
      if (from - begin >= kMarkedUntouched) return;
      if (to > begin + kMarkedUntouched) to = begin + kMarkedUntouched;
    }
    markFreed(self, pc, from, to - from);
  });
  RuntimeScope scope;
  syncDestroyRange(begin, size);
}

}  // namespace deadheat::rt
