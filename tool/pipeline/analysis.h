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
#include "tool/workers/worker_pool.h"

namespace deadheat {

struct AnalysisOptions {
  std::string database;  ///< Folder or file; empty: found near the current folder.
  PathFilter filter;
  CheckSelection checks;
  JobLimits limits;                     ///< Of the extraction.
  std::vector<std::string> modelFiles;  ///< The user's own models.
  Configuration configuration;          ///< Of the project.
  std::string cache;                    ///< Folder of the cache; empty: none.
};

struct AnalysisResult {
  std::vector<Finding> findings;  ///< Sorted by place and check; all confidences.
  AnalysisSummary summary;
};

/// Analyses. What the cache knows is not done again: no unit is extracted whose command and inputs are as they were, and
/// nothing is linked and checked if no facts differ. REQUIRES: the process has one thread; a signal that ends programs
/// (SIGINT) ends this one after the workers have gone and the bar is cleared. Progress, units that failed and flags that were dropped go to `console` as they are known. One file's
/// failure costs no other's results. Errors, one line each: no database, a bad model file, nothing analysed.
llvm::Expected<AnalysisResult> analyse(const AnalysisOptions& options, const Console& console);

/// "analysed 47 of 48 units (1 failed, 40 from the cache) in 3.2 s, peak memory 310 MB (worker 140 MB)".
std::string summaryText(const AnalysisSummary& summary);

}  // namespace deadheat
