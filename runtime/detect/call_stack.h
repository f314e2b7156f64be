// Where a thread is: its calling context, and the contexts to return to.
//
// A context is a node of one process-wide tree (detect/stack.cpp), so a shadow cell keeps a whole stack in 32 bits and
// no trace has to be replayed to print it.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct Frame {
  Address stackPointer;   ///< At entry.
  Context caller;         ///< Context to go back to.
  std::uint32_t repeats;  ///< Entries more from the same place at the same stack pointer.
};

struct CallStack {
  static constexpr std::uint32_t kFrames = 1u << 16;  ///< Deeper calls keep the context of this depth.
  static constexpr std::uint32_t kRemembered = 256;

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

/// A function whose stack pointer is `stackPointer` was called from `returnAddress`.
void enterContext(CallStack& calls, Address returnAddress, Address stackPointer);
/// A function whose stack pointer is `stackPointer`, or was before it allocated there, is about to return.
void leaveContext(CallStack& calls, Address stackPointer);

}  // namespace deadheat::rt
