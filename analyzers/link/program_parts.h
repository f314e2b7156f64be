// What a Program owns. Private to link/.
#pragma once

#include <optional>

#include "analyzers/link/frame.h"
#include "analyzers/link/program.h"
#include "analyzers/link/team.h"

namespace deadheat {

struct Program::Parts {
  Tables tables;
  Bodies bodies;
  Aliases aliases;
  std::optional<WrittenMemory> writes;
  std::optional<LockPromises> promises;
  std::optional<CommonNames> common;
  std::vector<Summary> summaries;
  std::optional<LinkContext> context;  ///< Refers to the parts above.
  std::vector<Scope> scopes;
  std::vector<Team> teams;
  std::vector<DoubleLock> doubleLocks;
  std::vector<LockIncident> lockIncidents;
  std::vector<BrokenFact> brokenPromises;
  LinkStatistics statistics;
};

}  // namespace deadheat
