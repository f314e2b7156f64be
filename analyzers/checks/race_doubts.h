// Doubts: what speaks against a pair of accesses being a race although no lock, join or hand-over orders it. Each rule
// is an assumption about how programs are written; none makes a pair disappear, all lower how far it can be relied on.
#pragma once

#include "analyzers/checks/race_pairs.h"

namespace deadheat {

/// Lowers the pair's confidence, and says why, where lifetimes or aliases are probably ordered by means not seen here.
void raiseDoubts(const Program& program, RacePair& pair);

}  // namespace deadheat
