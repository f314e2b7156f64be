#include <cstddef>

extern "C" {

void* deadheatCopy(void* to, const void* from, std::size_t size) {
  void* begin = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return begin;
}

void* deadheatMove(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  if (target <= source || target >= source + size) return deadheatCopy(to, from, size);
  while (size-- != 0) {
    target[size] = source[size];
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

void* deadheatSet(void* to, int value, std::size_t size) {
  void* begin = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return begin;
}

}  // extern "C"
