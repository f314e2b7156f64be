// One-line errors, put together from parts.
#pragma once

#include <string>

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace deadheat {

/// An error whose message is `parts` one after the other; anything that prints to a raw_ostream.
template <typename... Parts>
llvm::Error failure(const Parts&... parts) {
  std::string text;
  llvm::raw_string_ostream out(text);
  (out << ... << parts);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), out.str());
}

}  // namespace deadheat
