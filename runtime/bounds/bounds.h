// Which code is the runtime's own. It lies in the program's executable, and is no part of the program.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

void runtimeCodeBegins();
void runtimeCodeEnds();

/// All code of the module the runtime is in, as the linker bounds it.
bool inOwnModule(Address pc);

/// Linkers keep the order of archive members; small functions that several share may be elsewhere.
inline bool inRuntimeCode(Address pc) {
  if constexpr (kPreloaded) return inOwnModule(pc);
  return pc >= reinterpret_cast<Address>(runtimeCodeBegins) && pc < reinterpret_cast<Address>(runtimeCodeEnds);
}

// Frames that say in a stack how its inner part came to be called: `~Log`, `destroyedAtExit`, `makeLog`, `main`.
void calledAtExit();
void destroyedAtExit();
void calledOnExit();

}  // namespace deadheat::rt
