// Loading and unloading libraries. Their constructors and destructors run in the thread that asks, in sight; the memory
// they bring has no history.
#include <dlfcn.h>
#include <link.h>

#include "runtime/intercept/rebinding.h"
#include "runtime/record/modules.h"
#include "runtime/record/recording.h"
#include "runtime/record/suppressions.h"

namespace deadheat::rt {
namespace {

void librariesChanged() {
  recordModules();
  findSuppressedLibraries();
  rebindCalls();
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, dlopen, (const char* path, int mode)) {
  void* library = real_dlopen(path, mode);
  if (library != nullptr && currentThread() != nullptr) librariesChanged();
  return library;
}

DEADHEAT_INTERCEPT(int, dlclose, (void* library)) {
  int result = real_dlclose(library);
  if (result == 0 && currentThread() != nullptr) librariesChanged();
  return result;
}
