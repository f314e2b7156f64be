// `deadheat hunt SOURCE...`: the convenience that needs no build directory. Builds single-file programs instrumented and
// writes the compile commands the analysis reads; check and confirm then go on as for any project.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/Error.h"

namespace deadheat {

/// One small program given by its sources.
struct SourceProgram {
  std::vector<std::string> sources;   ///< C or C++ files, all linked into one program.
  std::vector<std::string> flags;     ///< Extra compiler flags, e.g. `-std=c++20`, `-Iinclude`.
  std::string workDirectory;          ///< Where objects, the binary and compile_commands.json go; made if missing.
};

/// What was built.
struct BuiltProgram {
  std::string buildDirectory;  ///< Has compile_commands.json; as for `-p`.
  std::string binary;          ///< The instrumented program.
};

/// Compiles every source with our own `deadheat cc` or `deadheat c++` (`deadheatExecutable`) with `-g -O1 -pthread` and
/// links. The compiler's own messages go to stderr; a failure is one line that names the source.
llvm::Expected<BuiltProgram> buildProgram(const SourceProgram& program, const std::string& deadheatExecutable);

}  // namespace deadheat
