// Functions of the C library that keep their result, or where they stopped, in one place for all threads: each call writes
// there. The library is not instrumented, so it is said here. Not rand, strerror, inet_ntoa and the like, which glibc has
// made safe.
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include <cstddef>
#include <ctime>

#include "runtime/intercept/ranges.h"
#include "runtime/platform/text.h"

namespace deadheat::rt {
namespace {

/// Stands for the place where strtok keeps its position.
char tokenPosition;

constexpr std::size_t kTimeText = 26;  ///< Of ctime and asctime, with the terminator.

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(tm*, localtime, (const time_t* when)) {
  tm* result = real_localtime(when);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(tm*, gmtime, (const time_t* when)) {
  tm* result = real_gmtime(when);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(char*, asctime, (const tm* parts)) {
  char* result = real_asctime(parts);
  if (DEADHEAT_RANGES; ranges && result != nullptr) {
    ranges.read(parts, sizeof *parts);
    ranges.write(result, kTimeText);
  }
  return result;
}

DEADHEAT_INTERCEPT(char*, ctime, (const time_t* when)) {
  char* result = real_ctime(when);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, kTimeText);
  return result;
}

DEADHEAT_INTERCEPT(char*, strtok, (char* text, const char* separators)) {
  if (DEADHEAT_RANGES; ranges) {
    if (text != nullptr) ranges.read(text, lengthOf(text) + 1);
    ranges.write(&tokenPosition, sizeof tokenPosition);
  }
  return real_strtok(text, separators);
}

DEADHEAT_INTERCEPT(passwd*, getpwnam, (const char* name)) {
  passwd* result = real_getpwnam(name);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(passwd*, getpwuid, (uid_t user)) {
  passwd* result = real_getpwuid(user);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(group*, getgrnam, (const char* name)) {
  group* result = real_getgrnam(name);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(group*, getgrgid, (gid_t id)) {
  group* result = real_getgrgid(id);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}

DEADHEAT_INTERCEPT(hostent*, gethostbyname, (const char* name)) {
  hostent* result = real_gethostbyname(name);
  if (DEADHEAT_RANGES; ranges && result != nullptr) ranges.write(result, sizeof *result);
  return result;
}
