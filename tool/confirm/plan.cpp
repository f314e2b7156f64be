#include "tool/confirm/plan.h"

#include <algorithm>
#include <cstring>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

template <typename T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

protocol::PlanModule encodeModule(const PlannedModule& module) {
  protocol::PlanModule raw{};
  raw.buildIdSize = static_cast<std::uint32_t>(std::min(module.buildId.size(), sizeof(raw.buildId)));
  std::copy_n(module.buildId.begin(), raw.buildIdSize, raw.buildId);
  const llvm::StringRef name = llvm::sys::path::filename(module.path).take_front(sizeof(raw.baseName) - 1);
  std::copy(name.begin(), name.end(), raw.baseName);
  return raw;
}

PlannedModule decodeModule(const protocol::PlanModule& raw) {
  const std::uint32_t size = std::min<std::uint32_t>(raw.buildIdSize, sizeof(raw.buildId));
  return {llvm::StringRef(raw.baseName, sizeof(raw.baseName)).split('\0').first.str(),
          {raw.buildId, raw.buildId + size}};
}

constexpr std::uint32_t kNoModule = ~0u;

void appendSchedule(std::string& out, const PlannedSchedule& schedule) {
  protocol::PlanSchedule raw{};
  raw.strategy = schedule.strategy;
  raw.points = schedule.points;
  raw.depth = schedule.depth;
  raw.strict = schedule.strict;
  raw.expectedSteps = schedule.expectedSteps;
  raw.mostSteps = schedule.mostSteps;
  raw.deviationCount = schedule.deviations.size();
  raw.startSeconds = schedule.startSeconds;
  raw.spurious = schedule.spurious;
  raw.processor = schedule.processor;
  raw.order = schedule.order;
  raw.records = schedule.records;
  raw.focus = schedule.focus;
  raw.focusCount = schedule.focusThreads.size();
  raw.trailCount = schedule.trail.steps.size();
  raw.trailStride = schedule.trail.stride;
  append(out, raw);
  for (const PlannedDeviation& deviation : schedule.deviations)
    append(out, protocol::PlanDeviation{deviation.kind, deviation.thread, deviation.chosen,
                                        deviation.module.value_or(kNoModule), deviation.offset, deviation.occurrence,
                                        deviation.step, deviation.hash});
  for (const PlannedFocus& focus : schedule.focusThreads)
    append(out, protocol::PlanFocus{focus.thread, focus.parent, focus.count});
  for (const TrailStep& step : schedule.trail.steps)
    append(out, protocol::PlanTrailStep{step.hash, step.offset, step.thread, step.module.value_or(kNoModule)});
}

/// Takes a T off the front; the caller has checked that there is one.
template <typename T>
T take(llvm::StringRef& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes = bytes.drop_front(sizeof(T));
  return value;
}

std::optional<PlannedSchedule> takeSchedule(llvm::StringRef bytes) {
  const auto raw = take<protocol::PlanSchedule>(bytes);
  if (bytes.size() / sizeof(protocol::PlanDeviation) < raw.deviationCount) return std::nullopt;
  PlannedSchedule schedule;
  schedule.strategy = raw.strategy;
  schedule.points = raw.points;
  schedule.depth = raw.depth;
  schedule.strict = raw.strict != 0;
  schedule.expectedSteps = raw.expectedSteps;
  schedule.mostSteps = raw.mostSteps;
  schedule.startSeconds = raw.startSeconds;
  schedule.spurious = raw.spurious;
  schedule.processor = raw.processor;
  schedule.order = raw.order;
  schedule.records = raw.records;
  schedule.focus = raw.focus;
  for (std::uint64_t i = 0; i < raw.deviationCount; ++i) {
    const auto entry = take<protocol::PlanDeviation>(bytes);
    std::optional<std::uint32_t> module;
    if (entry.module != kNoModule) module = entry.module;
    schedule.deviations.push_back({entry.kind, entry.thread, entry.chosen, module, entry.offset, entry.occurrence,
                                   entry.step, entry.hash});
  }
  if (bytes.size() / sizeof(protocol::PlanFocus) < raw.focusCount) return std::nullopt;
  for (std::uint64_t i = 0; i < raw.focusCount; ++i) {
    const auto entry = take<protocol::PlanFocus>(bytes);
    schedule.focusThreads.push_back({entry.thread, entry.parent, entry.count});
  }
  if (bytes.size() / sizeof(protocol::PlanTrailStep) < raw.trailCount) return std::nullopt;
  schedule.trail.stride = raw.trailStride;
  for (std::uint64_t i = 0; i < raw.trailCount; ++i) {
    const auto entry = take<protocol::PlanTrailStep>(bytes);
    std::optional<std::uint32_t> module;
    if (entry.module != kNoModule) module = entry.module;
    schedule.trail.steps.push_back({entry.thread, module, entry.offset, entry.hash});
  }
  return schedule;
}

}  // namespace

std::string encodePlan(const Plan& plan) {
  protocol::PlanHeader header{};
  std::memcpy(header.magic, protocol::kPlanMagic, sizeof(header.magic));
  header.version = protocol::kProtocolVersion;
  header.mode = plan.mode;
  header.seed = plan.seed;
  header.holdMillis = plan.holdMillis;
  header.totalHoldMillis = plan.totalHoldMillis;
  header.attempt = plan.attempt;
  header.siteCount = static_cast<std::uint32_t>(plan.sites.size());
  header.moduleCount = static_cast<std::uint32_t>(plan.modules.size());
  header.rangeCount = static_cast<std::uint32_t>(plan.ranges.size());
  std::string out;
  append(out, header);
  for (const PlannedSite& site : plan.sites) append(out, protocol::PlanSite{site.kind, site.component});
  for (const PlannedModule& module : plan.modules) append(out, encodeModule(module));
  for (const PlannedRange& range : plan.ranges)
    append(out, protocol::PlanRange{range.module, range.site, range.code.begin, range.code.end});
  if (plan.schedule) appendSchedule(out, *plan.schedule);
  return out;
}

llvm::Expected<Plan> decodePlan(llvm::StringRef bytes) {
  if (bytes.size() < sizeof(protocol::PlanHeader)) return failure("the plan is too short");
  const auto header = take<protocol::PlanHeader>(bytes);
  if (std::memcmp(header.magic, protocol::kPlanMagic, sizeof(header.magic)) != 0) return failure("this is not a plan");
  if (header.version != protocol::kProtocolVersion)
    return failure("the plan has version ", header.version, ", not ", protocol::kProtocolVersion);
  const std::uint64_t needed = header.siteCount * std::uint64_t{sizeof(protocol::PlanSite)} +
                               header.moduleCount * std::uint64_t{sizeof(protocol::PlanModule)} +
                               header.rangeCount * std::uint64_t{sizeof(protocol::PlanRange)};
  if (header.mode == protocol::PlanMode::Control ? bytes.size() < needed + sizeof(protocol::PlanSchedule)
                                                 : bytes.size() != needed)
    return failure("the plan is ", bytes.size(), " bytes long after its header, not ", needed);
  Plan plan{header.mode, header.seed, header.holdMillis, header.totalHoldMillis, header.attempt, {}, {}, {}, {}};
  for (std::uint32_t i = 0; i < header.siteCount; ++i) {
    const auto site = take<protocol::PlanSite>(bytes);
    plan.sites.push_back({site.kind, site.component});
  }
  for (std::uint32_t i = 0; i < header.moduleCount; ++i)
    plan.modules.push_back(decodeModule(take<protocol::PlanModule>(bytes)));
  for (std::uint32_t i = 0; i < header.rangeCount; ++i) {
    const auto range = take<protocol::PlanRange>(bytes);
    plan.ranges.push_back({range.module, range.site, {range.begin, range.end}});
  }
  if (header.mode == protocol::PlanMode::Control) {
    plan.schedule = takeSchedule(bytes);
    if (!plan.schedule) return failure("the plan's schedule is cut short");
  }
  return plan;
}

llvm::Error writePlan(const Plan& plan, const std::string& path) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    out << encodePlan(plan);
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error) return failure("cannot write '", path, "': ", error.message());
  return llvm::Error::success();
}

}  // namespace deadheat
