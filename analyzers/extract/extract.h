// Extraction: one translation unit and its compile command -> TuFacts. The only folder that includes Clang; callers of
// this header do not see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analyzers/facts/tu_facts.h"
#include "analyzers/models/models.h"

namespace deadheat {

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
};

/// What one translation unit gave.
struct Extraction {
  TuFacts facts;
  bool parsed = false;                    ///< No errors: `facts` is all there is. Otherwise it is what could be had.
  std::vector<std::string> droppedFlags;  ///< Flags of the command that Clang does not know, in order.
  double seconds = 0;                     ///< Wall time.
};

/// Extracts one translation unit. Never throws or exits: parse errors, unreadable files and crashes inside Clang are
/// Diagnostics of the result. May be called from several threads at once; each call uses a thread of its own with a
/// large stack. Costs about what `clang -fsyntax-only` does.
Extraction extract(const CompileCommand& command, const ModelSet& models, const ExtractOptions& options = {});

}  // namespace deadheat
