// Calls and returns of instrumented functions, and stacks read back.
//
// Returns can be missing: longjmp, and exceptions that pass through code without cleanups. The stack pointer tells: a
// frame is gone once a call or a return comes from above it. A jump to a stack elsewhere (a coroutine library that does
// not call the fiber interface) is told from that by its distance. Two calls at the same stack pointer are either a
// frame left by longjmp and made anew, or two functions that link-time optimisation put into one; both keep one frame.
#include "runtime/core.h"
#include "runtime/detect/call_stack.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {
namespace {

constexpr Address kSameStack = 1 << 20;

void pop(CallStack& calls) {
  --calls.top;
  calls.context = calls.top->caller;
}

void dropFramesBelow(CallStack& calls, Address stackPointer) {
  while (calls.top[-1].stackPointer < stackPointer && stackPointer - calls.top[-1].stackPointer <= kSameStack)
    pop(calls);
}

Context childOf(CallStack& calls, Address returnAddress) {
  const CallStack::Child& child = calls.place(returnAddress);
  if (child.returnAddress == returnAddress && child.parent == calls.context) return child.child;
  return childContext(calls.context, returnAddress);
}

/// True if the newest frame, at the same stack pointer, stands for this call too.
bool isRepeat(CallStack& calls, Address returnAddress) {
  Context context = calls.context;
  calls.context = calls.top[-1].caller;
  bool same = childOf(calls, returnAddress) == context;
  calls.context = context;
  return same;
}

}  // namespace

__attribute__((noinline)) void enterUnknown(CallStack& calls, Address returnAddress) {
  Context child = childContext(calls.context, returnAddress);
  calls.place(returnAddress) = {returnAddress, calls.context, child};
  calls.context = child;
}

__attribute__((noinline)) void enterUnusual(CallStack& calls, Address returnAddress, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (calls.top[-1].stackPointer == stackPointer) {
    if (isRepeat(calls, returnAddress)) {
      ++calls.top[-1].repeats;
      return;
    }
    pop(calls);
  }
  if (calls.top == calls.limit) {
    ++calls.top[-1].repeats;
    return;
  }
  *calls.top++ = {stackPointer, calls.context, 0};
  calls.context = childOf(calls, returnAddress);
}

__attribute__((noinline)) void leaveUnusual(CallStack& calls, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (calls.depth() == 0) return;
  if (calls.top[-1].repeats != 0)
    --calls.top[-1].repeats;
  else
    pop(calls);
}

void functionEnter(Thread* self, Address returnAddress) {
  enterContext(self->calls, returnAddress, reinterpret_cast<Address>(__builtin_frame_address(0)));
}

void functionExit(Thread* self) { leaveContext(self->calls, reinterpret_cast<Address>(__builtin_frame_address(0))); }

Context currentContext(const Thread* self) { return self->calls.context; }

std::size_t unwind(Context context, Address pc, Address* out, std::size_t capacity) {
  std::size_t count = 0;
  if (pc != 0 && capacity != 0) out[count++] = pc;
  while (context != 0 && count < capacity) context = parentContext(context, out[count++]);
  return count;
}

}  // namespace deadheat::rt
