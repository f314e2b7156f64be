// Memory that comes to life, ends, or becomes unknown, block by block.
#include <sys/mman.h>

#include "runtime/detect/blocks.h"
#include "runtime/detect/shadow.h"
#include "runtime/detect/sync_table.h"
#include "runtime/detect/targeted.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/schedule/events.h"

namespace deadheat::rt {
namespace {

/// From here on a cleared range gives its shadow back to the kernel.
/// In a controlled run memory is given back only by the program that frees much: its threads come and go on the same
/// stacks.
constexpr std::size_t kWorthReturning = 1 << 20, kWorthReturningControlled = 1 << 26;
/// So much of a freed block is marked even where nobody ever touched it.
constexpr std::size_t kMarkedUntouched = 4096;
/// So much of a fresh block is marked.
constexpr std::size_t kMarkedFresh = 256;
/// Larger mappings are address space set aside; each mark would cost the shadow of a region.
constexpr std::size_t kLargestMarked = 1 << 28;

void clearPart(Region* region, Address begin, Address end) {
  visitGranules(region, begin, end, [](GranuleRef granule, Address, Key mask) __attribute__((always_inline)) {
    if (!isEmpty(granule) && (mask != kKeyMask || !clearInOwnBlock(granule))) clearGranule(granule, mask);
  }, [](GranuleRef granule, std::size_t count) __attribute__((always_inline)) {
    return setAlike<false>(granule, count, 0, kKeyMore | kKeyLocked, 0, 0);
  });
}

/// Those that lie wholly in [begin, end).
void returnPages(const void* begin, const void* end) {
  Address from = (reinterpret_cast<Address>(begin) + kShadowPage - 1) & ~(kShadowPage - 1);
  Address to = reinterpret_cast<Address>(end) & ~(kShadowPage - 1);
  if (from < to) rawSyscall(SYS_madvise, static_cast<long>(from), static_cast<long>(to - from), MADV_DONTNEED);
}

/// Whole pages of the application, in one region, which were cleared already.
void returnPart(Region* region, Address begin, Address end) {
  for (Address page = begin; page < end; page += kShadowPage)
    if (pageUsed(region, page, kPageLists))
      visitGranules(region, page, page + kShadowPage, [](GranuleRef granule, Address, Key) { giveListBack(granule); });
  GranuleRef granule(region, granuleIndex(begin));
  std::size_t count = (end - begin) / kGranuleBytes;
  for (unsigned column = 0; column < kColumns; ++column) {
    returnPages(granule.key(column), granule.key(column) + count);
    returnPages(&granule.stack(column), &granule.stack(column) + count);
  }
  returnPages(granule.list(), granule.list() + count);
  for (Address page = begin; page < end; page += kShadowPage)
    __atomic_store_n(&region->uses[(page & (kRegionBytes - 1)) / kShadowPage], 0, __ATOMIC_RELAXED);
}

void clearRange(Address begin, std::size_t size) {
  forEachPage(begin, size, [](Region* region, Address from, Address to) {
    if (pageTouched(region, from)) clearPart(region, from, to);
  });
  if (size < (scheduleControlled ? kWorthReturningControlled : kWorthReturning)) return;
  Address end = (begin + size) & ~(kShadowPage - 1);
  for (Address at = (begin + kShadowPage - 1) & ~(kShadowPage - 1); at < end;) {
    Address next = (at | (kRegionBytes - 1)) + 1;
    if (next > end) next = end;
    if (Region* region = regionAt(at)) returnPart(region, at, next);
    at = next;
  }
}

}  // namespace

void memoryForgotten(Address begin, std::size_t size) {
  RuntimeScope scope;
  if (eventsRecorded) recordEvent(nullptr, 0, protocol::EventKind::Fresh, begin, size);
  syncDestroyRange(begin, size);
  clearRange(begin, size);
}

bool blockUntold(Address begin, std::size_t size) {
  if (planActive || eventsRecorded || runtimeUp == false) return false;
  for (Address page = begin & ~(kShadowPage - 1); page < begin + size; page += kShadowPage)
    if (pageTouched(regionAt(page), page)) return false;
  return true;
}

void memoryAllocated(Thread* self, Address pc, Address begin, std::size_t size, std::size_t room) {
  if (targetedBuild && !eventsRecorded) return clearRange(begin, room > size ? room : size);
  RuntimeScope scope;
  std::size_t marked = size < kMarkedFresh ? size : kMarkedFresh;
  if (eventsRecorded) {
    recordEvent(self, pc, protocol::EventKind::Fresh, begin, size, 1);
    if (room > size) recordEvent(nullptr, 0, protocol::EventKind::Fresh, begin + size, room - size);
  }
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
