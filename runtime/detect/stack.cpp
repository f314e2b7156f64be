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
constexpr Address kOneRepeat = Address{1} << CallStack::kRepeatsShift;

Address stackPointerOf(const Frame& frame) { return frame.stackPointer & (kOneRepeat - 1); }
bool repeats(const Frame& frame) { return frame.stackPointer >= kOneRepeat; }
bool isGuard(const CallStack& calls) { return calls.top == calls.frames + 1; }

void dropFramesBelow(CallStack& calls, Address stackPointer) {
  for (; !isGuard(calls); --calls.top) {
    Address top = stackPointerOf(calls.top[-1]);
    if (top >= stackPointer || stackPointer - top > kSameStack) return;
    calls.beyond = 0;
  }
}

Context childOf(CallStack& calls, Context parent, Address returnAddress) {
  CallStack::Child& child = calls.place(parent, returnAddress);
  if (child.returnAddress != returnAddress || child.parent != parent)
    child = {returnAddress, parent, childContext(parent, returnAddress)};
  return child.child;
}

/// True if the newest frame, at the same stack pointer, stands for this call too.
bool isRepeat(CallStack& calls, Address returnAddress) {
  Context context = calls.context();  // Then that of the caller is known.
  return childOf(calls, static_cast<Context>(calls.top[-2].returnAddress), returnAddress) == context;
}

void popOrCountDown(CallStack& calls) {
  if (repeats(calls.top[-1]))
    calls.top[-1].stackPointer -= kOneRepeat;
  else
    --calls.top;
}

}  // namespace

constinit Context (*CallStack::readContext)(CallStack&) = nullptr;

__attribute__((noinline)) Context CallStack::lookUp() {
  if (readContext != nullptr) return readContext(*this);
  Frame* frame = top - 1;
  while ((frame->returnAddress & kKnown) == 0) --frame;
  auto context = static_cast<Context>(frame->returnAddress);
  for (++frame; frame != top; ++frame) {
    context = childOf(*this, context, frame->returnAddress);
    frame->returnAddress = kKnown | context;
  }
  return context;
}

__attribute__((noinline)) void enterUnusual(CallStack& calls, Address returnAddress, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (!isGuard(calls) && stackPointerOf(calls.top[-1]) == stackPointer) {
    if (isRepeat(calls, returnAddress)) {
      calls.top[-1].stackPointer += kOneRepeat;
      return;
    }
    --calls.top;
  }
  if (calls.top == calls.limit) {
    ++calls.beyond;
    return;
  }
  *calls.top++ = {stackPointer, returnAddress};
}

__attribute__((noinline)) void leaveUnusual(CallStack& calls, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (isGuard(calls)) return;
  if (calls.beyond != 0)
    --calls.beyond;
  else
    popOrCountDown(calls);
}

__attribute__((noinline)) void leaveExact(CallStack& calls, Address stackPointer) {
  dropFramesBelow(calls, stackPointer);
  if (calls.beyond != 0)
    --calls.beyond;
  else if (!isGuard(calls) && stackPointerOf(calls.top[-1]) == stackPointer)
    popOrCountDown(calls);
}

void functionEnter(Thread* self, Address returnAddress) {
  enterContext(self->calls, returnAddress, reinterpret_cast<Address>(__builtin_frame_address(0)));
}

void functionExit(Thread* self) { leaveContext(self->calls, reinterpret_cast<Address>(__builtin_frame_address(0))); }

Context currentContext(const Thread* self) { return const_cast<Thread*>(self)->calls.context(); }

}  // namespace deadheat::rt
