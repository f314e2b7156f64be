#include "tool/pipeline/analysis.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/extract/extract.h"
#include "analyzers/link/program.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"
#include "tool/console/progress.h"
#include "tool/pipeline/units.h"

namespace deadheat {
namespace {

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::uint64_t peakMemoryBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::vector<Extraction> extractAll(const std::vector<CompileCommand>& commands, const ModelSet& models, unsigned jobs,
                                   const Console& console) {
  std::vector<Extraction> extractions(commands.size());
  Progress progress(console, "analysing", commands.size());
  llvm::StdThreadPool pool(llvm::hardware_concurrency(jobs));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    pool.async([&, i] {
      extractions[i] = extract(commands[i], models);
      progress.advance(llvm::sys::path::filename(commands[i].file));
    });
  }
  pool.wait();
  return extractions;
}

/// The first error of a unit, with its place.
std::string failureReason(const TuFacts& facts) {
  for (const Diagnostic& diagnostic : facts.diagnostics) {
    if (diagnostic.severity != Diagnostic::Severity::Error) continue;
    if (!diagnostic.location.valid() || diagnostic.location.file >= facts.files.size()) return diagnostic.message;
    return llvm::formatv("{0}:{1}: {2}", facts.files[diagnostic.location.file], diagnostic.location.line,
                         diagnostic.message);
  }
  return "could not be parsed";
}

/// Counts what came out of extraction into `summary`.
void summarize(const std::vector<CompileCommand>& commands, const std::vector<Extraction>& extractions,
               AnalysisSummary& summary) {
  for (std::size_t i = 0; i < extractions.size(); ++i) {
    const Extraction& extraction = extractions[i];
    auto functions = static_cast<std::uint32_t>(extraction.facts.functions.size());
    summary.functions += functions;
    if (extraction.parsed || functions != 0) ++summary.unitsAnalysed;
    if (!extraction.parsed)
      summary.failures.push_back(
          {absolutePath(commands[i].file, commands[i].directory), failureReason(extraction.facts)});
    auto& dropped = summary.droppedFlags;
    dropped.insert(dropped.end(), extraction.droppedFlags.begin(), extraction.droppedFlags.end());
  }
  std::sort(summary.droppedFlags.begin(), summary.droppedFlags.end());
  summary.droppedFlags.erase(std::unique(summary.droppedFlags.begin(), summary.droppedFlags.end()),
                             summary.droppedFlags.end());
}

void tell(const AnalysisSummary& summary, const Console& console) {
  for (const UnitFailure& failure : summary.failures) console.warning(failure.file + ": " + failure.reason);
  if (!summary.droppedFlags.empty())
    console.info("compiler flags that Clang does not know were left out: " + llvm::join(summary.droppedFlags, " "));
}

/// An entry that matches nothing is a mistake more often than not: a name that was misspelt or has changed.
void tellUnusedModels(const ModelSet& models, const std::vector<Extraction>& extractions, const Console& console) {
  std::set<std::string, std::less<>> used;
  for (const Extraction& extraction : extractions)
    used.insert(extraction.facts.usedModels.begin(), extraction.facts.usedModels.end());
  for (const ModelEntry& entry : models.userEntries())
    if (!used.contains(entryKey(entry)))
      console.warning(entryKey(entry) + ": model of '" + entry.name +
                      "' matches nothing in the analysed code [unused-model]");
}

std::vector<TuFacts> takeFacts(std::vector<Extraction>& extractions) {
  std::vector<TuFacts> facts;
  facts.reserve(extractions.size());
  for (Extraction& extraction : extractions) facts.push_back(std::move(extraction.facts));
  return facts;
}

std::vector<Finding> runSelected(const Program& program, const AnalysisOptions& options) {
  std::vector<const Check*> selected;
  for (const Check& check : allChecks())
    if (check.isStatic() && options.checks.selects(check.info.id)) selected.push_back(&check);
  std::vector<Finding> findings = runChecks(selected, program);
  std::erase_if(findings, [&](const Finding& finding) { return !options.filter.covers(finding); });
  return findings;
}

/// Link and checks, timed.
std::vector<Finding> findHazards(std::vector<TuFacts> facts, const AnalysisOptions& options, AnalysisSummary& summary) {
  Stopwatch linkTime;
  Program program = link(std::move(facts));
  summary.linkSeconds = linkTime.seconds();
  Stopwatch checkTime;
  std::vector<Finding> findings = runSelected(program, options);
  summary.checkSeconds = checkTime.seconds();
  return findings;
}

}  // namespace

llvm::Expected<AnalysisResult> analyse(const AnalysisOptions& options, const Console& console) {
  auto models = loadModels(options.configuration, options.modelFiles);
  if (!models) return models.takeError();
  auto database = findDatabase(options.database);
  if (!database) return database.takeError();
  auto units = selectUnits(*database, options.filter);
  if (!units) return units.takeError();

  AnalysisResult result;
  AnalysisSummary& summary = result.summary;
  summary.unitsInDatabase = static_cast<std::uint32_t>(units->inDatabase);
  summary.unitsSelected = static_cast<std::uint32_t>(units->commands.size());
  summary.failures = units->missing;

  Stopwatch extractTime;
  std::vector<Extraction> extractions = extractAll(units->commands, *models, options.jobs, console);
  summary.extractSeconds = extractTime.seconds();
  summarize(units->commands, extractions, summary);
  tell(summary, console);
  tellUnusedModels(*models, extractions, console);
  if (summary.unitsAnalysed == 0)
    return llvm::createStringError(
        llvm::formatv("nothing was analysed: none of {0} units could be parsed, see the reasons above",
                      summary.unitsSelected)
            .str());
  result.findings = findHazards(takeFacts(extractions), options, summary);
  summary.peakMemoryBytes = peakMemoryBytes();
  return result;
}

std::string summaryText(const AnalysisSummary& summary) {
  double seconds = summary.extractSeconds + summary.linkSeconds + summary.checkSeconds;
  std::string failed = summary.failures.empty() ? "" : llvm::formatv(" ({0} failed)", summary.failures.size()).str();
  return llvm::formatv(
      "analysed {0} of {1} units{2} in {3:f1} s (extract {4:f1}, link {5:f1}, check {6:f1}), peak memory {7} MB",
      summary.unitsAnalysed, summary.unitsSelected, failed, seconds, summary.extractSeconds, summary.linkSeconds,
      summary.checkSeconds, summary.peakMemoryBytes >> 20);
}

}  // namespace deadheat
