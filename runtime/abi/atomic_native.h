// The atomic operations themselves, 8 to 128 bits, for the runtime to perform on behalf of the program.
//
// Always at least as strong as asked for: on x86-64 only a sequentially consistent store differs from weaker ones.
#pragma once

#include <cstdint>

namespace deadheat::rt {

using Atomic8 = std::uint8_t;
using Atomic16 = std::uint16_t;
using Atomic32 = std::uint32_t;
using Atomic64 = std::uint64_t;
using Atomic128 = unsigned __int128;

/// Values of `int` orders in the interface.
enum Order : int { kRelaxed = 0, kConsume = 1, kAcquire = 2, kRelease = 3, kAcquireRelease = 4, kSequential = 5 };

template <class T>
bool nativeCompareExchange(volatile T* object, T& expected, T desired) {
  return __atomic_compare_exchange_n(object, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/// The library function for 16 bytes may not be linked, and the instruction is everywhere.
inline bool nativeCompareExchange(volatile Atomic128* object, Atomic128& expected, Atomic128 desired) {
  auto low = static_cast<std::uint64_t>(expected);
  auto high = static_cast<std::uint64_t>(expected >> 64);
  bool done;
  __asm__ volatile("lock cmpxchg16b %0"
                   : "+m"(*object), "=@ccz"(done), "+a"(low), "+d"(high)
                   : "b"(static_cast<std::uint64_t>(desired)), "c"(static_cast<std::uint64_t>(desired >> 64))
                   : "memory");
  if (!done) expected = static_cast<Atomic128>(high) << 64 | low;
  return done;
}

template <class T, class Compute>
T nativeLoop(volatile T* object, T old, Compute compute) {
  while (!nativeCompareExchange(object, old, static_cast<T>(compute(old)))) {
  }
  return old;
}

template <class T>
T nativeLoad(const volatile T* object) {
  if constexpr (sizeof(T) == 16)
    return nativeLoop(const_cast<volatile T*>(object), T{0}, [](T old) { return old; });
  else
    return __atomic_load_n(object, __ATOMIC_SEQ_CST);
}

template <class T>
T nativeExchange(volatile T* object, T value) {
  if constexpr (sizeof(T) == 16)
    return nativeLoop(object, T{0}, [value](T) { return value; });
  else
    return __atomic_exchange_n(object, value, __ATOMIC_SEQ_CST);
}

template <class T>
void nativeStore(volatile T* object, T value, int order) {
  if constexpr (sizeof(T) == 16) {
    nativeExchange(object, value);
  } else if (order == kSequential) {
    __atomic_store_n(object, value, __ATOMIC_SEQ_CST);
  } else {
    __atomic_store_n(object, value, __ATOMIC_RELEASE);
  }
}

// Fetch operations: one lock-prefixed instruction where there is one.
#define DEADHEAT_NATIVE_FETCH(name, expression)                               \
  template <class T>                                                          \
  T native_fetch_##name(volatile T* object, T value) {                        \
    if constexpr (sizeof(T) == 16)                                            \
      return nativeLoop(object, T{0}, [value](T old) { return expression; }); \
    else                                                                      \
      return __atomic_fetch_##name(object, value, __ATOMIC_SEQ_CST);          \
  }
DEADHEAT_NATIVE_FETCH(add, old + value)
DEADHEAT_NATIVE_FETCH(sub, old - value)
DEADHEAT_NATIVE_FETCH(and, old& value)
DEADHEAT_NATIVE_FETCH(or, old | value)
DEADHEAT_NATIVE_FETCH(xor, old ^ value)
DEADHEAT_NATIVE_FETCH(nand, ~(old& value))
#undef DEADHEAT_NATIVE_FETCH

}  // namespace deadheat::rt
