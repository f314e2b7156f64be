// From the events of a controlled run to what they predict, in the terms of a recording: as it would have told, had it
// happened.
#pragma once

#include <vector>

#include "tool/predict/observed_trace.h"
#include "tool/symbols/recording.h"

namespace deadheat {

struct PredictedHazards {
  std::vector<RecordedRace> races;
  std::vector<RecordedLockCycle> cycles;
};

/// The run must have been asked for its events (protocol::kRecordEvents); else nothing is predicted.
///
/// Sound as far as the events have all that orders threads and all that they read: what libraries that were not instrumented
/// read, what comes from outside, and accesses that the plan does not make points are not among them.
PredictedHazards predictedHazards(const Recording& run);

/// The run as prediction sees it, and which of the run's events each of its events is.
struct ObservedRun {
  ObservedTrace trace;
  std::vector<std::size_t> recorded;
};
ObservedRun observedRun(const std::vector<protocol::EventEntry>& events);

}  // namespace deadheat
