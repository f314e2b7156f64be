#include "tool/pipeline/analysis.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/link/program.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "tool/cache/findings_cache.h"
#include "tool/cache/identity.h"
#include "tool/cache/store.h"
#include "tool/cache/upkeep.h"
#include "tool/pipeline/extraction.h"
#include "tool/pipeline/units.h"
#include "tool/workers/heap.h"

namespace deadheat {
namespace {

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Of this process, or of the largest of its children that have ended.
std::uint64_t peakMemoryBytes(int whose) {
  rusage usage{};
  getrusage(whose, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

[[noreturn]] void endBySignal(int signal) {
  std::signal(signal, SIG_DFL);
  raise(signal);
  std::abort();  // not reached: the default of these signals ends the process
}

/// Counts what came out of extraction into `summary`.
void summarize(const std::vector<CompileCommand>& commands, const ExtractedUnits& units, AnalysisSummary& summary) {
  summary.unitsFromCache = static_cast<std::uint32_t>(units.fromCache);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const UnitRecord& record = units.records[i];
    summary.functions += record.functions;
    if (record.parsed || record.functions != 0) ++summary.unitsAnalysed;
    if (!record.parsed)
      summary.failures.push_back({absolutePath(commands[i].file, commands[i].directory), record.failure});
    auto& dropped = summary.droppedFlags;
    dropped.insert(dropped.end(), record.droppedFlags.begin(), record.droppedFlags.end());
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
void tellUnusedModels(const ModelSet& models, const ExtractedUnits& units, const Console& console) {
  std::set<std::string, std::less<>> used;
  for (const UnitRecord& record : units.records) used.insert(record.usedModels.begin(), record.usedModels.end());
  for (const ModelEntry& entry : models.userEntries())
    if (!used.contains(entryKey(entry)))
      console.warning(entryKey(entry) + ": model of '" + entry.name +
                      "' matches nothing in the analysed code [unused-model]");
}

using Checks = std::vector<const Check*>;

Checks selectedChecks(const CheckSelection& selection) {
  Checks selected;
  for (const Check& check : allChecks())
    if (check.isStatic() && selection.selects(check.info.id)) selected.push_back(&check);
  return selected;
}

/// Stands for all that findings follow from.
Digest findingsKey(const Checks& checks, const ExtractedUnits& units) {
  DigestBuilder key;
  key.add(toolIdentity());
  for (const Check* check : checks) key.add(check->info.id);
  for (const UnitRecord& record : units.records)
    if (record.hasFacts) key.add(record.facts);
  return key.finish();
}

/// Link and checks, timed.
std::vector<Finding> linkAndCheck(Units& units, const Checks& checks, AnalysisSummary& summary) {
  Stopwatch linkTime;
  Program program = link(units);
  summary.linkSeconds = linkTime.seconds();
  Stopwatch checkTime;
  std::vector<Finding> findings = runChecks(checks, program);
  summary.checkSeconds = checkTime.seconds();
  return findings;
}

/// The findings of all checks that are selected, wherever they are: from the cache if it knows these facts.
std::vector<Finding> findHazards(const AnalysisOptions& options, const ExtractionTask& task, ExtractedUnits& units,
                                 AnalysisSummary& summary) {
  const Checks checks = selectedChecks(options.checks);
  const FindingsCache cache(task.cache.folder(), findingsKey(checks, units));
  if (auto known = cache.find()) return std::move(*known);
  StoredFacts facts(task, units);
  std::vector<Finding> findings = linkAndCheck(facts, checks, summary);
  if (units.signal != 0) return {};
  FindingsCache(task.cache.folder(), findingsKey(checks, units)).keep(findings);
  return findings;
}

llvm::Error nothingAnalysed(const AnalysisSummary& summary) {
  return llvm::createStringError(
      llvm::formatv("nothing was analysed: none of {0} units could be parsed, see the reasons above",
                    summary.unitsSelected)
          .str());
}

}  // namespace

llvm::Expected<AnalysisResult> analyse(const AnalysisOptions& options, const Console& console) {
  keepHeap();
  auto models = loadModels(options.configuration, options.modelFiles);
  if (!models) return models.takeError();
  auto database = findDatabase(options.database);
  if (!database) return database.takeError();
  auto units = selectUnits(*database, options.filter);
  if (!units) return units.takeError();

  auto store = Store::open(options.cache, console);
  if (!store) return store.takeError();

  AnalysisResult result;
  AnalysisSummary& summary = result.summary;
  summary.unitsInDatabase = static_cast<std::uint32_t>(units->inDatabase);
  summary.unitsSelected = static_cast<std::uint32_t>(units->commands.size());

  Stopwatch extractTime;
  const UnitCache cache(store->folder(), extractionIdentity(*models));
  const ExtractionTask task{units->commands, *models, cache, options.limits, console};
  ExtractedUnits extracted = extractUnits(task);
  summary.extractSeconds = extractTime.seconds();
  if (extracted.fromCache < units->commands.size()) summary.workerMemoryBytes = peakMemoryBytes(RUSAGE_CHILDREN);
  bool isAnyAnalysed = false;
  for (const UnitRecord& record : extracted.records) isAnyAnalysed |= record.parsed || record.functions != 0;
  if (extracted.signal == 0 && isAnyAnalysed) result.findings = findHazards(options, task, extracted, summary);
  if (extracted.signal != 0) {
    { Store gone = std::move(*store); }
    endBySignal(extracted.signal);
  }
  std::erase_if(result.findings, [&](const Finding& finding) { return !options.filter.covers(finding); });
  summary.failures = units->missing;
  summarize(units->commands, extracted, summary);
  tell(summary, console);
  tellUnusedModels(*models, extracted, console);
  if (summary.unitsAnalysed == 0) return nothingAnalysed(summary);
  if (store->lasts() && extracted.fromCache < units->commands.size()) collectGarbageNowAndThen(store->folder());
  summary.peakMemoryBytes = std::max(peakMemoryBytes(RUSAGE_SELF), peakMemoryBytes(RUSAGE_CHILDREN));
  return result;
}

std::string summaryText(const AnalysisSummary& summary) {
  double seconds = summary.extractSeconds + summary.linkSeconds + summary.checkSeconds;
  std::vector<std::string> remarks;
  if (!summary.failures.empty()) remarks.push_back(std::to_string(summary.failures.size()) + " failed");
  if (summary.unitsFromCache != 0) remarks.push_back(std::to_string(summary.unitsFromCache) + " from the cache");
  std::string remark = remarks.empty() ? "" : " (" + llvm::join(remarks, ", ") + ")";
  std::string memory = std::to_string(summary.peakMemoryBytes >> 20) + " MB";
  if (summary.workerMemoryBytes != 0) memory += " (worker " + std::to_string(summary.workerMemoryBytes >> 20) + " MB)";
  return llvm::formatv(
      "analysed {0} of {1} units{2} in {3:f1} s (extract {4:f1}, link {5:f1}, check {6:f1}), peak memory {7}",
      summary.unitsAnalysed, summary.unitsSelected, remark, seconds, summary.extractSeconds, summary.linkSeconds,
      summary.checkSeconds, memory);
}

}  // namespace deadheat
