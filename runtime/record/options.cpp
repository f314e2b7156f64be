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
  const char* const* words = nullptr;  ///< Values that are words rather than numbers; the value is the index.
};

constexpr const char* kOnDeadlock[] = {"exit", "report", "abort", nullptr};

constexpr OptionName kNames[] = {
    {"exitcode", [](std::uint64_t value) { options.exitCode = static_cast<int>(value & 0xff); }},
    {"count_accesses", [](std::uint64_t value) { options.countAccesses = value != 0; }},
    {"races", [](std::uint64_t value) { options.races = value != 0; }},
    {"locks", [](std::uint64_t value) { options.locks = value != 0; }},
    {"deadlocks", [](std::uint64_t value) { options.deadlocks = value != 0; }},
    {"on_deadlock", [](std::uint64_t value) { options.onDeadlock = static_cast<OnDeadlock>(value); }, kOnDeadlock},
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

bool spells(const char* word, const char* begin, const char* end) {
  std::size_t length = lengthOf(word);
  if (length != static_cast<std::size_t>(end - begin)) return false;
  for (std::size_t i = 0; i < length; ++i)
    if (word[i] != begin[i]) return false;
  return true;
}

std::uint64_t valueOf(const OptionName& option, const char* begin, const char* end) {
  if (option.words == nullptr) return numberIn(begin, end);
  for (std::uint64_t i = 0; option.words[i] != nullptr; ++i)
    if (spells(option.words[i], begin, end)) return i;
  return kNoNumber;
}

/// One `name=value`. False if that is not what it is.
bool apply(const char* begin, const char* end) {
  const char* equals = begin;
  while (equals != end && *equals != '=') ++equals;
  if (equals == end) return false;
  for (const OptionName& option : kNames) {
    if (!spells(option.name, begin, equals)) continue;
    std::uint64_t value = valueOf(option, equals + 1, end);
    if (value == kNoNumber) return false;
    option.set(value);
    return true;
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
      failStart(kUsageError, "DEADHEAT_OPTIONS: no such option, or no such value, in ", pair.c_str());
    }
    text = *end == 0 ? end : end + 1;
  }
}

}  // namespace deadheat::rt
