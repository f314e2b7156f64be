// What the subcommands have in common that take a stored schedule and run it: `replay` and `verify-fix`.
#pragma once

#include <chrono>

#include "tool/commands/command.h"
#include "tool/commands/options.h"

namespace deadheat {

/// `Options` has file, folder, command and timeLimit.
template <class Options>
struct StoredScheduleCommand {
  Options options;
  OutputOptions output;
  double timeLimitSeconds = 10;
  const Trailing& trailing;

  explicit StoredScheduleCommand(const Trailing& trailing) : trailing(trailing) {}

  void declare(CLI::App& app) {
    app.add_option("ID", options.file, "schedule file of `explore`, `hunt` or `confirm`, or the id of its finding")
        ->required();
    app.add_option("--output-dir", options.folder, "where schedules are kept")->type_name("DIR")->capture_default_str();
    app.add_option("--time-limit", timeLimitSeconds, "longest one run may take")
        ->type_name("SECONDS")
        ->capture_default_str();
    output.declareShowing(app);
  }

  /// Completes the options once they are parsed.
  Console begin() {
    options.command = trailing.words;
    options.timeLimit = std::chrono::milliseconds(static_cast<long long>(timeLimitSeconds * 1000));
    return output.console();
  }
};

}  // namespace deadheat
