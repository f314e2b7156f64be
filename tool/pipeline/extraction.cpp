#include "tool/pipeline/extraction.h"

#include "analyzers/facts/archive.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"
#include "tool/console/progress.h"

namespace deadheat {
namespace {

using Indices = std::vector<std::size_t>;

UnitRecord failedRecord(std::string reason) {
  UnitRecord record;
  record.failure = std::move(reason);
  return record;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk() { return llvm::vfs::createPhysicalFileSystem().release(); }

/// One unit, in a worker.
UnitRecord extractOne(const ExtractionTask& task, std::size_t unit, SourceFiles& files) {
  ExtractOptions options;
  options.files = &files;
  options.crash = ExtractOptions::Crash::Ends;
  const Extraction extraction = extract(task.commands[unit], task.models, options);
  files.trim();
  auto record = task.cache.keep(task.commands[unit], extraction);
  return record ? std::move(*record) : failedRecord(llvm::toString(record.takeError()));
}

/// Extracts `wanted`, an index of a command each, and fills in their records.
void extractInWorkers(const ExtractionTask& task, const Indices& wanted, ExtractedUnits& units) {
  Progress progress(task.console, "analysing", wanted.size());
  SourceFiles files(disk());  // each worker has a copy of its own
  units.signal = runJobs(
      wanted.size(), task.limits,
      [&](std::size_t job) { return encode(extractOne(task, wanted[job], files)); },
      [&](std::size_t job, JobOutcome outcome) {
        auto record = outcome.failure.empty() ? decodeUnitRecord(outcome.output) : failedRecord(outcome.failure);
        units.records[wanted[job]] = record ? std::move(*record) : failedRecord("its worker answered nonsense");
        progress.advance(llvm::sys::path::filename(task.commands[wanted[job]].file));
      });
}

/// Reads the facts of all records that have some, in parallel; the indices of those that could not be read.
Indices readFacts(const ExtractionTask& task, const ExtractedUnits& units, std::vector<std::optional<TuFacts>>& facts) {
  llvm::StdThreadPool pool(llvm::hardware_concurrency(task.limits.workers));
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (!units.records[i].hasFacts || facts[i]) continue;
    pool.async([&, i] {
      auto archive = task.cache.facts(units.records[i]);
      if (!archive) return;
      auto read = deadheat::readFacts(*archive, task.commands[i].file);
      if (read)
        facts[i] = std::move(*read);
      else
        llvm::consumeError(read.takeError());
    });
  }
  pool.wait();
  Indices missing;
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (units.records[i].hasFacts && !facts[i]) missing.push_back(i);
  return missing;
}

}  // namespace

ExtractedUnits extractUnits(const ExtractionTask& task) {
  ExtractedUnits units;
  units.records.resize(task.commands.size());
  SourceFiles files(disk());
  Indices wanted;
  for (std::size_t i = 0; i < task.commands.size(); ++i) {
    if (auto known = task.cache.find(task.commands[i], files))
      units.records[i] = std::move(*known);
    else
      wanted.push_back(i);
  }
  units.fromCache = task.commands.size() - wanted.size();
  if (!wanted.empty()) extractInWorkers(task, wanted, units);
  return units;
}

std::vector<TuFacts> loadFacts(const ExtractionTask& task, ExtractedUnits& units) {
  std::vector<std::optional<TuFacts>> facts(units.records.size());
  Indices missing = readFacts(task, units, facts);
  if (!missing.empty()) {
    extractInWorkers(task, missing, units);
    missing = readFacts(task, units, facts);
  }
  for (std::size_t i : missing) units.records[i] = failedRecord("its facts could not be read back");
  std::vector<TuFacts> all;
  for (std::optional<TuFacts>& each : facts)
    if (each) all.push_back(std::move(*each));
  return all;
}

}  // namespace deadheat
