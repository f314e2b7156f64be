// The static half from end to end: compile commands -> facts, in parallel -> program -> findings.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/console/console.h"
#include "tool/pipeline/check_selection.h"
#include "tool/pipeline/configuration.h"
#include "tool/pipeline/path_filter.h"
#include "tool/report/report.h"

namespace deadheat {

struct AnalysisOptions {
  std::string database;  ///< Folder or file; empty: found near the current folder.
  PathFilter filter;
  CheckSelection checks;
  unsigned jobs = 0;                    ///< Threads; 0: one a core.
  std::vector<std::string> modelFiles;  ///< The user's own models.
  Configuration configuration;          ///< Of the project.
};

struct AnalysisResult {
  std::vector<Finding> findings;  ///< Sorted by place and check; all confidences.
  AnalysisSummary summary;
};

/// Analyses. Progress, units that failed and flags that were dropped go to `console` as they are known. One file's
/// failure costs no other's results. Errors, one line each: no database, a bad model file, nothing analysed.
llvm::Expected<AnalysisResult> analyse(const AnalysisOptions& options, const Console& console);

/// "analysed 47 of 48 units (1 failed) in 3.2 s, peak memory 310 MB".
std::string summaryText(const AnalysisSummary& summary);

}  // namespace deadheat
