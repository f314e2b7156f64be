// The first step of an analysis: from compile commands to facts that lie in a store, by way of the cache where it knows
// a unit, of worker processes where it does not.
#pragma once

#include <vector>

#include "analyzers/extract/extract.h"
#include "tool/cache/unit_record.h"
#include "tool/console/console.h"
#include "tool/workers/worker_pool.h"

namespace deadheat {

/// What is extracted, how, and where facts go.
struct ExtractionTask {
  const std::vector<CompileCommand>& commands;
  const ModelSet& models;
  const UnitCache& cache;
  const JobLimits& limits;
  const Console& console;
};

struct ExtractedUnits {
  std::vector<UnitRecord> records;  ///< One a command.
  std::size_t fromCache = 0;
  int signal = 0;  ///< Came while units were extracted: what was done is kept, the rest is missing.
};

/// Extracts what the cache does not know. A unit that crashes, hangs or eats the memory has a record that says so.
ExtractedUnits extractUnits(const ExtractionTask& task);

/// The facts of all units that have some, in the order of the commands. Those that went from the cache meanwhile are
/// extracted again; the record says if even that did not help.
std::vector<TuFacts> loadFacts(const ExtractionTask& task, ExtractedUnits& units);

}  // namespace deadheat
