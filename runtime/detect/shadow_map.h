// From an application address to its shadow: a table of regions, each made when its first byte is touched.
//
// A granule is 8 application bytes. It has four cells in line (detect/granule.h), each in an array of its own: the first
// keys lie side by side, as far apart as the bytes they are about, so that the check of a repeated access is an addition
// and reads a cache line for 64 application bytes. Memory that one thread uses in one way never touches more than the
// first cells, nor the arrays that find further cells and synchronisation objects. Nothing depends on where the kernel
// puts things.
#pragma once

#include <cstddef>

#include "runtime/core.h"
#include "runtime/detect/shadow_cell.h"

namespace deadheat::rt {

inline constexpr unsigned kRegionShift = 24;
inline constexpr std::size_t kRegionBytes = std::size_t{1} << kRegionShift;
inline constexpr std::size_t kGranuleBytes = 8;
inline constexpr std::size_t kGranulesPerRegion = kRegionBytes / kGranuleBytes;
inline constexpr unsigned kColumns = 4;  ///< Cells in line.
inline constexpr std::size_t kShadowPage = 4096;
inline constexpr std::size_t kRegions = std::size_t{1} << (47 - kRegionShift);

enum PageUse : std::uint8_t {
  kPageTouched = 1,  ///< Something was remembered of it.
  kPageSyncs = 2,    ///< There were synchronisation objects in it.
  kPageLists = 4,    ///< There were granules with lists in it.
};

/// What lies between a region's arrays, lest the cells of a granule contend for the same places in the caches.
inline constexpr std::size_t kSkewWords = (3 * kShadowPage + 7 * 64) / sizeof(Key);

struct Region {
  /// A key means nothing where the one before has no kKeyMore, nor the list of chunks where the last has none.
  struct Column {
    Key keys[kGranulesPerRegion + kSkewWords];
    StackWord stacks[kGranulesPerRegion + kSkewWords];
  } columns[kColumns];
  std::uint64_t lists[kGranulesPerRegion + kSkewWords];  ///< Of further cells (detect/granule.h).
  std::uint32_t sync[kGranulesPerRegion];  ///< Heads of lists of synchronisation objects (detect/sync_table.h).
  /// PageUse of each page of the application. What is cleared or freed in bulk skips what was not used so.
  std::uint8_t uses[kRegionBytes / kShadowPage];
};

/// By region of the application: what to add to the address of a granule to have that of its first key; 0 where nothing
/// was touched yet. Code that our pass plugin compiled reads it.
extern "C" __attribute__((visibility("default"))) Address __deadheat_shadow[kRegions];

inline Address* regionEntry(Address address) { return &__deadheat_shadow[address >> kRegionShift & (kRegions - 1)]; }
/// Null where nothing was touched yet.
inline Region* regionAt(Address address) {
  Address offset = __atomic_load_n(regionEntry(address), __ATOMIC_ACQUIRE);
  return offset == 0 ? nullptr : reinterpret_cast<Region*>(offset + (address & ~(kRegionBytes - 1)));
}
/// Makes the region if need be.
Region* makeRegion(Address address);
/// Maps what the next `count` regions need. While there is one thread.
void keepRegions(std::uint32_t count);
inline Region* regionFor(Address address) {
  Region* region = regionAt(address);
  return region != nullptr ? region : makeRegion(address);
}

/// To be called before the page `address` is in is used so.
inline void usePage(Region* region, Address address, PageUse use) {
  std::uint8_t* uses = &region->uses[(address & (kRegionBytes - 1)) / kShadowPage];
  if ((__atomic_load_n(uses, __ATOMIC_RELAXED) & use) == 0) __atomic_fetch_or(uses, use | kPageTouched, __ATOMIC_RELAXED);
}
inline void touchPage(Region* region, Address address) { usePage(region, address, kPageTouched); }
inline bool pageUsed(const Region* region, Address address, PageUse use) {
  return region != nullptr && (__atomic_load_n(&region->uses[(address & (kRegionBytes - 1)) / kShadowPage],
                                               __ATOMIC_RELAXED) & use) != 0;
}
inline bool pageTouched(const Region* region, Address address) { return pageUsed(region, address, kPageTouched); }

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

/// The cells of one granule: one pointer, since a region's arrays follow each other.
class GranuleRef {
 public:
  explicit GranuleRef(Key* first) : first_(first) {}
  GranuleRef(Region* region, std::size_t index) : first_(&region->columns[0].keys[index]) {}
  Key* key(unsigned column = 0) const { return first_ + 2 * column * kArrayWords; }
  StackWord& stack(unsigned column = 0) const { return first_[(2 * column + 1) * kArrayWords]; }
  std::uint64_t* list() const { return first_ + 2 * kColumns * kArrayWords; }

 private:
  static constexpr std::size_t kArrayWords = kGranulesPerRegion + kSkewWords;
  Key* first_;
};

/// Bits of a granule's mask for `size` bytes at `address`, which do not cross the granule's end.
constexpr Key bytesMask(Address address, std::size_t size) {
  return ((Key{1} << size) - 1) << (address & (kGranuleBytes - 1)) & kKeyMask;
}

/// Does nothing for granules side by side.
struct NoneAtOnce {
  std::size_t operator()(GranuleRef, std::size_t) const { return 0; }
};

/// Runs `visit(granule, begin, mask)` on the granules of [begin, end), which lie in `region`: most of them whole. Not on
/// those that `some(granule, count)` says it has done, of `count` whole ones side by side; where it stops, four are
/// visited before it is asked again.
template <class Visit, class Some = NoneAtOnce>
inline __attribute__((always_inline)) void visitGranules(Region* region, Address begin, Address end, Visit visit,
                                                         Some some = {}) {
  Address at = begin;
  if (at % kGranuleBytes != 0) {
    Address next = (at | (kGranuleBytes - 1)) + 1;
    if (next > end) next = end;
    visit(GranuleRef(region, granuleIndex(at)), at, bytesMask(at, next - at));
    at = next;
  }
  std::size_t index = granuleIndex(at);
  std::size_t whole = at < end ? (end - at) / kGranuleBytes : 0;
  while (whole != 0) {
    std::size_t done = some(GranuleRef(region, index), whole);
    index += done;
    at += done * kGranuleBytes;
    whole -= done;
    for (std::size_t i = 0; i < 4 && whole != 0; ++i, --whole, at += kGranuleBytes)
      visit(GranuleRef(region, index++), at, kKeyMask);
  }
  if (at < end) visit(GranuleRef(region, index), at, bytesMask(at, end - at));
}

}  // namespace deadheat::rt
