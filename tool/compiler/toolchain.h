// Which real compiler a wrapper invocation means.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llvm/Support/Error.h"

namespace deadheat {

enum class SourceLanguage : std::uint8_t { C, Cxx };
enum class CompilerFamily : std::uint8_t { Gcc, Clang };

/// The outside world as the choice needs it; tests give their own.
struct Surroundings {
  std::function<std::string(const char* name)> environment;                 ///< Empty when not set.
  std::function<std::optional<std::string>(std::string_view)> findProgram;  ///< Path of a program in PATH.
  std::function<std::string(const std::string&)> realPath;                  ///< With symbolic links followed.
  std::function<std::string(const std::string&)> versionText;               ///< What `PROGRAM --version` prints.
};

/// The surroundings of this process.
Surroundings processSurroundings();

/// A real compiler: how to call it and what follows.
struct CompilerCall {
  std::vector<std::string> program;    ///< The compiler, perhaps behind a launcher: {"ccache", "g++"}.
  std::vector<std::string> arguments;  ///< Without the compiler's name.
  CompilerFamily family = CompilerFamily::Clang;
  bool isClang19 = false;  ///< So it can load our pass plugin, which is built against that version's LLVM.
  std::string passPlugin;  ///< The plugin to load; empty: none.
};

/// Whether `word` is the name or path of a compiler: gcc, g++, clang, clang++, cc, c++, with a target before and a
/// version after.
bool namesCompiler(std::string_view word);

/// Splits the wrapper's arguments: a leading compiler (or launcher and compiler) wins, then DEADHEAT_CC or
/// DEADHEAT_CXX, then clang 19, then gcc. The error is one line: no compiler found.
llvm::Expected<CompilerCall> chooseCompiler(SourceLanguage language, const std::vector<std::string>& arguments,
                                            const Surroundings& surroundings);

}  // namespace deadheat
