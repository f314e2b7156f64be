// A code address in 32 bits, so that a shadow cell has room for it: 4 bits name a window of 256 MB that has code, 28
// bits the place in it. Programs have two or three such windows; code beyond the fifteenth is kept in a table of its
// own.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

using Site = std::uint32_t;

inline constexpr unsigned kWindowShift = 28;
inline constexpr unsigned kWindows = 15;

/// Window number plus one, 0 when not in use yet. Filled from the front; the first is the program's own.
extern Address siteWindows[kWindows];
/// Before the first site. The runtime lies next to the program's code.
void setFirstWindow();
inline bool inFirstWindow(Address pc) { return __atomic_load_n(&siteWindows[0], __ATOMIC_RELAXED) == (pc >> kWindowShift) + 1; }
constexpr std::uint64_t siteInFirstWindow(Address pc) { return pc & ((Address{1} << kWindowShift) - 1); }

/// Out of line part of siteOf.
Site addSite(Address pc);

inline Site siteOf(Address pc) {
  Address window = (pc >> kWindowShift) + 1;
  Site offset = static_cast<Site>(pc & ((Address{1} << kWindowShift) - 1));
  if (__atomic_load_n(&siteWindows[0], __ATOMIC_RELAXED) == window) return offset;
  if (__atomic_load_n(&siteWindows[1], __ATOMIC_RELAXED) == window) return 1u << kWindowShift | offset;
  return addSite(pc);
}

Address pcOfSite(Site site);

}  // namespace deadheat::rt
