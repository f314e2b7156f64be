// What a Program owns. Private to link/.
#pragma once

#include "analyzers/link/program.h"

namespace deadheat {

struct Program::Parts {
  std::vector<TuFacts> units;  ///< Lowered bodies point into these.
  Tables tables;
  Bodies bodies;
  std::vector<Summary> summaries;
  std::vector<Scope> scopes;
  std::vector<DoubleLock> doubleLocks;
  LinkStatistics statistics;
};

}  // namespace deadheat
