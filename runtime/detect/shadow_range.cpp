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
  for (Address at = begin; at < end;) {
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    GranuleRef granule = granuleIn(region, granuleIndex(at));
    if (!isEmpty(granule.keys)) clearGranule(granule, bytesMask(at, next - at));
    at = next;
  }
}

void returnPages(void* begin, void* end) {
  rawSyscall(SYS_madvise, reinterpret_cast<long>(begin), static_cast<char*>(end) - static_cast<char*>(begin),
             MADV_DONTNEED);
}

/// Page's part [begin, end) was cleared already.
void returnPart(Region* region, Address begin, Address end) {
  if (end - begin != kShadowPage) return;
  std::size_t first = granuleIndex(begin) * kCellsInline;
  std::size_t count = kShadowPage / kGranuleBytes * kCellsInline;
  returnPages(&region->keys[first], &region->keys[first + count]);
  returnPages(&region->stacks[first], &region->stacks[first + count]);
  __atomic_store_n(&region->touched[(begin & (kRegionBytes - 1)) / kShadowPage], 0, __ATOMIC_RELAXED);
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

void memoryAllocated(Thread* self, Address pc, Address begin, std::size_t size) {
  RuntimeScope scope;
  clearRange(begin, size);
  rememberBlock(self, pc, begin, size);
  markWritten(self, pc, begin, size < kMarkedFresh ? size : kMarkedFresh);
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
    checkAccess(self, pc, from, to - from, kFlags);
  });
  RuntimeScope scope;
  syncDestroyRange(begin, size);
}

}  // namespace deadheat::rt
