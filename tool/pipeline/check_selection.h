// Which checks run: `--checks=` lists of globs, as clang-tidy users know them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzers/models/glob.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// An ordered list of globs; the last one that matches an id decides.
class CheckSelection {
 public:
  /// Everything is selected.
  CheckSelection() = default;

  /// Reads comma-separated globs, each with `-` in front to take checks out; starts from nothing if the first one adds.
  /// A glob that matches none of the known checks is an error that suggests the nearest id.
  static llvm::Expected<CheckSelection> parse(const std::vector<std::string>& lists);

  bool selects(std::string_view checkId) const;

 private:
  struct Entry {
    Glob pattern;
    bool adds;
  };
  std::vector<Entry> entries_;
};

/// The known check id nearest to `text`, or empty if none is near.
std::string nearestCheck(std::string_view text);

/// "unknown check 'dead-lock'; did you mean 'double-lock'? `deadheat list-checks` shows all".
std::string unknownCheck(std::string_view text);

}  // namespace deadheat
