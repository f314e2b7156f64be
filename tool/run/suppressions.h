// Suppressions as the runtime has them (runtime/record/suppressions.h), for what the tool finds out by itself.
#pragma once

#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// A pattern is found anywhere in a name; `^` and `$` bind it to the ends, `*` stands for any text.
bool matchesPattern(llvm::StringRef pattern, llvm::StringRef name);

class Suppressions {
 public:
  /// Lines `kind:pattern`. Only the kinds race, race_top and deadlock are kept.
  explicit Suppressions(const std::vector<std::string>& lines);

  /// By a function or module of either stack, by the innermost function of one (race_top), or by the global variable.
  bool silence(const RecordedRace& race, const Recording& recording, Symbolizer& symbolizer) const;
  /// By a function or module of one of its stacks.
  bool silence(const RecordedLockCycle& cycle, const Recording& recording, Symbolizer& symbolizer) const;

 private:
  std::vector<std::string> race_, raceTop_, deadlock_;
};

}  // namespace deadheat
