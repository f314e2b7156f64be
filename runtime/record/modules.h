// Which code is mapped where, as far as it was recorded.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// True if the module `pc` lies in was recorded. No lock; false at worst for one that is being recorded.
bool codeIsKnown(Address pc);
/// True if that module is recorded as instrumented.
bool codeIsInstrumented(Address pc);

}  // namespace deadheat::rt
