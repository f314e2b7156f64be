// Colours on a terminal, and the decision whether to use them: `--color`, NO_COLOR and what the stream is.
#pragma once

#include <string_view>

#include "llvm/Support/raw_ostream.h"

namespace deadheat {

enum class ColorWhen : std::uint8_t { Auto, Always, Never };

/// Whether to colour what goes to `descriptor` (1 or 2). Auto colours terminals that are not "dumb" unless NO_COLOR is
/// set to something.
bool useColor(ColorWhen when, int descriptor);

enum class Tone : std::uint8_t { Plain, Strong, Error, Warning, Note, Good, Faint };

/// `text` in `tone`, if `colored`; streamable.
struct Styled {
  Tone tone;
  std::string_view text;
  bool colored;
};
llvm::raw_ostream& operator<<(llvm::raw_ostream& out, const Styled& styled);

}  // namespace deadheat
