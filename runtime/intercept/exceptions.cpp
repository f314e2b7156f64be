// C++ exceptions shared between threads. The counts that decide who destroys an exception are inside libstdc++, which is
// not instrumented: without a word from here the destruction would look like a race with every reader of what().
//
// Each owner releases the exception before it lets go of it, so the last one, who destroys it, comes after all others.
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

/// The part of libstdc++'s __cxa_exception (the Itanium C++ ABI) that lies before the thrown object's unwind header.
struct CaughtException {
  void* type;
  void* destructor;
  void* unexpectedHandler;
  void* terminateHandler;
  CaughtException* next;
  int handlerCount;
  int handlerSwitchValue;
  const unsigned char* actionRecord;
  const unsigned char* languageSpecificData;
  std::uintptr_t catchTemp;
  void* object;  ///< As the handler sees it.
};

struct ExceptionGlobals {
  CaughtException* caught;
  unsigned uncaught;
};

}  // namespace
}  // namespace deadheat::rt

extern "C" deadheat::rt::ExceptionGlobals* __cxa_get_globals_fast() __attribute__((weak));

DEADHEAT_INTERCEPT(void, __cxa_end_catch, ()) {
  Thread* self = currentThread();
  if (self != nullptr && __cxa_get_globals_fast != nullptr) {
    ExceptionGlobals* globals = __cxa_get_globals_fast();
    if (globals != nullptr && globals->caught != nullptr) acquireRelease(self, addressOf(globals->caught->object));
  }
  real___cxa_end_catch();
}

// std::__exception_ptr::exception_ptr::_M_release(): lets go of the exception it points to.
DEADHEAT_INTERCEPT(void, _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv, (void** pointer)) {
  if (Thread* self = currentThread(); self != nullptr && *pointer != nullptr) acquireRelease(self, addressOf(*pointer));
  real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(pointer);
}
