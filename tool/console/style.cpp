#include "tool/console/style.h"

#include <unistd.h>

#include <cstdlib>

namespace deadheat {
namespace {

const char* escapeOf(Tone tone) {
  switch (tone) {
    case Tone::Plain:
      return "";
    case Tone::Strong:
      return "\033[1m";
    case Tone::Error:
      return "\033[1;31m";
    case Tone::Warning:
      return "\033[1;35m";
    case Tone::Note:
      return "\033[36m";
    case Tone::Good:
      return "\033[32m";
    case Tone::Faint:
      return "\033[2m";
  }
  return "";
}

bool isSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != 0;
}

}  // namespace

bool useColor(ColorWhen when, int descriptor) {
  if (when != ColorWhen::Auto) return when == ColorWhen::Always;
  if (isSet("NO_COLOR") || isatty(descriptor) == 0) return false;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}

llvm::raw_ostream& operator<<(llvm::raw_ostream& out, const Styled& styled) {
  if (!styled.colored || styled.tone == Tone::Plain) return out << styled.text;
  return out << escapeOf(styled.tone) << styled.text << "\033[0m";
}

}  // namespace deadheat
