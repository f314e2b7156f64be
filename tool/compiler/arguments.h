// A compiler command line, understood as far as the wrapper needs: what step it is, what goes in, which of its flags
// cannot go together with our runtime. Knows what gcc and clang have in common.
#pragma once

#include <string>
#include <vector>

namespace deadheat {

/// What a command line asks the compiler driver for.
enum class CompilerStep : std::uint8_t {
  Query,         ///< No inputs: `--version`, `-print-search-dirs`, `-v` …
  Dependencies,  ///< -M, -MM, -fsyntax-only: no code comes out.
  Preprocess,    ///< -E.
  Compile,       ///< -c, -S, or a header to precompile.
  PartialLink,   ///< -r.
  SharedLink,    ///< -shared, perhaps with sources.
  Link,          ///< An executable, perhaps with sources.
};

/// A command line's meaning; `words` are its arguments with response files (`@file`) expanded.
struct CompilerArguments {
  std::vector<std::string> words;
  CompilerStep step = CompilerStep::Query;
  bool hasSource = false;     ///< C or C++ goes in (assembly does not count).
  bool hasDebugInfo = false;  ///< Some -g option is given, be it -g0.
  bool optsOut = false;       ///< -fno-sanitize=thread or all: this file shall not be instrumented.
  bool otherSanitizers = false;  ///< A -fsanitize list names another than thread.
  bool hasNoDebugInfo = false;      ///< -g0 is the last of them.
  bool writesDependencies = false;  ///< -MD or -MMD.
  bool hasBuildId = false;    ///< The user says which build id.
  std::string conflict;       ///< First flag that cannot go with the runtime at this step; empty if none.
};

/// Reads the arguments after the compiler's name. Response files that cannot be read stand for nothing.
CompilerArguments readArguments(const std::vector<std::string>& arguments);

/// The arguments without what must not reach the compiler with ours: `thread` in -fsanitize lists and, when a shared
/// library is linked, demands that nothing be undefined (the runtime is in the executable).
std::vector<std::string> withoutHindrances(const std::vector<std::string>& arguments, CompilerStep step);

}  // namespace deadheat
