// Builds the scopes of a program from frames and summaries.
#pragma once

#include <vector>

#include "analyzers/link/call_graph.h"
#include "analyzers/link/frame.h"
#include "analyzers/link/scope.h"

namespace deadheat {

/// `frames` holds the facts of every function that has threads, by FunctionIndex.
std::vector<Scope> buildScopes(const LinkContext& context, std::vector<FrameFacts> frames);

}  // namespace deadheat
