// The environment, also before libc has found it: the runtime comes up before libc's own constructors.
#pragma once

#include <unistd.h>

extern "C" void* __libc_stack_end;

namespace deadheat::rt {

inline char* const* environment() {
  if (environ != nullptr) return environ;
  auto* start = static_cast<long*>(__libc_stack_end);  // As the kernel left it: argc, argv, null, environment.
  return start == nullptr ? nullptr : reinterpret_cast<char* const*>(start + 1 + *start + 1);
}

}  // namespace deadheat::rt
