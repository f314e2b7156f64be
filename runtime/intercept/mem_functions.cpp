// memcpy and its relatives. Compilers emit calls to the first four on their own, the runtime's included, so these work
// before anything else does: until the real ones are found, bytes are copied one by one.
#include <cstddef>

#include "runtime/intercept/ranges.h"

namespace deadheat::rt {
namespace {

void copyUp(char* to, const char* from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = from[i];
    __asm__ volatile("" ::: "memory");  // Or the compiler would make it a call of memcpy.
  }
}

void copyDown(char* to, const char* from, std::size_t size) {
  while (size-- != 0) {
    to[size] = from[size];
    __asm__ volatile("" ::: "memory");
  }
}

void* move(void* to, const void* from, std::size_t size) {
  (to <= from ? copyUp : copyDown)(static_cast<char*>(to), static_cast<const char*>(from), size);
  return to;
}

std::size_t offsetOf(const void* found, const void* begin, std::size_t otherwise) {
  return found == nullptr ? otherwise : addressOf(found) - addressOf(begin) + 1;
}

/// Bytes up to and with the first difference.
std::size_t compared(const void* a, const void* b, std::size_t size) {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i)
    if (x[i] != y[i]) return i + 1;
  return size;
}

__thread bool lookingUp __attribute__((tls_model("initial-exec")));

/// True if the real function can be called; looking it up must not need it.
template <class Function>
bool found(const Function& real) {
  if (real.known()) [[likely]]
    return true;
  if (lookingUp) return false;
  lookingUp = true;
  bool exists = real.exists();
  lookingUp = false;
  return exists;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, memcpy, (void* to, const void* from, std::size_t size)) {
  if (accessesUntold() && real_memcpy.known()) return real_memcpy(to, from, size);
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(from, size);
    ranges.write(to, size);
  }
  return found(real_memcpy) ? real_memcpy(to, from, size) : move(to, from, size);
}

DEADHEAT_INTERCEPT(void*, memmove, (void* to, const void* from, std::size_t size)) {
  if (accessesUntold() && real_memmove.known()) return real_memmove(to, from, size);
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(from, size);
    ranges.write(to, size);
  }
  return found(real_memmove) ? real_memmove(to, from, size) : move(to, from, size);
}

DEADHEAT_INTERCEPT(void*, mempcpy, (void* to, const void* from, std::size_t size)) {
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(from, size);
    ranges.write(to, size);
  }
  return real_mempcpy(to, from, size);
}

DEADHEAT_INTERCEPT(void*, memset, (void* to, int value, std::size_t size)) {
  if (accessesUntold() && real_memset.known()) return real_memset(to, value, size);
  if (DEADHEAT_RANGES; ranges) ranges.write(to, size);
  if (found(real_memset)) return real_memset(to, value, size);
  for (std::size_t i = 0; i < size; ++i) {
    static_cast<char*>(to)[i] = static_cast<char>(value);
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

DEADHEAT_INTERCEPT(int, memcmp, (const void* a, const void* b, std::size_t size)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t used = compared(a, b, size);
    ranges.read(a, used);
    ranges.read(b, used);
  }
  return real_memcmp(a, b, size);
}

DEADHEAT_INTERCEPT(int, bcmp, (const void* a, const void* b, std::size_t size)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t used = compared(a, b, size);
    ranges.read(a, used);
    ranges.read(b, used);
  }
  return real_bcmp(a, b, size);
}

DEADHEAT_INTERCEPT(void*, memchr, (const void* text, int value, std::size_t size)) {
  void* result = real_memchr(text, value, size);
  if (DEADHEAT_RANGES; ranges) ranges.read(text, offsetOf(result, text, size));
  return result;
}

DEADHEAT_INTERCEPT(void*, memrchr, (const void* text, int value, std::size_t size)) {
  void* result = real_memrchr(text, value, size);
  if (DEADHEAT_RANGES; ranges) {
    std::size_t skipped = result == nullptr ? 0 : addressOf(result) - addressOf(text);
    ranges.read(static_cast<const char*>(text) + skipped, size - skipped);
  }
  return result;
}

DEADHEAT_INTERCEPT(void*, memmem,
                   (const void* text, std::size_t size, const void* wanted, std::size_t wantedSize)) {
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(text, size);
    ranges.read(wanted, wantedSize);
  }
  return real_memmem(text, size, wanted, wantedSize);
}

DEADHEAT_INTERCEPT(void, bzero, (void* to, std::size_t size)) {
  if (DEADHEAT_RANGES; ranges) ranges.write(to, size);
  real_bzero(to, size);
}
