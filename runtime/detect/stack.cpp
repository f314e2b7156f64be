// Calls and returns of instrumented functions, and stacks read back.
//
// Returns can be missing: longjmp, and exceptions that pass through code without cleanups. The stack pointer tells: a
// frame is gone once a call or a return comes from above it. A jump to a stack elsewhere (a coroutine library that does
// not call the fiber interface) is told from that by its distance. Two calls at the same stack pointer are either a frame
// left by longjmp and made anew, or two functions that link-time optimisation put into one; both keep one frame.
#include "runtime/core.h"
#include "runtime/detect/call_stack.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {
namespace {

constexpr Address kSameStack = 1 << 20;

CallStack::Child& remembered(CallStack& calls, Address returnAddress) {
  std::size_t hash = (returnAddress ^ (returnAddress >> 9)) + std::size_t{calls.context} * 31;
  return calls.remembered[hash % CallStack::kRemembered];
}

inline void dropFramesBelow(CallStack& calls, Address stackPointer) {
  while (calls.depth != 0 && calls.depth <= CallStack::kFrames) {
    const Frame& top = calls.frames[calls.depth - 1];
    if (top.stackPointer >= stackPointer || stackPointer - top.stackPointer > kSameStack) return;
    calls.context = top.caller;
    --calls.depth;
  }
}

inline Context childOf(CallStack& calls, Address returnAddress) {
  CallStack::Child& child = remembered(calls, returnAddress);
  if (child.returnAddress != returnAddress || child.parent != calls.context)
    child = {returnAddress, calls.context, childContext(calls.context, returnAddress)};
  return child.child;
}

/// An entry not below the newest frame. True if the newest frame stands for it.
__attribute__((noinline)) bool enterAgain(CallStack& calls, Address returnAddress, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (calls.depth == 0) return false;
  Frame& top = calls.frames[calls.depth - 1];
  if (top.stackPointer != stackPointer) return false;
  Context context = calls.context;
  calls.context = top.caller;
  if (childOf(calls, returnAddress) == context) {
    ++top.repeats;
    calls.context = context;
    return true;
  }
  --calls.depth;
  return false;
}

}  // namespace

void enterContext(CallStack& calls, Address returnAddress, Address stackPointer) {
  std::uint32_t depth = calls.depth;
  if (depth != 0 && depth <= CallStack::kFrames && calls.frames[depth - 1].stackPointer <= stackPointer) {
    if (enterAgain(calls, returnAddress, stackPointer)) return;
    depth = calls.depth;
  }
  calls.depth = depth + 1;
  if (depth >= CallStack::kFrames) return;
  calls.frames[depth] = {stackPointer, calls.context, 0};
  calls.context = childOf(calls, returnAddress);
}

void leaveContext(CallStack& calls, Address stackPointer) {
  std::uint32_t depth = calls.depth;
  if (depth - 1 >= CallStack::kFrames) {  // Empty, or deeper than frames are kept.
    if (depth != 0) --calls.depth;
    return;
  }
  if (calls.frames[depth - 1].stackPointer < stackPointer) dropFramesBelow(calls, stackPointer);
  if (calls.depth == 0) return;
  Frame& top = calls.frames[calls.depth - 1];
  if (top.repeats != 0) {
    --top.repeats;
    return;
  }
  calls.context = top.caller;
  --calls.depth;
}

void functionEnter(Thread* self, Address returnAddress) {
  enterContext(self->calls, returnAddress, reinterpret_cast<Address>(__builtin_frame_address(0)));
}

void functionExit(Thread* self) {
  leaveContext(self->calls, reinterpret_cast<Address>(__builtin_frame_address(0)));
}

Context currentContext(const Thread* self) { return self->calls.context; }

std::size_t unwind(Context context, Address pc, Address* out, std::size_t capacity) {
  std::size_t count = 0;
  if (pc != 0 && capacity != 0) out[count++] = pc;
  while (context != 0 && count < capacity) context = parentContext(context, out[count++]);
  return count;
}

}  // namespace deadheat::rt
