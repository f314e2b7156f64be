// Subcommands: what the table of commands.cpp is made of. A subcommand is one file in this folder, which declares its
// options on a CLI11 app and says what to do once they are parsed, and one row in the table.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace deadheat {

/// Exit codes of all subcommands; `run`, `cc` and `c++` otherwise pass on the program's or compiler's own.
enum class ExitCode : int { Clean = 0, ToolError = 1, Findings = 2, Incomplete = 3, Usage = 64 };

inline int toInt(ExitCode code) { return static_cast<int>(code); }

/// What follows `--` on the command line; `given` even when nothing does.
struct Trailing {
  bool given = false;
  std::vector<std::string> words;
};

/// Runs the parsed subcommand and returns the exit code.
using Action = std::function<int()>;

struct CommandRow {
  const char* name;
  const char* summary;  ///< One line of `deadheat --help`.
  /// Declares options; `trailing` outlives the action.
  Action (*declare)(CLI::App& app, const Trailing& trailing);
};

/// All subcommands, in the order help shows them.
std::span<const CommandRow> allCommands();

/// Everything main does: parses, runs, returns the exit code.
int runCommandLine(int argc, const char* const* argv);

}  // namespace deadheat
