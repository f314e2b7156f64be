// Steering: what `confirm` and `hunt` share: the options of steered runs, and the runs themselves with progress.
#pragma once

#include <string>
#include <vector>

#include "tool/commands/options.h"
#include "tool/confirm/confirm.h"

namespace deadheat {

/// `--attempts`, `--attempt-limit`, `--budget`, `--no-control`, `--hold`, `--seed`, `--output-dir`.
struct SteeringOptions {
  unsigned attempts = ConfirmOptions().attempts;
  double attemptLimitSeconds = 0;
  double freeRunLimitSeconds = 60;
  double budgetSeconds = 300;
  bool holdsOnly = false;
  unsigned holdMillis = ConfirmOptions().holdMillis;
  std::uint64_t seed = 1;
  std::string outputDirectory = "deadheat-out";

  void declare(CLI::App& app);
};

/// Confirms `findings` against `command`, with a progress line. Notes go to the console as warnings.
llvm::Expected<ConfirmResult> steer(std::vector<Finding> findings, const std::vector<std::string>& command,
                                    unsigned jobs, const SteeringOptions& options, const Console& console);

}  // namespace deadheat
