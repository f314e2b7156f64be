// From an application address to its shadow: a table of regions, each made when its first byte is touched.
//
// A granule is 8 application bytes. It has two cells in line (detect/granule.h): their keys lie together, 16 bytes, so
// that the check of a repeated access reads a cache line for 32 application bytes; stacks lie elsewhere in the region
// and are only written. A third array finds synchronisation objects by address. Nothing depends on where the kernel
// puts things.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/shadow_cell.h"

namespace deadheat::rt {

inline constexpr unsigned kRegionShift = 24;
inline constexpr std::size_t kRegionBytes = std::size_t{1} << kRegionShift;
inline constexpr std::size_t kGranuleBytes = 8;
inline constexpr std::size_t kGranulesPerRegion = kRegionBytes / kGranuleBytes;
inline constexpr std::size_t kCellsInline = 2;
inline constexpr std::size_t kShadowPage = 4096;
inline constexpr std::size_t kRegions = std::size_t{1} << (47 - kRegionShift);

struct Region {
  Key keys[kGranulesPerRegion * kCellsInline];
  StackWord stacks[kGranulesPerRegion * kCellsInline];
  std::uint32_t sync[kGranulesPerRegion];  ///< Heads of lists of synchronisation objects (detect/sync_table.h).
  /// Not 0: something was remembered of that page of the application. What is cleared or freed in bulk skips the
  /// others.
  std::uint8_t touched[kRegionBytes / kShadowPage];
};

extern Region* regions[kRegions];

/// The cells of one granule.
struct GranuleRef {
  Key* keys;
  StackWord* stacks;
};

/// Null where nothing was touched yet.
inline Region* regionAt(Address address) {
  return __atomic_load_n(&regions[address >> kRegionShift & (kRegions - 1)], __ATOMIC_ACQUIRE);
}
/// Makes the region if need be.
Region* makeRegion(Address address);
inline Region* regionFor(Address address) {
  Region* region = regionAt(address);
  return region != nullptr ? region : makeRegion(address);
}

/// To be called before anything is remembered of the page `address` is in.
inline void touchPage(Region* region, Address address) {
  std::uint8_t* flag = &region->touched[(address & (kRegionBytes - 1)) / kShadowPage];
  if (__atomic_load_n(flag, __ATOMIC_RELAXED) == 0) __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
}
inline bool pageTouched(const Region* region, Address address) {
  return region != nullptr &&
         __atomic_load_n(&region->touched[(address & (kRegionBytes - 1)) / kShadowPage], __ATOMIC_RELAXED) != 0;
}

/// Runs `visit(region, begin, end)` on the part of the range in each page; end - begin is at most a page. Where there
/// is no region, `region` is null and the part may be as long as a region.
template <class Visit>
void forEachPage(Address begin, std::size_t size, Visit visit) {
  Address end = begin + size;
  for (Address at = begin; at < end;) {
    Region* region = regionAt(at);
    Address next = (at | ((region == nullptr ? kRegionBytes : kShadowPage) - 1)) + 1;
    if (next > end) next = end;
    visit(region, at, next);
    at = next;
  }
}

inline std::size_t granuleIndex(Address address) { return (address & (kRegionBytes - 1)) / kGranuleBytes; }
inline GranuleRef granuleIn(Region* region, std::size_t index) {
  return {&region->keys[index * kCellsInline], &region->stacks[index * kCellsInline]};
}

}  // namespace deadheat::rt
