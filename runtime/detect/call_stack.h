// Where a thread is: the calls it is in, and the calling context they make up.
//
// A context is a node of one process-wide tree (detect/context_tree.h), so a shadow cell keeps a whole stack in 32 bits
// and no trace has to be replayed to print it. Entering a function only notes where it was called from; its context is
// looked up when something first needs it, once for a frame. Code compiled with our pass plugin has the common case of
// entry and exit in line (plugin/inline_calls.cpp), and relies on the layout of Frame and of CallStack's beginning.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct Frame {
  Address stackPointer;   ///< At entry. In the upper 16 bits how many entries more this frame stands for.
  Address returnAddress;  ///< Where it was called from; or kKnown with its context, once that was looked up.
};

/// Where a call stack is: all of it but what it remembers of the tree.
struct CallPosition {
  Frame* top;
  Frame* limit;
  Frame* frames;
  std::uint32_t beyond;
};

/// Not copied: `top` points into `frames`. start() before use.
struct CallStack {
  static constexpr std::size_t kFrameBytes = std::size_t{1} << 20;  ///< `frames` begin at a multiple of it.
  static constexpr std::uint32_t kFrames = kFrameBytes / sizeof(Frame) - 1;
  static constexpr std::uint32_t kRemembered = 256;
  static constexpr unsigned kRepeatsShift = 48;
  static constexpr Address kKnown = Address{1} << 63;

  struct Child {
    Address returnAddress;
    Context parent;
    Context child;
  };

  Frame* top;                     ///< Where the next frame goes.
  Frame* limit;                   ///< End of `frames`.
  Frame* frames;                  ///< kFrames + 1. The first is a guard above every stack that never returns.
  std::uint32_t beyond;           ///< Calls that found no room.
  Child remembered[kRemembered];  ///< Direct-mapped: children of the tree this thread has met.

  /// Not null where calls are not told of: gives the context instead, each time. Set before any stack is started.
  static Context (*readContext)(CallStack&);

  /// Empties it.
  void start() {
    frames[0] = {~Address{0}, readContext == nullptr ? kKnown : 0};
    top = frames + 1;
    limit = top + kFrames;
    beyond = 0;
  }
  /// What start() makes of other frames, as many.
  static void startAt(Frame* frames, CallPosition& position) {
    frames[0] = {~Address{0}, kKnown};
    position = {frames + 1, frames + 1 + kFrames, frames, 0};
  }
  CallPosition position() const { return {top, limit, frames, beyond}; }
  void goTo(const CallPosition& position) {
    top = position.top;
    limit = position.limit;
    frames = position.frames;
    beyond = position.beyond;
  }
  std::size_t depth() const { return static_cast<std::size_t>(top - frames) - 1; }
  /// Context of the innermost frame. By the stack's own thread. Cost: a look at it, or, the first time it is needed, a
  /// look-up for each frame since the last that was.
  Context context() {
    Address word = top[-1].returnAddress;
    return (word & kKnown) != 0 ? static_cast<Context>(word) : lookUp();
  }
  /// Where the child of `parent` that is called from there is remembered, or another.
  Child& place(Context parent, Address returnAddress) {
    return remembered[(returnAddress ^ returnAddress >> 8 ^ Address{parent} << 3) % kRemembered];
  }
  /// From now on the innermost frame has this context.
  void setContext(Context context) { top[-1].returnAddress = kKnown | context; }

 private:
  Context lookUp();
};

/// What enterContext does when it is not as simple as a call nearly always is.
void enterUnusual(CallStack& calls, Address returnAddress, Address stackPointer);
/// The same for leaving. `stackPointer` may be lower than at entry.
void leaveUnusual(CallStack& calls, Address stackPointer);
/// The same where `stackPointer` is exactly that of the entry: a frame that is not there is not taken for another.
void leaveExact(CallStack& calls, Address stackPointer);

/// A function whose stack pointer is `stackPointer` was called from `returnAddress`.
inline __attribute__((always_inline)) void enterContext(CallStack& calls, Address returnAddress, Address stackPointer) {
  Frame* top = calls.top;
  if (top[-1].stackPointer <= stackPointer || top == calls.limit) [[unlikely]]
    return enterUnusual(calls, returnAddress, stackPointer);
  *top = {stackPointer, returnAddress};
  calls.top = top + 1;
}

/// A function whose stack pointer is `stackPointer`, or was before it allocated there, is about to return.
inline __attribute__((always_inline)) void leaveContext(CallStack& calls, Address stackPointer) {
  Frame* top = calls.top - 1;
  if (top->stackPointer < stackPointer || top->stackPointer >> CallStack::kRepeatsShift != 0 || calls.beyond != 0)
      [[unlikely]]
    return leaveUnusual(calls, stackPointer);
  calls.top = top;
}

}  // namespace deadheat::rt
