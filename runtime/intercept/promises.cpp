// Promises that are destroyed without a result. The library then makes an exception for whoever asks, std::future_error
// with broken_promise, and throws it when somebody does. Only the two together are told: perhaps nobody misses the
// result. What else std::future_error stands for is told at the sites of a plan: programs may mean to be told so.
#include "runtime/detect/misuse.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/platform/text.h"
#include "runtime/schedule/sites.h"

namespace deadheat::rt {
namespace {

/// std::type_info: its functions, and the mangled name of the type.
struct TypeInfo {
  void* functions;
  const char* name;
};

/// std::future_error, in libstdc++ and libc++: a std::logic_error and a std::error_code.
struct FutureError {
  void* functions;
  void* text;
  int code;

  static constexpr int kFutureAlreadyRetrieved = 1, kPromiseAlreadySatisfied = 2, kNoState = 3, kBrokenPromise = 4;
};

/// Where exceptions were made that nobody has thrown yet, by their address. Never waits: of two at one place in the
/// table, or at one moment, one is forgotten.
class BrokenPromises {
 public:
  void add(const void* exception, const PromiseEnd& end) {
    Entry& entry = entryOf(exception);
    if (!entry.lock.tryLock()) return;
    entry.exception = exception;
    entry.end = end;
    entry.lock.unlock();
  }
  /// The memory is another exception's.
  void forget(const void* exception) {
    Entry& entry = entryOf(exception);
    if (__atomic_load_n(&entry.exception, __ATOMIC_RELAXED) != exception || !entry.lock.tryLock()) return;
    if (entry.exception == exception) entry.exception = nullptr;
    entry.lock.unlock();
  }
  bool find(const void* exception, PromiseEnd& end) {
    Entry& entry = entryOf(exception);
    if (!entry.lock.tryLock()) return false;
    const bool found = entry.exception == exception;
    if (found) end = entry.end;
    entry.lock.unlock();
    return found;
  }

 private:
  struct Entry {
    SpinLock lock;
    const void* exception = nullptr;
    PromiseEnd end{};
  };
  static constexpr std::size_t kEntries = 512;
  static constexpr unsigned kAlignment = 4;  ///< Low bits that all addresses of exceptions share.

  Entry& entryOf(const void* exception) { return entries_[(addressOf(exception) >> kAlignment) % kEntries]; }

  Entry entries_[kEntries];
};

constinit BrokenPromises brokenPromises;

bool isFutureError(const TypeInfo* type) {
  const char* name = type == nullptr ? nullptr : type->name;
  return name != nullptr && (sameText(name, "St12future_error") || sameText(name, "NSt3__112future_errorE"));
}

/// `exception` is about to be thrown, not for the first time, to the caller of `pc`.
void aboutToThrow(const void* exception, Address pc) {
  Thread* self = exception == nullptr ? nullptr : currentThread();
  PromiseEnd end{};
  if (self == nullptr || !brokenPromises.find(exception, end)) return;
  const auto* error = static_cast<const FutureError*>(exception);
  if (error->code == FutureError::kBrokenPromise) reportBrokenPromise(self, pc, end);
}

/// `exception` was made, and is thrown for the first time.
void throwsFutureError(const void* exception, Address pc) {
  Thread* self = currentThread();
  if (self == nullptr || resultSite(self, pc) == kNoSite) return;
  switch (static_cast<const FutureError*>(exception)->code) {
    case FutureError::kFutureAlreadyRetrieved:
      return reportResultMisused(self, pc, protocol::MisuseKind::FutureTakenTwice);
    case FutureError::kPromiseAlreadySatisfied:
      return reportResultMisused(self, pc, protocol::MisuseKind::PromiseKeptTwice);
    case FutureError::kNoState:
      return reportResultMisused(self, pc, protocol::MisuseKind::ResultGone);
    default:
      return;
  }
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void, __cxa_throw, (void* exception, const TypeInfo* type, void (*destroy)(void*))) {
  if (planActive && isFutureError(type)) throwsFutureError(exception, DEADHEAT_CALLER_PC);
  real___cxa_throw(exception, type, destroy);
}

DEADHEAT_INTERCEPT(void*, __cxa_init_primary_exception,
                   (void* exception, const TypeInfo* type, void (*destroy)(void*))) {
  brokenPromises.forget(exception);
  if (Thread* self = isFutureError(type) ? currentThread() : nullptr)
    brokenPromises.add(exception, {self->id, currentContext(self), DEADHEAT_CALLER_PC});
  return real___cxa_init_primary_exception(exception, type, destroy);
}

// std::rethrow_exception(std::exception_ptr) of libstdc++, then of libc++. The argument is passed by address.
DEADHEAT_INTERCEPT(void, _ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE, (void** exception)) {
  aboutToThrow(*exception, DEADHEAT_CALLER_PC);
  real__ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE(exception);
}

DEADHEAT_INTERCEPT(void, _ZSt17rethrow_exceptionSt13exception_ptr, (void** exception)) {
  aboutToThrow(*exception, DEADHEAT_CALLER_PC);
  real__ZSt17rethrow_exceptionSt13exception_ptr(exception);
}
