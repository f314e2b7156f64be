// Standard I/O streams. Their own state is behind a lock inside libc; what they read from and write to is the program's,
// and the descriptors behind them are told of.
#include <cstdarg>
#include <cstdio>

#include "runtime/intercept/descriptor_calls.h"
#include "runtime/platform/text.h"

namespace deadheat::rt {
namespace {

/// Through libc's own functions, so nothing of it is seen here.
int descriptorOf(FILE* stream) { return stream == nullptr ? -1 : ::fileno(stream); }

FILE* openedStream(const DescriptorCall& use, FILE* stream) {
  if (stream != nullptr) use.opened(descriptorOf(stream), kFiles);
  return stream;
}

}  // namespace
}  // namespace deadheat::rt

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(FILE*, fopen, (const char* path, const char* mode)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (use) use.read(path, lengthOf(path) + 1);
  return openedStream(use, real_fopen(path, mode));
}

DEADHEAT_INTERCEPT(FILE*, fopen64, (const char* path, const char* mode)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (use) use.read(path, lengthOf(path) + 1);
  return openedStream(use, real_fopen64(path, mode));
}

DEADHEAT_INTERCEPT(FILE*, fdopen, (int descriptor, const char* mode)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  return real_fdopen(descriptor, mode);
}

DEADHEAT_INTERCEPT(int, fclose, (FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  int descriptor = descriptorOf(stream);
  if (descriptor >= 0) use.closes(descriptor);
  return real_fclose(stream);
}

DEADHEAT_INTERCEPT(std::size_t, fread, (void* to, std::size_t size, std::size_t count, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  std::size_t got = real_fread(to, size, count, stream);
  if (got != 0) use.write(to, got * size);
  return got;
}

DEADHEAT_INTERCEPT(std::size_t, fwrite, (const void* from, std::size_t size, std::size_t count, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (size != 0 && count != 0) use.read(from, size * count);
  return real_fwrite(from, size, count, stream);
}

DEADHEAT_INTERCEPT(int, fputs, (const char* text, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (use) use.read(text, lengthOf(text));
  return real_fputs(text, stream);
}

DEADHEAT_INTERCEPT(int, puts, (const char* text)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (use) use.read(text, lengthOf(text));
  return real_puts(text);
}

DEADHEAT_INTERCEPT(char*, fgets, (char* to, int capacity, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  char* result = real_fgets(to, capacity, stream);
  if (result != nullptr && use) use.write(to, lengthOf(to) + 1);
  return result;
}

DEADHEAT_INTERCEPT(ssize_t, getline, (char** line, std::size_t* size, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  ssize_t got = real_getline(line, size, stream);
  if (got > 0 && use) {
    use.write(line, sizeof(*line));
    use.write(size, sizeof(*size));
    use.write(*line, static_cast<std::size_t>(got) + 1);
  }
  return got;
}

DEADHEAT_INTERCEPT(ssize_t, getdelim, (char** line, std::size_t* size, int end, FILE* stream)) {
  DEADHEAT_DESCRIPTOR_CALL;
  ssize_t got = real_getdelim(line, size, end, stream);
  if (got > 0 && use) {
    use.write(line, sizeof(*line));
    use.write(size, sizeof(*size));
    use.write(*line, static_cast<std::size_t>(got) + 1);
  }
  return got;
}

// Formatted output into memory: what was written. Arguments that are strings are read inside libc, unseen.
DEADHEAT_INTERCEPT(int, vsnprintf, (char* to, std::size_t size, const char* format, va_list arguments)) {
  DEADHEAT_DESCRIPTOR_CALL;
  int count = real_vsnprintf(to, size, format, arguments);
  if (count >= 0 && size != 0) use.write(to, (static_cast<std::size_t>(count) < size ? static_cast<std::size_t>(count) + 1 : size));
  return count;
}

DEADHEAT_INTERCEPT(int, vsprintf, (char* to, const char* format, va_list arguments)) {
  DEADHEAT_DESCRIPTOR_CALL;
  int count = real_vsprintf(to, format, arguments);
  if (count >= 0) use.write(to, static_cast<std::size_t>(count) + 1);
  return count;
}

DEADHEAT_INTERCEPT(int, snprintf, (char* to, std::size_t size, const char* format, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  va_list arguments;
  va_start(arguments, format);
  int count = real_vsnprintf(to, size, format, arguments);
  va_end(arguments);
  if (count >= 0 && size != 0) use.write(to, (static_cast<std::size_t>(count) < size ? static_cast<std::size_t>(count) + 1 : size));
  return count;
}

DEADHEAT_INTERCEPT(int, sprintf, (char* to, const char* format, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  va_list arguments;
  va_start(arguments, format);
  int count = real_vsprintf(to, format, arguments);
  va_end(arguments);
  if (count >= 0) use.write(to, static_cast<std::size_t>(count) + 1);
  return count;
}
