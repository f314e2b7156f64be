// Trials: what the steered runs for one finding have shown, and why they proved nothing.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/confirm/steering.h"
#include "tool/symbols/recording.h"

namespace deadheat {

struct Trials {
  unsigned finished = 0;
  unsigned reachedAll = 0;    ///< Runs in which every site was reached.
  unsigned reachedByTwo = 0;  ///< Of those, runs in which at least two threads did.
  unsigned held = 0;          ///< Runs in which a thread was held at a site.
  unsigned timedOut = 0;
  unsigned crashed = 0;
  unsigned untilShown = 0;  ///< Runs up to the one that showed the finding as the verdict says; 0: none of them did.
  std::set<SourcePoint> everReached;
  std::string apart;          ///< Why the acquisitions of a cycle can never be made at the same time; empty: not known.

  /// Counts a run steered by `shape`; it has a recording for each of its processes.
  void count(const std::vector<Recording>& run, const PlanShape& shape);
};

/// One clause for the verdict: which site was never reached, or what kept the threads apart.
std::string whyNotReproduced(const Trials& trials, const SteeringTarget& target);

}  // namespace deadheat
