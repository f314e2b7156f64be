// Last in the archive. What follows runtimeCodeEnds() stands in stacks and is not left out of them.
#include "runtime/bounds/bounds.h"

namespace deadheat::rt {
__attribute__((noinline, used)) void runtimeCodeEnds() { __asm__ volatile("nop"); }
__attribute__((noinline, used)) void calledAtExit() { __asm__ volatile("nop\nnop"); }
__attribute__((noinline, used)) void destroyedAtExit() { __asm__ volatile("nop\nnop\nnop"); }
__attribute__((noinline, used)) void calledOnExit() { __asm__ volatile("nop\nnop\nnop\nnop"); }
}  // namespace deadheat::rt
