// Finds the teams of a program: see team.h.
#pragma once

#include <vector>

#include "analyzers/link/frame.h"
#include "analyzers/link/team.h"

namespace deadheat {

/// All of them, in the order of functions. Linear in what the frames hold.
std::vector<Team> findTeams(const LinkContext& context, const std::vector<FrameFacts>& frames);

}  // namespace deadheat
