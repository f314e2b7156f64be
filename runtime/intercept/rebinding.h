// How a function of a library is intercepted whose name must not be ours: a program may have the library linked
// statically, and then a definition of ours would keep the library's out. So nothing is defined; instead the words by
// which the modules of the process call the shared library's function are changed when the runtime starts and whenever
// a library is loaded. Without that shared library nothing happens, at the cost of one look-up of a name.
//
//   DEADHEAT_REBIND(void, lockMutex, "_ZN5boost6fibers5mutex4lockEv", (void* mutex)) {
//     ...
//     real_lockMutex(mutex);
//   }
#pragma once

#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {

struct Rebinding {
  const char* name;  ///< Of the function, or with a '*' at its end how it begins.
  void* ours;
  void* real;
};

/// Looks for calls that are not ours yet. Cost without any of the libraries: one look-up.
void rebindCalls();

}  // namespace deadheat::rt

#define DEADHEAT_REBIND(result, id, name, parameters)                                                         \
  namespace deadheat::rt {                                                                                    \
  static result rebound_##id parameters;                                                                      \
  __attribute__((section("deadheat_rebound"), used))                                                          \
  Rebinding rebinding_##id{name, reinterpret_cast<void*>(rebound_##id), nullptr};                             \
  template <class... Arguments>                                                                               \
  static result real_##id(Arguments... arguments) {                                                           \
    using Function = result(*) parameters;                                                                    \
    return reinterpret_cast<Function>(__atomic_load_n(&rebinding_##id.real, __ATOMIC_RELAXED))(arguments...); \
  }                                                                                                           \
  }                                                                                                           \
  static result deadheat::rt::rebound_##id parameters
