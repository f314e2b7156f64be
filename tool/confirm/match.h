// Whether what a run showed is what a check suspected.
#pragma once

#include "analyzers/findings/finding.h"
#include "tool/run/dynamic_findings.h"

namespace deadheat {

/// The run shows the suspected hazard itself: both accesses, or all acquisitions, stand at the finding's sites (file and
/// line of one of the innermost user frames, in any order), or have the same functions and variable. A hazard that ends in
/// a hang (CheckInfo::endsInHang) is shown by a thread that waits for good for its subject or at one of its places; one that
/// has consequences of other kinds (CheckInfo::shownBy), by a thread that passes one of its places on its way to them.
/// One of tasks (CheckInfo::ofTasks) by what a run finds wrong about a task at a step of its witness: a use of what was freed,
/// or a misuse that the same check tells of, or of the lock that it is about.
bool showsTheSame(const DynamicFinding& seen, const Finding& suspected);

/// Not the same operations, but the same trouble: another pair of accesses to the suspected variable, or a site with
/// itself. Once the finding is confirmed there is nothing new in it.
bool partOf(const DynamicFinding& seen, const Finding& suspected);

}  // namespace deadheat
