// Which code an intercepted call belongs to, where nothing is instrumented: all that is not the C library's is as good.
#include "runtime/intercept/caller.h"

#include "runtime/bounds/bounds.h"
#include "runtime/detect/native_stack.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {

constinit ProgramCode programCode = {};
void findProgramCode() {}

bool inInstrumentedCode(Address pc) { return !inRuntimeCode(pc) && !inCLibrary(pc); }
void addInstrumentedModule(Address) {}
bool ignoresCaller(Address) { return false; }
Address preloadedCaller(Address returnAddress, const void* frame) {
  callerFrame = reinterpret_cast<Address>(frame) + 2 * sizeof(Address);  // Past the saved frame pointer and the return address.
  return returnAddress;
}
Address searchCaller(Address returnAddress, const void*) { return returnAddress; }

Context currentContext(const Thread* self) {
  NativeFrame frames[kMostNativeFrames];
  std::size_t count = nativeFrames(frames, kMostNativeFrames);
  return contextOf(const_cast<Thread*>(self)->calls, frames, 1, count);
}

}  // namespace deadheat::rt
