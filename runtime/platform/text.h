// Text built in place, for messages: no allocation, no libc, cut at its capacity.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {

/// Counted here, and kept from becoming a call: the real strlen may be what is being intercepted, and has a reader of its
/// own.
inline std::size_t lengthOf(const char* text) {
  std::size_t length = 0;
  while (text[length] != 0) {
    ++length;
    __asm__ volatile("" ::: "memory");
  }
  return length;
}

inline bool sameText(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

/// The value of environment variable `name`, null when unset. Calls nothing.
inline const char* environmentValue(char* const* environment, const char* name) {
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const char* entry = *environment;
    const char* wanted = name;
    while (*wanted != 0 && *entry == *wanted) ++entry, ++wanted;
    if (*wanted == 0 && *entry == '=') return entry + 1;
  }
  return nullptr;
}

template <std::size_t kCapacity>
class Text {
 public:
  Text() { text_[0] = 0; }
  /// For static storage.
  struct Zeroed {};
  constexpr explicit Text(Zeroed) : text_{} {}

  Text& operator<<(const char* text) {
    while (*text != 0) put(*text++);
    return *this;
  }
  Text& operator<<(std::uint64_t number) { return digits(number, 10); }
  Text& hex(std::uint64_t number) {
    *this << "0x";
    return digits(number, 16);
  }

  void put(char c) {
    if (size_ + 1 >= kCapacity) return;
    text_[size_++] = c;
    text_[size_] = 0;
  }
  const char* c_str() const { return text_; }
  std::size_t size() const { return size_; }
  void clear() { text_[size_ = 0] = 0; }
  void writeTo(int file) const { rawSyscall(SYS_write, file, reinterpret_cast<long>(text_), static_cast<long>(size_)); }

 private:
  Text& digits(std::uint64_t number, unsigned base) {
    char reversed[24];
    int count = 0;
    do reversed[count++] = "0123456789abcdef"[number % base];
    while ((number /= base) != 0);
    while (count != 0) put(reversed[--count]);
    return *this;
  }

  char text_[kCapacity];
  std::size_t size_ = 0;
};

}  // namespace deadheat::rt
