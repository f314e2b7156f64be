// What a run showed, as findings: each race, lock cycle, deadlock and misuse of a recording in the same form as what the
// checks say, so that both can be matched, merged and rendered alike.
#pragma once

#include <optional>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// One hazard of one recording.
struct DynamicFinding {
  enum class What { Race, LockCycle, Deadlock, Misuse, Gap, Blocked, Crash };
  What what = What::Race;
  /// Origin Dynamic. Verdict: Confirmed with its proof; a lock cycle that did not close is Predicted. Each witness
  /// thread ends in its part of the hazard; `sites` has one for each, at the innermost user frame.
  Finding finding;
  bool atPlannedSites = false;  ///< A race between two sites of the run's plan, a gap between them, or a wait at one.
};

/// All hazards of the recording, without duplicates, in its order.
std::vector<DynamicFinding> dynamicFindings(const Recording& recording, Symbolizer& symbolizer);

/// How the run ended, if by a signal of its own.
std::optional<DynamicFinding> crashIn(const Recording& recording, Symbolizer& symbolizer);

}  // namespace deadheat
