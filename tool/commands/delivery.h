// Delivery: the end of every subcommand that has findings. Filters, writes, and turns what there is into an exit code.
#pragma once

#include <string>
#include <vector>

#include "tool/commands/options.h"
#include "tool/report/report.h"

namespace deadheat {

enum class Completeness : std::uint8_t { Complete, Incomplete };

/// Ready to deliver: made before the work starts, so that wrong options and unwritable files show at once.
class Delivery {
 public:
  /// `defaultOutputs` are `FMT[:FILE]`, used when the user names none. Errors: unknown formats, unwritable files.
  static llvm::Expected<Delivery> prepare(const OutputOptions& options, std::vector<std::string> defaultOutputs);

  /// Takes out findings below --min-confidence.
  void filter(std::vector<Finding>& findings) const;

  /// Filters and writes the report, says in one line what there is (after `preamble`), and returns the exit code:
  /// 1 if something could not be written, 2 for findings at or above --fail-on, 3 if incomplete, else 0.
  ExitCode deliver(Report report, Completeness completeness, const std::string& preamble = {}) const;

 private:
  const OutputOptions* options_ = nullptr;
  std::vector<OutputSpec> outputs_;
};

/// "3 findings (1 confirmed, 2 high, 1 medium)"; "no findings".
std::string countText(const std::vector<Finding>& findings);

/// Whether `finding` counts for `--fail-on=threshold`.
bool reaches(const Finding& finding, const std::string& threshold);

}  // namespace deadheat
