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
  std::uint32_t repeats;  ///< Entries more that this frame stands for.
};

/// Not copied: `top` points into `frames`. start() before use.
struct CallStack {
  static constexpr std::uint32_t kFrames = 1u << 16;  ///< Deeper calls count as repeats of the last.
  static constexpr std::uint32_t kRemembered = 256;

  struct Child {
    Address returnAddress;
    Context parent;
    Context child;
  };

  Frame* top;  ///< Where the next frame goes.
  Context context;
  Frame* limit;   ///< End of `frames`.
  Frame* frames;  ///< kFrames + 1, on pages of their own. The first is a guard above every stack that never returns.
  Child remembered[kRemembered];  ///< Direct-mapped: children of the tree this thread has met.

  /// Empties it.
  void start() {
    frames[0] = {~Address{0}, 0, 1};
    top = frames + 1;
    limit = top + kFrames;
    context = 0;
  }
  std::size_t depth() const { return static_cast<std::size_t>(top - frames) - 1; }
  Child& place(Address returnAddress) {
    return remembered[(returnAddress ^ returnAddress >> 8 ^ Address{context} << 3) % kRemembered];
  }
};

/// What enterContext does when it is not as simple as a call nearly always is.
void enterUnusual(CallStack& calls, Address returnAddress, Address stackPointer);
void leaveUnusual(CallStack& calls, Address stackPointer);
/// Makes the context of a call, which is not in its place in `remembered`, the present one; puts it there.
void enterUnknown(CallStack& calls, Address returnAddress);

/// A function whose stack pointer is `stackPointer` was called from `returnAddress`.
inline __attribute__((always_inline)) void enterContext(CallStack& calls, Address returnAddress, Address stackPointer) {
  Frame* top = calls.top;
  if (top[-1].stackPointer <= stackPointer || top == calls.limit) [[unlikely]]
    return enterUnusual(calls, returnAddress, stackPointer);
  Context context = calls.context;
  *top = {stackPointer, context, 0};
  calls.top = top + 1;
  const CallStack::Child& child = calls.place(returnAddress);
  if (child.returnAddress != returnAddress || child.parent != context) [[unlikely]]
    return enterUnknown(calls, returnAddress);
  calls.context = child.child;
}

/// A function whose stack pointer is `stackPointer`, or was before it allocated there, is about to return.
inline __attribute__((always_inline)) void leaveContext(CallStack& calls, Address stackPointer) {
  Frame* top = calls.top - 1;
  if (top->stackPointer < stackPointer || top->repeats != 0) [[unlikely]]
    return leaveUnusual(calls, stackPointer);
  calls.context = top->caller;
  calls.top = top;
}

}  // namespace deadheat::rt
