// Targeted builds: only accesses at the places of findings are told of (docs/targeted-builds.md).
//
// The plugin marks the program. Calls are not told there, so stacks are read from the machine's own; what the program's
// memory is used for outside of targets is nobody's business, which makes the functions of the C library as cheap.
#pragma once

#include "runtime/core.h"

extern "C" __thread char __deadheat_at_target
    __attribute__((visibility("default"), tls_model("initial-exec")));  ///< The thread calls a library from a target.

namespace deadheat::rt {

/// Of the executable, known before anything else of the runtime is up.
extern bool targetedBuild;
void findTargetedBuild();
/// Where they order threads (a module has fences), or all operations are points of a schedule.
void tellRelaxedAtomics();

/// Nothing was told of the pages of a block, nor will a schedule want to know of it: in a targeted build most blocks
/// are met by no target, and their beginning and end say nothing.
bool blockUntold(Address begin, std::size_t size);

/// What library functions access is not to be told of.
inline bool accessesUntold() { return targetedBuild && __deadheat_at_target == 0; }

}  // namespace deadheat::rt
