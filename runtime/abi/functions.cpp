// Start of a module, and entry and exit of functions.
#include "runtime/abi/export.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/caller.h"
#include "runtime/record/hook_users.h"
#include "runtime/record/modules.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/frame_watch.h"

using namespace deadheat::rt;

namespace {

void markInstrumented(Address code) {
  if (codeIsInstrumented(code)) return;
  addInstrumentedModule(code);
  recordModules(code);
}

}  // namespace

/// Called by every object file's first constructor.
DEADHEAT_EXPORT void __tsan_init() {
  initialize();
  if (!codeIsInstrumented(DEADHEAT_PC)) {
    RuntimeScope scope;
    forEachHookUser(markInstrumented);
  }
  if (scheduleAwaited) scheduleAwait();
}

namespace {

/// Before the constructors of shared libraries. Of the executable alone, which the runtime is linked into.
void beforeConstructors(int, char**, char**) { initialize(); }
__attribute__((section(".preinit_array"), used)) void (*preinitRuntime)(int, char**, char**) = beforeConstructors;

__attribute__((noinline)) void enterWithoutFastThread(Address returnAddress, Address stackPointer) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  if (planActive) planEnter(self, returnAddress);
  enterContext(self->calls, returnAddress, stackPointer);
}

__attribute__((noinline)) void leaveWithoutFastThread(Address stackPointer, Address pc) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  if (planActive) planExit(self, scheduleControlled ? endOfFrame(self, stackPointer) : stackPointer, pc);
  leaveContext(self->calls, stackPointer);
}

}  // namespace

DEADHEAT_EXPORT void __tsan_func_entry(void* returnAddress) {
  Address stackPointer = addressIn(__builtin_frame_address(0));
  Thread* self = fastThread;
  if (self == nullptr) [[unlikely]]
    return enterWithoutFastThread(addressIn(returnAddress), stackPointer);
  enterContext(self->calls, addressIn(returnAddress), stackPointer);
}

DEADHEAT_EXPORT void __tsan_func_exit() {
  Address stackPointer = addressIn(__builtin_frame_address(0));
  Thread* self = fastThread;
  if (self == nullptr) [[unlikely]]
    return leaveWithoutFastThread(stackPointer, DEADHEAT_PC);
  leaveContext(self->calls, stackPointer);
}

// What code compiled with our pass plugin calls where its own entry and exit are not the common case. `frame` is what
// __builtin_frame_address(0) is in the function.
DEADHEAT_EXPORT void __deadheat_enter(void* returnAddress, void* frame) {
  Thread* self = fastThread;
  if (self == nullptr) return enterWithoutFastThread(addressIn(returnAddress), addressIn(frame));
  enterContext(self->calls, addressIn(returnAddress), addressIn(frame));
}
DEADHEAT_EXPORT void __deadheat_leave(void* frame) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  if (planActive) planExit(self, addressIn(frame), DEADHEAT_PC);
  leaveExact(self->calls, addressIn(frame));
}

DEADHEAT_EXPORT void __tsan_ignore_thread_begin() {
  if (Thread* self = currentThread()) ++self->ignoreDepth;
}

DEADHEAT_EXPORT void __tsan_ignore_thread_end() {
  Thread* self = currentThread();
  if (self != nullptr && self->ignoreDepth != 0) --self->ignoreDepth;
}
