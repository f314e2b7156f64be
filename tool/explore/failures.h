// What a controlled run shows, as findings: what any run can show, and how it ended.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/explore/schedule_runner.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// Identity of a failure: a lock-order cycle that closed is another than one that only might.
std::string failureKey(const Finding& finding);

/// What was only foreseen, and the same once it has happened.
bool isPrediction(const std::string& key);
std::string keyOfConfirmed(const std::string& predictedKey);

/// How a run that is well ends.
struct Expectation {
  int exitCode = 0;
  std::optional<std::string> output;  ///< All it prints to its standard output.
};

/// `outputFile` empty: any output. Error: it cannot be read.
llvm::Expected<Expectation> readExpectation(int exitCode, const std::string& outputFile);

/// Knows what earlier runs have shown, so that the thousandth run with the same race costs no symbols.
class FailureReader {
 public:
  explicit FailureReader(Expectation expected) : expected_(std::move(expected)) {}

  /// The failure is known already.
  void know(const Finding& finding) { seenFailures_.insert(failureKey(finding)); }

  /// Failures of the run that no run before had, in its order. Confirmed ones, and lock-order cycles that did not close.
  std::vector<Finding> newFailures(const ScheduleRun& run);

  /// All failures of the run.
  std::vector<Finding> allFailures(const ScheduleRun& run);

  /// Lines for people about code: `main at bank.cpp:12`.
  Symbolizer& symbolizer() { return symbolizer_; }

 private:
  std::vector<Finding> endings(const ScheduleRun& run, const Recording& recording);

  Expectation expected_;
  Symbolizer symbolizer_;
  std::set<std::uint64_t> seenHazards_;  ///< Hashes of what a recording says, before symbols.
  std::set<std::string> seenFailures_;   ///< Keys.
};

}  // namespace deadheat
