// Where a thread is: its calling context, and the contexts to return to.
//
// A context is a node of one process-wide tree (detect/stack.cpp), so a shadow cell keeps a whole stack in 32 bits and
// no trace has to be replayed to print it.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct Frame {
  Address stackPointer;  ///< At entry; an entry not above a later one was left by longjmp and the like.
  Context caller;        ///< Context to go back to.
  std::uint32_t unused;
};

struct CallStack {
  static constexpr std::uint32_t kFrames = 1u << 16;  ///< Deeper calls keep the context of this depth.
  static constexpr std::uint32_t kRemembered = 512;

  struct Child {
    Address returnAddress;
    Context parent;
    Context child;
  };

  Context context;
  std::uint32_t depth;
  Frame* frames;             ///< kFrames of them, on pages of their own.
  Child remembered[kRemembered];  ///< Direct-mapped: children of the tree this thread has met.
};

}  // namespace deadheat::rt
