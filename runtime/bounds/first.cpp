// First in the archive, so that the runtime's code lies between this and bounds/last.cpp (runtime/CMakeLists.txt).
#include "runtime/bounds/bounds.h"

namespace deadheat::rt {
__attribute__((noinline, used)) void runtimeCodeBegins() { __asm__ volatile("nop"); }
}  // namespace deadheat::rt
