// The calling thread's stack, read from the machine's own: in a program that was not instrumented, and in a targeted
// build, nobody tells of calls.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/call_stack.h"

namespace deadheat::rt {

struct NativeFrame {
  Address returnAddress;
  Address stackPointer;  ///< Once the call has returned there.
};
inline constexpr std::size_t kMostNativeFrames = 64;

/// Frames outside the runtime, innermost first. Ends where the unwind tables do. Cost: some nanoseconds a frame once
/// the code was met before.
std::size_t nativeFrames(NativeFrame* out, std::size_t capacity);

/// The context made of the callers in frames [from, count), innermost first.
Context contextOf(CallStack& calls, const NativeFrame* frames, std::size_t from, std::size_t count);

/// currentContext() of such a program: the callers of the innermost frame that is instrumented. Cost: as nativeFrames.
Context nativeContext(CallStack& calls);

/// Where the innermost frame that is instrumented goes on; `otherwise` if there is none. What searchCaller only guesses.
/// Cost: as nativeFrames.
Address nativeCaller(Address otherwise);

/// Where the innermost interceptor of this thread was called: its stack pointer after return. Set by callerPc.
extern __thread Address callerFrame __attribute__((tls_model("initial-exec")));

}  // namespace deadheat::rt
