#include "runtime/detect/site.h"

#include "runtime/platform/growing_array.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

constinit Address siteWindows[kWindows] = {};

namespace {

constexpr Address kOffset = (Address{1} << kWindowShift) - 1;

SpinLock farLock;
GrowingArray<Address> far;

Site addFar(Address pc) {
  SpinGuard guard(farLock);
  std::size_t i = 0;
  while (i < far.size() && far[i] != pc) ++i;
  if (i == far.size()) far.push(pc);
  return static_cast<Site>(kWindows << kWindowShift | i);
}

}  // namespace

void setFirstWindow() { siteWindows[0] = (reinterpret_cast<Address>(&setFirstWindow) >> kWindowShift) + 1; }

Site addSite(Address pc) {
  Address window = (pc >> kWindowShift) + 1;
  for (unsigned i = 0; i < kWindows; ++i) {
    Address found = __atomic_load_n(&siteWindows[i], __ATOMIC_RELAXED);
    if (found == 0)
      __atomic_compare_exchange_n(&siteWindows[i], &found, window, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    if (found == 0 || found == window) return static_cast<Site>(i << kWindowShift | (pc & kOffset));
  }
  return addFar(pc);
}

Address pcOfSite(Site site) {
  unsigned window = site >> kWindowShift;
  if (window < kWindows) return (siteWindows[window] - 1) << kWindowShift | (site & kOffset);
  SpinGuard guard(farLock);
  return far[site & kOffset];
}

}  // namespace deadheat::rt
