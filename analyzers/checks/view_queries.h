// Questions that several checks ask of a function's control-flow graph.
#pragma once

#include <vector>

#include "analyzers/link/function_view.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Which blocks may come after `from`, not counting itself unless a loop leads back. `except` is not gone through.
std::vector<bool> reachableFrom(const Body& body, std::uint32_t from, std::uint32_t except = 0xffffffff);

/// Whether a loop leads from the block back to it.
bool isInLoop(const Body& body, std::uint32_t block);

/// Whether one of the block's ways leads out of the loop it is in.
bool leavesLoop(const Body& body, std::uint32_t block);

/// Whether the read, made without a lock, decides if a loop goes on.
bool turnsLoop(const Program& program, const AccessFact& read);

/// Whether `to` is run on one side of the branch that ends `from` only.
bool isDecidedBy(const Body& body, std::uint32_t from, std::uint32_t to);

}  // namespace deadheat
