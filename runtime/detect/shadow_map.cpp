#include "runtime/detect/shadow_map.h"

#include <sys/mman.h>

#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {

constinit Region* regions[kRegions] = {};

Region* makeRegion(Address address) {
  auto* fresh = static_cast<Region*>(mapPages(sizeof(Region)));
  // Huge pages would commit the shadow of two megabytes for every touched byte.
  rawSyscall(SYS_madvise, reinterpret_cast<long>(fresh), sizeof(Region), MADV_NOHUGEPAGE);
  Region* found = nullptr;
  if (__atomic_compare_exchange_n(&regions[address >> kRegionShift & (kRegions - 1)], &found, fresh, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return fresh;
  unmapPages(fresh, sizeof(Region));
  return found;
}

}  // namespace deadheat::rt
