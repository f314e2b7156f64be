// Atomic operations: the compilers leave them to the runtime, which performs them and keeps clock and value together.
//
// clang's compare-exchange returns the old value, gcc's says whether it was exchanged; both are here, for 8 to 128
// bits. In a targeted build atomics outside its targets order threads like any, and are no accesses. The access is
// entered into the shadow before the operation is visible, so that what another thread does after having seen it is
// never checked first. Of a compare-exchange one knows only afterwards whether it wrote.
#include "runtime/abi/atomic_native.h"
#include "runtime/abi/export.h"
#include "runtime/detect/atomic_order.h"
#include "runtime/detect/shadow.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kAtomicRead = protocol::kAccessAtomic;
constexpr std::uint32_t kAtomicWrite = protocol::kAccessAtomic | protocol::kAccessWrite;

enum class Told : std::uint8_t { Access, OrderOnly };

template <Told kTold, class T>
void enter(Thread* self, const volatile T* object, std::uint32_t flags, Address pc) {
  if constexpr (kTold == Told::OrderOnly) {
    if (planActive) planAccess(self, pc, addressIn(object), sizeof(T), flags);
  } else if (self != fastThread)
    memoryAccess(self, pc, addressIn(object), sizeof(T), flags);
  else if constexpr (sizeof(T) <= kGranuleBytes)
    checkInGranule(self, addressIn(object), bytesMask(addressIn(object), sizeof(T)), keyBitsOf(flags), pc);
  else
    checkAccess(self, pc, addressIn(object), sizeof(T), flags);
}

/// currentThread(), in line where it is simple.
inline Thread* thisThread() {
  Thread* self = fastThread;
  return self != nullptr ? self : currentThread();
}

template <Told kTold, class T>
T load(const volatile T* object, int order, Address pc) {
  Thread* self = thisThread();
  if (self == nullptr) return nativeLoad(object);
  enter<kTold>(self, object, kAtomicRead, pc);
  return orderedLoad(self, addressIn(object), plainOrder(order), [object] { return nativeLoad(object); });
}

template <Told kTold, class T>
void store(volatile T* object, T value, int order, Address pc) {
  Thread* self = thisThread();
  if (self == nullptr) return nativeStore(object, value, kSequential);
  enter<kTold>(self, object, kAtomicWrite, pc);
  if (ordersNothing(self, addressIn(object), plainOrder(order))) return nativeStore(object, value, kRelaxed);
  AtomicChange change = beginStore(self, addressIn(object), plainOrder(order));
  nativeStore(object, value, plainOrder(order));
  endChange(change);
}

template <Told kTold, class T, class Operation>
T update(volatile T* object, int order, Address pc, Operation operation) {
  Thread* self = thisThread();
  if (self == nullptr) return operation();
  enter<kTold>(self, object, kAtomicWrite, pc);
  if (ordersNothing(self, addressIn(object), plainOrder(order))) return operation();
  AtomicChange change = beginUpdate(self, addressIn(object), plainOrder(order));
  T old = operation();
  endChange(change);
  return old;
}

template <Told kTold, class T>
bool compareExchange(volatile T* object, T& expected, T desired, int order, int failureOrder, Address pc) {
  Thread* self = thisThread();
  if (self == nullptr) return nativeCompareExchange(object, expected, desired);
  if (planActive) planAccess(self, pc, addressIn(object), sizeof(T), kAtomicWrite);
  AtomicChange change = beginCompare(self, addressIn(object));
  bool exchanged = nativeCompareExchange(object, expected, desired);
  if constexpr (kTold == Told::Access)
    checkAccess(self, pc, addressIn(object), sizeof(T), exchanged ? kAtomicWrite : kAtomicRead);
  settleCompare(change, exchanged, plainOrder(exchanged ? order : failureOrder));
  endChange(change);
  return exchanged;
}

}  // namespace
}  // namespace deadheat::rt

using namespace deadheat::rt;

#define DEADHEAT_ATOMIC_FETCH(prefix, told, bits, name)                                                       \
  DEADHEAT_EXPORT Atomic##bits prefix##bits##_fetch_##name(volatile Atomic##bits* object, Atomic##bits value, \
                                                           int order) {                                       \
    return update<told>(object, order, DEADHEAT_PC, [=] { return native_fetch_##name(object, value); });      \
  }

#define DEADHEAT_ATOMIC_COMPARE(bits, strength)                                                                   \
  DEADHEAT_EXPORT int __tsan_atomic##bits##_compare_exchange_##strength(                                          \
      volatile Atomic##bits* object, Atomic##bits* expected, Atomic##bits desired, int order, int failureOrder) { \
    return compareExchange<Told::Access>(object, *expected, desired, order, failureOrder, DEADHEAT_PC) ? 1 : 0;   \
  }

#define DEADHEAT_ATOMIC(prefix, told, bits)                                                                            \
  DEADHEAT_EXPORT Atomic##bits prefix##bits##_load(const volatile Atomic##bits* object, int order) {                   \
    return load<told>(object, order, DEADHEAT_PC);                                                                     \
  }                                                                                                                    \
  DEADHEAT_EXPORT void prefix##bits##_store(volatile Atomic##bits* object, Atomic##bits value, int order) {            \
    store<told>(object, value, order, DEADHEAT_PC);                                                                    \
  }                                                                                                                    \
  DEADHEAT_EXPORT Atomic##bits prefix##bits##_exchange(volatile Atomic##bits* object, Atomic##bits value, int order) { \
    return update<told>(object, order, DEADHEAT_PC, [=] { return nativeExchange(object, value); });                    \
  }                                                                                                                    \
  DEADHEAT_EXPORT Atomic##bits prefix##bits##_compare_exchange_val(                                                    \
      volatile Atomic##bits* object, Atomic##bits expected, Atomic##bits desired, int order, int failureOrder) {       \
    compareExchange<told>(object, expected, desired, order, failureOrder, DEADHEAT_PC);                                \
    return expected;                                                                                                   \
  }                                                                                                                    \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, add)                                                                       \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, sub)                                                                       \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, and)                                                                       \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, or)                                                                        \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, xor)                                                                       \
  DEADHEAT_ATOMIC_FETCH(prefix, told, bits, nand)

#define DEADHEAT_ATOMICS(bits)                                    \
  DEADHEAT_ATOMIC(__tsan_atomic, Told::Access, bits)              \
  DEADHEAT_ATOMIC(__deadheat_order_atomic, Told::OrderOnly, bits) \
  DEADHEAT_ATOMIC_COMPARE(bits, strong)                           \
  DEADHEAT_ATOMIC_COMPARE(bits, weak)

DEADHEAT_ATOMICS(8)
DEADHEAT_ATOMICS(16)
DEADHEAT_ATOMICS(32)
DEADHEAT_ATOMICS(64)
DEADHEAT_ATOMICS(128)

DEADHEAT_EXPORT void __tsan_atomic_thread_fence(int order) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (Thread* self = currentThread()) fence(self, plainOrder(order));
}

/// Orders a thread and its own signal handlers only: the call itself already does.
DEADHEAT_EXPORT void __tsan_atomic_signal_fence(int order) {}
