// Functions on zero-terminated strings: each reads up to and with the terminator, or the character it was looking for.
#include <cstddef>

#include "runtime/intercept/ranges.h"
#include "runtime/platform/text.h"

namespace deadheat::rt {
namespace {

std::size_t length(const char* text, std::size_t limit) {
  std::size_t n = 0;
  while (n < limit && text[n] != 0) {
    ++n;
    __asm__ volatile("" ::: "memory");
  }
  return n;
}

/// Characters read of a string of which at most `limit` count: with the terminator, if it is among them.
std::size_t readOf(const char* text, std::size_t limit) {
  std::size_t n = length(text, limit);
  return n < limit ? n + 1 : limit;
}

template <class Same>
std::size_t comparedStrings(const char* a, const char* b, std::size_t limit, Same same) {
  std::size_t n = 0;
  while (n < limit && same(a[n], b[n]) && a[n] != 0) ++n;
  return n < limit ? n + 1 : limit;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equal(char a, char b) { return a == b; }
bool equalIgnoringCase(char a, char b) { return lower(a) == lower(b); }

template <class Same>
void readBoth(const RangeAccess& ranges, const char* a, const char* b, std::size_t limit, Same same) {
  std::size_t used = comparedStrings(a, b, limit, same);
  ranges.read(a, used);
  ranges.read(b, used);
}

constexpr std::size_t kNoLimit = ~std::size_t{0};

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(std::size_t, strlen, (const char* text)) {
  std::size_t result = real_strlen(text);
  if (DEADHEAT_RANGES; ranges) ranges.read(text, result + 1);
  return result;
}

DEADHEAT_INTERCEPT(std::size_t, strnlen, (const char* text, std::size_t limit)) {
  std::size_t result = real_strnlen(text, limit);
  if (DEADHEAT_RANGES; ranges) ranges.read(text, result < limit ? result + 1 : limit);
  return result;
}

DEADHEAT_INTERCEPT(char*, strcpy, (char* to, const char* from)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t size = lengthOf(from) + 1;
    ranges.read(from, size);
    ranges.write(to, size);
  }
  return real_strcpy(to, from);
}

DEADHEAT_INTERCEPT(char*, stpcpy, (char* to, const char* from)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t size = lengthOf(from) + 1;
    ranges.read(from, size);
    ranges.write(to, size);
  }
  return real_stpcpy(to, from);
}

DEADHEAT_INTERCEPT(char*, strncpy, (char* to, const char* from, std::size_t size)) {
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(from, readOf(from, size));
    ranges.write(to, size);
  }
  return real_strncpy(to, from, size);
}

DEADHEAT_INTERCEPT(char*, strcat, (char* to, const char* from)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t before = lengthOf(to);
    std::size_t size = lengthOf(from) + 1;
    ranges.read(to, before + 1);
    ranges.read(from, size);
    ranges.write(to + before, size);
  }
  return real_strcat(to, from);
}

DEADHEAT_INTERCEPT(char*, strncat, (char* to, const char* from, std::size_t limit)) {
  if (DEADHEAT_RANGES; ranges) {
    std::size_t before = lengthOf(to);
    ranges.read(to, before + 1);
    ranges.read(from, readOf(from, limit));
    ranges.write(to + before, length(from, limit) + 1);
  }
  return real_strncat(to, from, limit);
}

DEADHEAT_INTERCEPT(int, strcmp, (const char* a, const char* b)) {
  if (DEADHEAT_RANGES; ranges) readBoth(ranges, a, b, kNoLimit, equal);
  return real_strcmp(a, b);
}

DEADHEAT_INTERCEPT(int, strncmp, (const char* a, const char* b, std::size_t limit)) {
  if (DEADHEAT_RANGES; ranges) readBoth(ranges, a, b, limit, equal);
  return real_strncmp(a, b, limit);
}

DEADHEAT_INTERCEPT(int, strcasecmp, (const char* a, const char* b)) {
  if (DEADHEAT_RANGES; ranges) readBoth(ranges, a, b, kNoLimit, equalIgnoringCase);
  return real_strcasecmp(a, b);
}

DEADHEAT_INTERCEPT(int, strncasecmp, (const char* a, const char* b, std::size_t limit)) {
  if (DEADHEAT_RANGES; ranges) readBoth(ranges, a, b, limit, equalIgnoringCase);
  return real_strncasecmp(a, b, limit);
}

DEADHEAT_INTERCEPT(char*, strchr, (const char* text, int wanted)) {
  char* result = real_strchr(text, wanted);
  if (DEADHEAT_RANGES; ranges)
    ranges.read(text, result == nullptr ? lengthOf(text) + 1 : addressOf(result) - addressOf(text) + 1);
  return result;
}

DEADHEAT_INTERCEPT(char*, strchrnul, (const char* text, int wanted)) {
  char* result = real_strchrnul(text, wanted);
  if (DEADHEAT_RANGES; ranges) ranges.read(text, addressOf(result) - addressOf(text) + 1);
  return result;
}

DEADHEAT_INTERCEPT(char*, strrchr, (const char* text, int wanted)) {
  if (DEADHEAT_RANGES; ranges) ranges.read(text, lengthOf(text) + 1);
  return real_strrchr(text, wanted);
}

DEADHEAT_INTERCEPT(char*, strstr, (const char* text, const char* wanted)) {
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(text, lengthOf(text) + 1);
    ranges.read(wanted, lengthOf(wanted) + 1);
  }
  return real_strstr(text, wanted);
}

DEADHEAT_INTERCEPT(std::size_t, strspn, (const char* text, const char* accepted)) {
  std::size_t result = real_strspn(text, accepted);
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(text, result + 1);
    ranges.read(accepted, lengthOf(accepted) + 1);
  }
  return result;
}

DEADHEAT_INTERCEPT(std::size_t, strcspn, (const char* text, const char* rejected)) {
  std::size_t result = real_strcspn(text, rejected);
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(text, result + 1);
    ranges.read(rejected, lengthOf(rejected) + 1);
  }
  return result;
}

DEADHEAT_INTERCEPT(char*, strpbrk, (const char* text, const char* wanted)) {
  if (DEADHEAT_RANGES; ranges) {
    ranges.read(text, lengthOf(text) + 1);
    ranges.read(wanted, lengthOf(wanted) + 1);
  }
  return real_strpbrk(text, wanted);
}

DEADHEAT_INTERCEPT(char*, strdup, (const char* text)) {
  if (DEADHEAT_RANGES; ranges) ranges.read(text, lengthOf(text) + 1);
  return real_strdup(text);
}

DEADHEAT_INTERCEPT(char*, strndup, (const char* text, std::size_t limit)) {
  if (DEADHEAT_RANGES; ranges) ranges.read(text, readOf(text, limit));
  return real_strndup(text, limit);
}

/// The GNU version, which has a text of its own for most errors.
DEADHEAT_INTERCEPT(char*, strerror_r, (int error, char* buffer, std::size_t size)) {
  char* result = real_strerror_r(error, buffer, size);
  if (DEADHEAT_RANGES; ranges && result == buffer) ranges.write(buffer, lengthOf(buffer) + 1);
  return result;
}
