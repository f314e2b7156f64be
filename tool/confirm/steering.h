// Steering: findings' sites looked up in the program's modules, ready to become plans.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/confirm/plan.h"

namespace deadheat {

/// Sites with their ranges; places that cannot be told apart in the binary are one site, unless one thread looks there and
/// acts. Of a race the further places of the finding are sites, too. Those that a run must reach come first.
struct PlanShape {
  std::vector<PlannedSite> sites;
  std::vector<PlannedRange> ranges;
  std::vector<SourcePoint> points;  ///< One a site.
  std::size_t reachable = 0;        ///< How many must be reached.
};

/// The obstacle of findings that name no operation.
inline constexpr std::string_view kUndirected = "runs cannot be directed at this kind of bug";

/// What can be steered to for one finding.
struct SteeringTarget {
  std::string obstacle;  ///< Why there is nothing to steer to; empty when there is.
  protocol::PlanMode mode = protocol::PlanMode::Race;  ///< Of free runs; of races and deadlocks only.
  protocol::ScheduleStrategy strategy = protocol::ScheduleStrategy::Race;  ///< Of controlled ones.
  std::vector<PlannedModule> modules;
  PlanShape lines;    ///< Everything on the sites' lines.
  PlanShape columns;  ///< Only what starts at their columns; same as `lines` where the binary has no such code.
};

/// One target for each finding. Modules that cannot be read count as having no site.
std::vector<SteeringTarget> findTargets(const std::vector<Finding>& findings,
                                        const std::vector<PlannedModule>& modules);

}  // namespace deadheat
