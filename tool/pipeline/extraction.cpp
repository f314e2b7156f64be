#include "tool/pipeline/extraction.h"

#include "analyzers/facts/archive.h"
#include "llvm/Support/Path.h"
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

StoredFacts::StoredFacts(const ExtractionTask& task, ExtractedUnits& units)
    : task_(task), units_(units), given_(units.records.size()) {}

std::optional<TuFacts> StoredFacts::read(std::size_t number) {
  UnitRecord& record = units_.records[number];
  if (!record.hasFacts || units_.signal != 0) return std::nullopt;
  std::optional<TuFacts> facts = load(number);
  if (!facts) {
    extractInWorkers(task_, {number}, units_);
    if (record.hasFacts) facts = load(number);
  }
  if (facts && given_[number].value_or(record.facts) != record.facts) {
    record = failedRecord("its sources changed while they were analysed");
    return std::nullopt;
  }
  if (!facts) {
    if (record.failure.empty()) record = failedRecord("its facts could not be read back");
    return std::nullopt;
  }
  given_[number] = record.facts;
  return facts;
}

std::optional<TuFacts> StoredFacts::load(std::size_t number) const {
  auto archive = task_.cache.facts(units_.records[number]);
  if (!archive) return std::nullopt;
  auto facts = readFacts(*archive, task_.commands[number].file);
  if (facts) return std::move(*facts);
  llvm::consumeError(facts.takeError());
  return std::nullopt;
}

}  // namespace deadheat
