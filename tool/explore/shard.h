// Which part of an exploration is this process's, as asked for or as a test runner or cluster says.
#pragma once

#include <string>

#include "llvm/Support/Error.h"
#include "tool/explore/explore.h"

namespace deadheat {

/// `text`: `I/N`, the first being 1/N. Empty: from the environment, TEST_SHARD_INDEX and TEST_TOTAL_SHARDS (Bazel's and
/// googletest's) or SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT; all of it if there is none. Error: not such a part.
llvm::Expected<Shard> shardOf(const std::string& text);

}  // namespace deadheat
