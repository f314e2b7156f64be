#include "runtime/detect/shadow_map.h"

#include <sys/mman.h>

#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"

extern "C" constinit deadheat::rt::Address __deadheat_shadow[deadheat::rt::kRegions] = {};

namespace deadheat::rt {

namespace {

constexpr std::size_t kMappedBytes = (sizeof(Region) + kShadowPage - 1) & ~(kShadowPage - 1);

char* kept;                 ///< Regions that are mapped and were not used yet,
std::uint32_t keptRegions;  ///< so many.

char* mapRegions(std::size_t count) {
  auto* fresh = static_cast<char*>(mapPages(count * kMappedBytes));
  // Huge pages would commit the shadow of two megabytes for every touched byte.
  rawSyscall(SYS_madvise, reinterpret_cast<long>(fresh), static_cast<long>(count * kMappedBytes), MADV_NOHUGEPAGE);
  return fresh;
}

Region* freshRegion() {
  std::uint32_t left = __atomic_load_n(&keptRegions, __ATOMIC_RELAXED);
  while (left != 0 &&
         !__atomic_compare_exchange_n(&keptRegions, &left, left - 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return reinterpret_cast<Region*>(left != 0 ? kept + (left - 1) * kMappedBytes : mapRegions(1));
}

}  // namespace

void keepRegions(std::uint32_t count) {
  kept = mapRegions(count);
  keptRegions = count;
}

Region* makeRegion(Address address) {
  Region* fresh = freshRegion();
  Address found = 0;
  Address offset = reinterpret_cast<Address>(fresh) - (address & ~(kRegionBytes - 1));
  if (__atomic_compare_exchange_n(regionEntry(address), &found, offset, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return fresh;
  unmapPages(fresh, kMappedBytes);
  return regionAt(address);
}

}  // namespace deadheat::rt
