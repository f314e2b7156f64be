// The first step of an analysis: from compile commands to facts that lie in a store, by way of the cache where it knows
// a unit, of worker processes where it does not.
#pragma once

#include <optional>
#include <vector>

#include "analyzers/extract/extract.h"
#include "analyzers/link/units.h"
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

/// The facts of all units that have some, in the order of the commands, for link. They stay in the store and are read when
/// asked for. Those that went from the cache meanwhile are extracted again; the record says if even that did not help.
class StoredFacts : public Units {
 public:
  /// Both are used as long as this lives; `units` learns of failures and signals.
  StoredFacts(const ExtractionTask& task, ExtractedUnits& units);

  std::size_t count() const override { return units_.records.size(); }
  std::optional<TuFacts> read(std::size_t number) override;

 private:
  std::optional<TuFacts> load(std::size_t number) const;

  const ExtractionTask& task_;
  ExtractedUnits& units_;
  std::vector<std::optional<Digest>> given_;  ///< By unit: the digest of the facts that were given out.
};

}  // namespace deadheat
