// The cache's memory of findings: they follow from the facts of all units, the checks that ran and the program that ran
// them, so equal facts need neither link nor checks.
#pragma once

#include <optional>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/cache/cache_folder.h"

namespace deadheat {

class FindingsCache {
 public:
  /// `key` stands for all that the findings follow from.
  FindingsCache(const CacheFolder& folder, const Digest& key) : folder_(folder), name_(entryName(key)) {}

  std::optional<std::vector<Finding>> find() const;
  /// Best effort: a full disk costs time in the next run, nothing in this one.
  void keep(const std::vector<Finding>& findings) const;

 private:
  const CacheFolder& folder_;
  std::string name_;
};

}  // namespace deadheat
