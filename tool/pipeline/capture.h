// Capture: a compilation database from watching a build, for `deadheat check -- make …`.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/Error.h"

namespace deadheat {

/// Runs the build under `bear`, with its own streams (stdout goes to our stderr), and returns the path of the database
/// it wrote in `folder`. A build that fails still gives what it compiled; `buildFailed` tells. Errors, one line each:
/// bear is not installed, the build compiled nothing.
llvm::Expected<std::string> captureBuild(const std::vector<std::string>& build, const std::string& folder,
                                         bool& buildFailed);

}  // namespace deadheat
