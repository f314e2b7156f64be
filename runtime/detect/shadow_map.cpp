#include "runtime/detect/shadow_map.h"

#include <sys/mman.h>

#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"

extern "C" constinit deadheat::rt::Address __deadheat_shadow[deadheat::rt::kRegions] = {};

namespace deadheat::rt {

namespace {
constexpr std::size_t kMappedBytes = (sizeof(Region) + kShadowPage - 1) & ~(kShadowPage - 1);
}

Region* makeRegion(Address address) {
  auto* fresh = static_cast<Region*>(mapPages(kMappedBytes));
  // Huge pages would commit the shadow of two megabytes for every touched byte.
  rawSyscall(SYS_madvise, reinterpret_cast<long>(fresh), kMappedBytes, MADV_NOHUGEPAGE);
  Address found = 0;
  Address offset = reinterpret_cast<Address>(fresh) - (address & ~(kRegionBytes - 1));
  if (__atomic_compare_exchange_n(regionEntry(address), &found, offset, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return fresh;
  unmapPages(fresh, kMappedBytes);
  return regionAt(address);
}

}  // namespace deadheat::rt
