// Starts the runtime in a program that does not know of it.
#include "runtime/preload/light_mutex.h"

namespace {

/// Before the program's own constructors; the interceptors come up by themselves if some other library's run first.
__attribute__((constructor(101))) void start() {
  deadheat::rt::initialize();
  deadheat::rt::learnMutexes();
}

}  // namespace
