// The names that compilers and programs call. All else in the runtime is hidden.
#pragma once

#include "runtime/core.h"

#define DEADHEAT_EXPORT extern "C" __attribute__((visibility("default")))
/// The program may define it too; then its own is used.
#define DEADHEAT_EXPORT_WEAK extern "C" __attribute__((visibility("default"), weak))
#define DEADHEAT_PC reinterpret_cast<::deadheat::rt::Address>(__builtin_return_address(0))

namespace deadheat::rt {

inline Address addressIn(const volatile void* pointer) { return reinterpret_cast<Address>(pointer); }

}  // namespace deadheat::rt
