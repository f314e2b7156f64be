// Team pairs: races between the threads of a team, between tasks, and between the turns of a vector loop.
#pragma once

#include <vector>

#include "analyzers/checks/race_pairs.h"
#include "analyzers/link/team.h"

namespace deadheat {

/// Which constructs are looked at: those in the function itself; or those in functions it calls, if nobody calls it,
/// because only there is it known what their parameters point to.
enum class TeamView : std::uint8_t { OfItsOwn, OfWhatItCalls };

/// All pairs of `team` that nothing keeps apart: no barrier, lock, order of tasks, privacy of the memory or difference
/// of indices.
std::vector<RacePair> pairsInTeam(const Program& program, const Team& team, TeamView view);

}  // namespace deadheat
