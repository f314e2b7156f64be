// The one pair of operations whose order decides whether a schedule fails: between a failing schedule and the nearest that
// passes, by bisection.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tool/explore/schedule_runner.h"
#include "tool/explore/stored_schedule.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// How a run under a schedule went.
struct TriedSchedule {
  ScheduleRun run;
  bool fails = false;
};
/// Runs the schedule leniently, recording its trace.
using TrySchedule = std::function<llvm::Expected<TriedSchedule>(const StoredSchedule&)>;

/// REQUIRES: `stored` fails, and not without its last switch. The last switch is made later and later, as late as it still
/// fails: there the thread that is kept waiting stands at the one operation, and one of those made meanwhile on the same
/// object is the other. A sentence: "what decides: thread 'pay' at bank.cpp:31 comes before main at bank.cpp:24". Empty: the
/// last deviation is no switch, or no two operations meet. Cost: about log2 of the operations of that thread in runs.
llvm::Expected<std::string> decisivePair(const StoredSchedule& stored, const std::vector<std::string>& names,
                                         Symbolizer& symbolizer, const TrySchedule& tries);

}  // namespace deadheat
