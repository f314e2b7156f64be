// Which modules call the compiler's hooks. Not by who calls __tsan_init: optimised constructors jump to it, and then the
// return address is the dynamic linker's.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// Calls `each` with a code address of every loaded module that calls the hooks: the one the runtime is linked into and
/// those that import them. Does nothing while no module was loaded since the last call.
void forEachHookUser(void (*each)(Address code));

}  // namespace deadheat::rt
