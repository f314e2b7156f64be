// C++ exceptions shared between threads. The counts that decide who destroys an exception are inside libstdc++, which is
// not instrumented: without a word from here the destruction would look like a race with every reader of what().
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/owners.h"

namespace deadheat::rt {
namespace {

/// What the unwinder knows of an exception (the Itanium C++ ABI). The thrown object follows.
struct alignas(16) UnwindHeader {
  std::uint64_t exceptionClass;
  void* cleanup;
  std::uint64_t unwinder[2];
};

/// libstdc++'s __cxa_exception, or its __cxa_dependent_exception, which stands for one that was thrown again.
struct CaughtException {
  void* typeOrPrimary;  ///< The thrown object, if this one stands for another.
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
  UnwindHeader unwindHeader;
};

/// What precedes a thrown object.
struct alignas(16) CountedException {
  int references;
  CaughtException exception;
};

struct ExceptionGlobals {
  CaughtException* caught;
  unsigned uncaught;
};

constexpr std::uint64_t kPrimary = 0x474e5543432b2b00;    // "GNUCC++"
constexpr std::uint64_t kDependent = 0x474e5543432b2b01;

/// Null for another language's.
void* thrownObject(CaughtException* caught) {
  if (caught->unwindHeader.exceptionClass == kPrimary) return caught + 1;
  return caught->unwindHeader.exceptionClass == kDependent ? caught->typeOrPrimary : nullptr;
}

int* referencesTo(void* thrown) { return &(static_cast<CountedException*>(thrown) - 1)->references; }

}  // namespace
}  // namespace deadheat::rt

extern "C" deadheat::rt::ExceptionGlobals* __cxa_get_globals_fast() __attribute__((weak));

// std::__exception_ptr::exception_ptr::_M_release(): lets go of the exception it points to.
DEADHEAT_INTERCEPT(void, _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv, (void** pointer)) {
  Thread* self = *pointer == nullptr ? nullptr : currentThread();
  if (self == nullptr || !gaveBack(self, addressOf(*pointer), referencesTo(*pointer)))
    real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(pointer);
}

DEADHEAT_INTERCEPT(void, __cxa_end_catch, ()) {
  Thread* self = currentThread();
  ExceptionGlobals* globals = self == nullptr || __cxa_get_globals_fast == nullptr ? nullptr : __cxa_get_globals_fast();
  void* thrown = globals == nullptr || globals->caught == nullptr ? nullptr : thrownObject(globals->caught);
  if (thrown == nullptr) return real___cxa_end_catch();
  // With a reference of ours the library's is not the last.
  __atomic_add_fetch(referencesTo(thrown), 1, __ATOMIC_RELAXED);
  real___cxa_end_catch();
  if (!gaveBack(self, addressOf(thrown), referencesTo(thrown)))
    real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(&thrown);
}
