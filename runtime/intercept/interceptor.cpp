#include "runtime/intercept/interceptor.h"

#include <dlfcn.h>

// Bounds of the section that DEADHEAT_INTERCEPT fills; the linker provides them.
extern "C" deadheat::rt::RealFunction __start_deadheat_real[] __attribute__((visibility("hidden")));
extern "C" deadheat::rt::RealFunction __stop_deadheat_real[] __attribute__((visibility("hidden")));

namespace deadheat::rt {

void* resolve(RealFunction& function) {
  void* address = function.version != nullptr ? dlvsym(RTLD_NEXT, function.name, function.version)
                                              : dlsym(RTLD_NEXT, function.name);
  __atomic_store_n(&function.address, address, __ATOMIC_RELAXED);
  return address;
}

void resolveInterceptors() {
  for (RealFunction* function = __start_deadheat_real; function != __stop_deadheat_real; ++function)
    if (function->address == nullptr) resolve(*function);
  findProgramCode();
}

}  // namespace deadheat::rt
