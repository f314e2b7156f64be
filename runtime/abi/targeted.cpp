// What code of targeted builds refers to (plugin/targeted.cpp).
#include "runtime/detect/targeted.h"

#include "runtime/abi/export.h"
#include "runtime/detect/native_stack.h"
#include "runtime/record/recording.h"

/// In programs that were built so; the plugin defines it.
extern "C" const char __deadheat_targeted __attribute__((weak, visibility("default")));

/// Not 0: relaxed atomics are told of, as fences make them order threads.
extern "C" {
__attribute__((visibility("default"))) char __deadheat_fences;
__thread char __deadheat_at_target;
}

/// From the constructors of modules that have fences.
DEADHEAT_EXPORT void __deadheat_has_fences() { deadheat::rt::tellRelaxedAtomics(); }

namespace deadheat::rt {

constinit bool targetedBuild = false;

void tellRelaxedAtomics() { __atomic_store_n(&__deadheat_fences, 1, __ATOMIC_RELAXED); }

void findTargetedBuild() {
  if (&__deadheat_targeted == nullptr) return;
  targetedBuild = true;
  CallStack::readContext = nativeContext;
}

}  // namespace deadheat::rt
