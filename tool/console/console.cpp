#include "tool/console/console.h"

#include <string>

namespace deadheat {

Console::Console(Verbosity verbosity, ColorWhen color) : verbosity_(verbosity), colored_(useColor(color, 2)) {}

void Console::error(std::string_view message) const { line(Tone::Error, "error: ", message); }

void Console::warning(std::string_view message) const { line(Tone::Warning, "warning: ", message); }

void Console::info(std::string_view message) const {
  if (!quiet()) line(Tone::Plain, "", message);
}

void Console::line(Tone tone, std::string_view kind, std::string_view message) const {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "deadheat: " << Styled{tone, kind, colored_} << message << '\n';
  llvm::errs() << text;
  llvm::errs().flush();
}

}  // namespace deadheat
