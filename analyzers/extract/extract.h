// Extraction: one translation unit and its compile command -> TuFacts. The only folder that includes Clang; callers of
// this header do not see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analyzers/extract/inputs.h"
#include "analyzers/facts/tu_facts.h"
#include "analyzers/models/models.h"

namespace deadheat {

class SourceFiles;

/// How one file is compiled, as compile_commands.json says it.
struct CompileCommand {
  std::string directory;               ///< Absolute; relative paths in `file` and `arguments` start here.
  std::string file;                    ///< The main file.
  std::vector<std::string> arguments;  ///< With the compiler in front.
};

struct ExtractOptions {
  /// Clang's resource directory (the one with `include/stddef.h`); found by itself when empty.
  std::string resourceDirectory;
  /// Texts that stand for files, by absolute path: they hide what is on disk. For tests and editors.
  std::vector<std::pair<std::string, std::string>> virtualFiles;
  /// Where files are read from, when several units are extracted one after the other; `virtualFiles` is not looked at.
  SourceFiles* files = nullptr;
  /// Whose business a crash is: the caller's process is ended by it, or it is caught and told as a Diagnostic.
  enum class Crash : std::uint8_t { Ends, IsCaught };
  Crash crash = Crash::IsCaught;
};

/// What one translation unit gave.
struct Extraction {
  TuFacts facts;
  bool parsed = false;                    ///< No errors: `facts` is all there is. Otherwise it is what could be had.
  std::vector<std::string> droppedFlags;  ///< Flags of the command that Clang does not know, in order.
  std::vector<Input> inputs;              ///< What was asked of the file system, sorted. Equal answers: equal facts.
  double seconds = 0;                     ///< Wall time.
};

/// The Clang that is used, with its version and build.
std::string frontEndVersion();

/// Extracts one translation unit. Never throws or exits: parse errors, unreadable files and crashes inside Clang are
/// Diagnostics of the result. May be called from several threads at once with different `files`; each call uses a thread of its own with a
/// large stack. Costs about what `clang -fsyntax-only` does.
Extraction extract(const CompileCommand& command, const ModelSet& models, const ExtractOptions& options = {});

}  // namespace deadheat
