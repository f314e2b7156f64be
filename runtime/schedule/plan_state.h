// Where one thread is with respect to the plan's sites; a member of Thread, touched by its own thread only. All-zero
// bytes mean: outside every site.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// A frame whose return address lies in a plan range.
struct SiteFrame {
  std::uint32_t depth;  ///< Number of frames below it.
  std::uint32_t site;
};

struct PlanState {
  static constexpr std::uint32_t kFrames = 16;

  std::uint32_t depth;       ///< Instrumented frames now on the stack.
  std::uint32_t frameCount;  ///< Of `frames`, innermost last; further ones are not remembered.
  SiteFrame frames[kFrames];
};

}  // namespace deadheat::rt
