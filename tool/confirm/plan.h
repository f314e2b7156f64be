// Plan: what one run is steered towards, as plain values; the writer's half of runtime/protocol.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "runtime/protocol.h"
#include "tool/symbols/site_map.h"

namespace deadheat {

struct PlannedSite {
  protocol::SiteKind kind = protocol::SiteKind::Read;
  std::uint32_t component = 0;
  auto operator<=>(const PlannedSite&) const = default;
};

/// A module the ranges lie in. Only its base name and build id go into the file.
struct PlannedModule {
  std::string path;
  std::vector<std::uint8_t> buildId;
  auto operator<=>(const PlannedModule&) const = default;
};

struct PlannedRange {
  std::uint32_t module = 0;
  std::uint32_t site = 0;
  CodeRange code;
  auto operator<=>(const PlannedRange&) const = default;
};

/// A deviation in the file's terms: code as a module of the plan and an offset; no module: no code.
struct PlannedDeviation {
  protocol::DeviationKind kind = protocol::DeviationKind::Switch;
  std::uint32_t thread = 0;
  std::uint32_t chosen = 0;
  std::optional<std::uint32_t> module;
  std::uint64_t offset = 0;
  std::uint64_t occurrence = 0;
  std::uint64_t step = 0;
  std::uint64_t hash = 0;
  auto operator<=>(const PlannedDeviation&) const = default;
};

/// One operation of a run: by whom, at which code (module by number; none: a thread starts or ends), after what.
struct TrailStep {
  std::uint32_t thread = 0;
  std::optional<std::uint32_t> module;
  std::uint64_t offset = 0;
  std::uint64_t hash = 0;  ///< Of all steps before it.
  auto operator<=>(const TrailStep&) const = default;
};

/// Every `stride`-th step of a run, from the first.
struct Trail {
  std::uint64_t stride = 1;
  std::vector<TrailStep> steps;
  auto operator<=>(const Trail&) const = default;
};

/// How often a thread uses the object of the focus; as in protocol::PlanFocus.
struct PlannedFocus {
  std::uint32_t thread = 0;
  std::uint32_t parent = 0;
  std::uint64_t count = 0;
  auto operator<=>(const PlannedFocus&) const = default;
};

/// How a controlled run is to go; fields as in protocol::PlanSchedule.
struct PlannedSchedule {
  protocol::ScheduleStrategy strategy = protocol::ScheduleStrategy::Replay;
  protocol::SchedulePoints points = protocol::SchedulePoints::All;
  std::uint32_t depth = 0;
  bool strict = false;
  std::uint64_t expectedSteps = 0;
  std::uint64_t mostSteps = 0;
  std::uint64_t startSeconds = 0;
  std::uint64_t spurious = 0;
  std::uint32_t processor = 0;
  std::uint32_t order = 0;    ///< Of race: who goes first where two meet.
  std::uint32_t records = 0;  ///< Bits of protocol::ScheduleRecords.
  std::uint64_t focus = 0;
  std::vector<PlannedFocus> focusThreads;
  std::vector<PlannedDeviation> deviations;
  Trail trail;                ///< Of a strict replay: what it must be; empty: only the deviations are looked at.
  auto operator<=>(const PlannedSchedule&) const = default;
};

struct Plan {
  protocol::PlanMode mode = protocol::PlanMode::Race;
  std::uint64_t seed = 0;
  std::uint32_t holdMillis = 0;
  std::uint32_t totalHoldMillis = 0;
  std::uint32_t attempt = 0;
  std::vector<PlannedSite> sites;
  std::vector<PlannedModule> modules;
  std::vector<PlannedRange> ranges;
  std::optional<PlannedSchedule> schedule;  ///< Set if and only if the mode is Control.
  auto operator<=>(const Plan&) const = default;
};

/// The bytes of a plan file.
std::string encodePlan(const Plan& plan);

/// What a plan file says; modules come back with their base name as path. One line of error when it is not a plan, of
/// another version, or too short.
llvm::Expected<Plan> decodePlan(llvm::StringRef bytes);

/// Writes the plan; an error of one line when the file cannot be written.
llvm::Error writePlan(const Plan& plan, const std::string& path);

}  // namespace deadheat
