// How a libc function is intercepted: one macro defines our function under the libc name and registers the real one.
//
//   DEADHEAT_INTERCEPT(int, pthread_mutex_unlock, (pthread_mutex_t * mutex)) {
//     Thread* self = currentThread();
//     if (self != nullptr) beforeUnlock(self, DEADHEAT_CALLER_PC, addressOf(mutex));
//     return real_pthread_mutex_unlock(mutex);
//   }
//
// Our definition lies in the executable, so every shared library binds to it too. It is weak: a program that defines the
// function itself (an allocator of its own, a statically linked C++ library) keeps its own. The
// real function is found on first use (an interceptor may run before any constructor), or at start, when
// resolveInterceptors() looks all of them up. An interceptor says what happens in the verbs of runtime/core.h and knows nothing of detectors. It leaves errno alone,
// and when there is no current thread (too early, too late, or inside the runtime) it only calls the real function.
#pragma once

#include "runtime/core.h"
#include "runtime/intercept/caller.h"

namespace deadheat::rt {

/// A libc function behind one of our interceptors. Constant-initialised; lives in the table of all of them.
struct RealFunction {
  const char* name;
  const char* version;  ///< Null: the default version.
  void* address;
};

/// Looks `function` up in the libraries after the executable. Null when there is none.
void* resolve(RealFunction& function);

/// Looks every registered function up, and the bounds of the program's code, so that no later call has to.
void resolveInterceptors();

/// Typed access to a RealFunction: calls like the function itself.
template <class Function>
struct Real;

template <class Result, class... Arguments>
struct Real<Result(Arguments...)> {
  RealFunction& function;

  bool exists() const { return get() != nullptr; }
  /// It was looked up, and exists.
  bool known() const { return __atomic_load_n(&function.address, __ATOMIC_RELAXED) != nullptr; }
  Result operator()(Arguments... arguments) const {
    return reinterpret_cast<Result (*)(Arguments...)>(get())(arguments...);
  }

 private:
  void* get() const {
    void* address = __atomic_load_n(&function.address, __ATOMIC_RELAXED);
    return address != nullptr ? address : resolve(function);
  }
};

/// A function with further arguments, as many and of what types the call has.
template <class Result, class... Arguments>
struct Real<Result(Arguments..., ...)> {
  RealFunction& function;

  bool exists() const { return get() != nullptr; }
  template <class... More>
  Result operator()(Arguments... arguments, More... more) const {
    return reinterpret_cast<Result (*)(Arguments..., ...)>(get())(arguments..., more...);
  }

 private:
  void* get() const {
    void* address = __atomic_load_n(&function.address, __ATOMIC_RELAXED);
    return address != nullptr ? address : resolve(function);
  }
};

inline Address addressOf(const volatile void* pointer) { return reinterpret_cast<Address>(pointer); }

}  // namespace deadheat::rt

/// Defines and registers the interceptor of `name`, also as `__interceptor_name`, which a program's own function of that
/// name may call; `version` is a string or nullptr. The body follows. The assembler
/// name keeps clear of the declarations in libc's headers, which differ in exception specification and attributes.
#define DEADHEAT_INTERCEPT_VERSION(result, name, version, parameters)                                               \
  namespace deadheat::rt {                                                                                           \
  __attribute__((section("deadheat_real"), used)) constinit RealFunction realEntry_##name{#name, version, nullptr};  \
  [[maybe_unused]] static const Real<result parameters> real_##name{realEntry_##name};                              \
  extern "C" __attribute__((visibility("default"), weak)) result intercept_##name parameters __asm__(#name);              \
  __asm__(".globl __interceptor_" #name "\n.set __interceptor_" #name ", " #name);                                   \
  }                                                                                                                  \
  extern "C" result deadheat::rt::intercept_##name parameters

#define DEADHEAT_INTERCEPT(result, name, parameters) DEADHEAT_INTERCEPT_VERSION(result, name, nullptr, parameters)

/// The code address that called the interceptor, as close to instrumented code as can be told.
#define DEADHEAT_CALLER_PC \
  ::deadheat::rt::callerPc(::deadheat::rt::addressOf(__builtin_return_address(0)), __builtin_frame_address(0))
