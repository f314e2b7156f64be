// The runtime is a module of its own here, so its code is all of that.
#include "runtime/bounds/bounds.h"

// Provided by the linker.
extern "C" char __executable_start[] __attribute__((visibility("hidden")));
extern "C" char etext[] __attribute__((visibility("hidden")));

namespace deadheat::rt {

bool inOwnModule(Address pc) {
  return pc >= reinterpret_cast<Address>(__executable_start) && pc < reinterpret_cast<Address>(etext);
}

}  // namespace deadheat::rt
