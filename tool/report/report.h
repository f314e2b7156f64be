// Report: all that one invocation has to say, before it takes a form. Filled in by tool/pipeline and tool/confirm,
// written and read back by findings_file.h, rendered by the formats of format.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

/// A translation unit of which little or nothing could be analysed.
struct UnitFailure {
  std::string file;
  std::string reason;  ///< One line: the first error.
  auto operator<=>(const UnitFailure&) const = default;
};

/// What the static half looked at and what it took. All counts are zero when it did not run.
struct AnalysisSummary {
  std::uint32_t unitsInDatabase = 0;
  std::uint32_t unitsSelected = 0;  ///< After PATH filters.
  std::uint32_t unitsAnalysed = 0;  ///< Facts were extracted from, perhaps in part.
  std::uint32_t unitsFromCache = 0;  ///< Of the selected ones: were as they had been when last extracted.
  std::uint32_t functions = 0;
  std::vector<UnitFailure> failures;      ///< In the order of the database.
  std::vector<std::string> droppedFlags;  ///< Compiler flags Clang does not know, each once, sorted.
  double extractSeconds = 0;
  double linkSeconds = 0;
  double checkSeconds = 0;
  std::uint64_t peakMemoryBytes = 0;    ///< Of the largest process.
  std::uint64_t workerMemoryBytes = 0;  ///< Of the largest that extracted; 0 if none did.
  auto operator<=>(const AnalysisSummary&) const = default;
};

struct Report {
  std::string command;  ///< Subcommand that made it: `check`, `hunt` …
  std::string root;     ///< Absolute folder to which people take paths to be relative; empty: show them whole.
  std::vector<Finding> findings;
  AnalysisSummary analysis;
  std::vector<std::string> notes;  ///< One line each: what failed or could not be done.
  auto operator<=>(const Report&) const = default;
};

/// `path` relative to `root` if it lies below it, otherwise as it is.
std::string relativeTo(const std::string& path, const std::string& root);

/// The first digits of a finding's fingerprint: what people call it by.
std::string shortId(const Finding& finding);

}  // namespace deadheat
