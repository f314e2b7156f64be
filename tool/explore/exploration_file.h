// What an exploration has done and found, in a file: to go on later, and to put shards together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/explore/explore.h"

namespace deadheat {

struct ExplorationFile {
  std::string program;
  std::string buildId;     ///< Hexadecimal. Explorations of different builds have nothing to do with each other.
  std::string strategy;
  std::string points;
  std::uint64_t seed = 0;
  Shard shard;
  std::size_t made = 0;    ///< Runs planned and taken, of this shard.
  ExploreResult result;    ///< `runs` counts all that were made.
};

/// `exploration.json` in the folder; shards have names of their own.
std::string explorationPath(const std::string& folder, const Shard& shard);

/// Errors of one line: cannot be written or read; not such a file.
llvm::Error writeExploration(const ExplorationFile& file, const std::string& path);
llvm::Expected<ExplorationFile> readExploration(const std::string& path);

/// One exploration out of several, whatever their order: each failure as it was found first. Error: they are of different
/// programs. REQUIRES: there is one.
llvm::Expected<ExplorationFile> mergeExplorations(std::vector<ExplorationFile> files);

}  // namespace deadheat
