// Sound prediction from one trace: pairs of accesses and cycles of acquisitions that another run, which goes like this one
// up to there, makes at the same time.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "tool/predict/trace_order.h"

namespace deadheat {

/// Bounds of a search, so that a long trace costs no more than it may bring. What is left out is not predicted, never the
/// other way round.
struct PredictionLimits {
  std::size_t mostWork = 2'000'000;     ///< Looks at locks while ideals are closed.
  std::size_t mostGroups = 48;          ///< Of accesses (thread, place, locks held) to the same eight bytes.
  std::size_t longestCycle = 4;
};

/// Two accesses to the same bytes by different threads, one a write, not both atomic; in order of the trace.
using PredictedRace = std::array<std::size_t, 2>;
/// One of each pair of places. Cost: about groups of accesses to the same bytes, squared, times locks.
std::vector<PredictedRace> predictRaces(const TraceOrder& order, const PredictionLimits& limits = {});

/// Acquisitions of different threads, each of a lock that the next one's thread holds; the last one's is the first one's.
using PredictedDeadlock = std::vector<std::size_t>;
/// One of each set of places.
std::vector<PredictedDeadlock> predictDeadlocks(const TraceOrder& order, const PredictionLimits& limits = {});

}  // namespace deadheat
