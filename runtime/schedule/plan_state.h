// Where one thread is with respect to the plan's sites; a member of Thread, touched by its own thread only. All-zero
// bytes mean: outside every site.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// A frame that was called from code of a plan site.
struct SiteFrame {
  std::uint32_t depth;  ///< PlanState::depth inside it.
  std::uint32_t place;  ///< Index of the plan's place its return address lies in.
};

/// Of one stack.
struct SiteFrames {
  static constexpr std::uint32_t kFrames = 16;

  std::uint32_t depth;       ///< Instrumented frames now on the stack.
  std::uint32_t frameCount;  ///< Of `frames`, innermost last; the ones inside a full set are not remembered.
  SiteFrame frames[kFrames];
};

struct PlanState : SiteFrames {
  /// A hold of this thread ended because it had what all the others waited for: it is to let them pass at its next lock.
  std::uint32_t owesPassage;
  std::uint32_t reserved;
  struct Controlled* controlled;  ///< In a controlled run.
};

}  // namespace deadheat::rt
