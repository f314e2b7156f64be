#include "runtime/record/options.h"

#include <unistd.h>

#include "runtime/platform/text.h"
#include "runtime/protocol.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {

constinit Options options = {};

namespace {

constexpr int kUsageError = 64;
constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};

struct OptionName {
  const char* name;
  void (*set)(std::uint64_t value);
};

constexpr OptionName kNames[] = {
    {"exitcode", [](std::uint64_t value) { options.exitCode = static_cast<int>(value & 0xff); }},
    {"count_accesses", [](std::uint64_t value) { options.countAccesses = value != 0; }},
    {"races", [](std::uint64_t value) { options.races = value != 0; }},
    {"locks", [](std::uint64_t value) { options.locks = value != 0; }},
    {"deadlocks", [](std::uint64_t value) { options.deadlocks = value != 0; }},
    {"recording_mb", [](std::uint64_t value) { options.recordingMegabytes = value != 0 ? value : 1; }},
};

std::uint64_t numberIn(const char* begin, const char* end) {
  std::uint64_t number = 0;
  if (begin == end || end - begin > 9) return kNoNumber;
  for (; begin != end; ++begin) {
    if (*begin < '0' || *begin > '9') return kNoNumber;
    number = number * 10 + static_cast<std::uint64_t>(*begin - '0');
  }
  return number;
}

/// One `name=value`. False if that is not what it is.
bool apply(const char* begin, const char* end) {
  const char* equals = begin;
  while (equals != end && *equals != '=') ++equals;
  if (equals == end) return false;
  std::uint64_t number = numberIn(equals + 1, end);
  if (number == kNoNumber) return false;
  for (const OptionName& option : kNames) {
    std::size_t length = lengthOf(option.name);
    if (length != static_cast<std::size_t>(equals - begin)) continue;
    std::size_t i = 0;
    while (i < length && option.name[i] == begin[i]) ++i;
    if (i == length) return option.set(number), true;
  }
  return false;
}

}  // namespace

void parseOptions() {
  const char* text = environmentValue(environ, protocol::kOptionsVariable);
  while (text != nullptr && *text != 0) {
    const char* end = text;
    while (*end != 0 && *end != ':') ++end;
    if (end != text && !apply(text, end)) {
      Text<128> pair;
      for (const char* c = text; c != end; ++c) {
        char one[2] = {*c, 0};
        pair << one;
      }
      failStart(kUsageError, "DEADHEAT_OPTIONS: no option, or no number, in ", pair.c_str());
    }
    text = *end == 0 ? end : end + 1;
  }
}

}  // namespace deadheat::rt
