#include "tool/confirm/steering.h"

#include <algorithm>
#include <map>

#include "llvm/Support/Path.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

using RangesByModule = std::vector<SiteRanges>;  ///< Of one place, one entry a module.
using PlaceTable = std::map<SourcePoint, RangesByModule>;

PlaceTable lookUpPlaces(const std::vector<Finding>& findings, const std::vector<PlannedModule>& modules) {
  PlaceTable table;
  std::vector<SourcePoint> points;
  auto add = [&](const SourcePoint& point) {
    if (table.emplace(point, modules.size()).second) points.push_back(point);
  };
  for (const Finding& finding : findings)
    for (const Site& site : finding.sites) {
      add(site.point);
      if (!site.heldSince.file.empty()) add(site.heldSince);
    }
  for (const Finding& finding : findings)
    for (const Site& place : finding.places) add(place.point);
  for (std::size_t m = 0; m < modules.size(); ++m) {
    auto mapped = mapSites(modules[m].path, points);
    if (!mapped) {
      llvm::consumeError(mapped.takeError());
      continue;
    }
    for (std::size_t i = 0; i < points.size(); ++i) table[points[i]][m] = std::move((*mapped)[i]);
  }
  return table;
}

protocol::SiteKind kindOf(const Site& site) {
  switch (site.kind) {
    case Site::Kind::Read:
      return protocol::SiteKind::Read;
    case Site::Kind::Write:
      return protocol::SiteKind::Write;
    case Site::Kind::Look:
      return protocol::SiteKind::Look;
    case Site::Kind::Act:
      return protocol::SiteKind::Act;
    case Site::Kind::Rest:
      return protocol::SiteKind::Rest;
    case Site::Kind::Lend:
      return protocol::SiteKind::Lend;
    case Site::Kind::Block:
      return protocol::SiteKind::Block;
    case Site::Kind::ThreadsOwn:
      return protocol::SiteKind::ThreadsOwn;
    case Site::Kind::Drop:
      return protocol::SiteKind::Drop;
    case Site::Kind::Result:
      return protocol::SiteKind::Result;
    case Site::Kind::Acquire:
      break;
  }
  return protocol::SiteKind::Acquire;
}

using Select = std::vector<CodeRange> SiteRanges::*;

std::vector<PlannedRange> rangesOf(const RangesByModule& place, Select select, std::uint32_t site) {
  std::vector<PlannedRange> out;
  for (std::uint32_t module = 0; module < place.size(); ++module)
    for (const CodeRange& code : place[module].*select) out.push_back({module, site, code});
  return out;
}

bool sameCode(const std::vector<PlannedRange>& a, const std::vector<PlannedRange>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const PlannedRange& left, const PlannedRange& right) {
    return left.module == right.module && left.code == right.code;
  });
}

/// The site of `shape` with exactly these ranges, or null.
PlannedSite* siteWithCode(PlanShape& shape, const std::vector<PlannedRange>& ranges) {
  for (std::uint32_t site = 0; site < shape.sites.size(); ++site) {
    std::vector<PlannedRange> existing;
    std::copy_if(shape.ranges.begin(), shape.ranges.end(), std::back_inserter(existing),
                 [&](const PlannedRange& range) { return range.site == site; });
    if (sameCode(existing, ranges)) return &shape.sites[site];
  }
  return nullptr;
}

bool has(const Finding& finding, Site::Kind kind) {
  return std::any_of(finding.sites.begin(), finding.sites.end(), [=](const Site& site) { return site.kind == kind; });
}

/// The sites are one thread's, and not what it does to one place.
bool isGap(const Finding& finding) { return has(finding, Site::Kind::Look); }

protocol::ScheduleStrategy strategyFor(const Finding& finding) {
  using protocol::ScheduleStrategy;
  if (has(finding, Site::Kind::Lend)) return ScheduleStrategy::Scope;
  if (has(finding, Site::Kind::Block)) return ScheduleStrategy::Block;
  if (isGap(finding)) return ScheduleStrategy::Gap;
  const bool locks = std::all_of(finding.sites.begin(), finding.sites.end(),
                                 [](const Site& site) { return site.kind == Site::Kind::Acquire; });
  return locks ? ScheduleStrategy::Deadlock : ScheduleStrategy::Race;
}

/// Where the lock was taken that `site` is made under.
void addHold(PlanShape& shape, const Site& site, std::uint32_t component, const PlaceTable& table) {
  if (site.heldSince.file.empty()) return;
  const auto number = static_cast<std::uint32_t>(shape.sites.size());
  std::vector<PlannedRange> ranges = rangesOf(table.at(site.heldSince), &SiteRanges::line, number);
  if (ranges.empty()) return;
  shape.sites.push_back({protocol::SiteKind::Hold, component});
  shape.points.push_back(site.heldSince);
  shape.ranges.insert(shape.ranges.end(), ranges.begin(), ranges.end());
}

bool isAccess(const Site& site) { return site.kind == Site::Kind::Read || site.kind == Site::Kind::Write; }

/// A further place of a race, which any of the others may race with.
void addPlace(PlanShape& shape, const Finding& finding, const Site& place, const PlaceTable& table, Select select) {
  if (!isAccess(place) || !std::all_of(finding.sites.begin(), finding.sites.end(), isAccess)) return;
  const auto number = static_cast<std::uint32_t>(shape.sites.size());
  std::vector<PlannedRange> ranges = rangesOf(table.at(place.point), select, number);
  if (ranges.empty()) return;
  if (PlannedSite* same = siteWithCode(shape, ranges)) {
    if (place.kind == Site::Kind::Write) same->kind = protocol::SiteKind::Write;
    return;
  }
  shape.sites.push_back({kindOf(place), number});
  shape.points.push_back(place.point);
  shape.ranges.insert(shape.ranges.end(), ranges.begin(), ranges.end());
}

PlanShape shapeOf(const Finding& finding, const PlaceTable& table, Select select) {
  PlanShape shape;
  std::vector<std::uint32_t> components;  ///< Of the planned site that each of the finding's is.
  for (std::uint32_t i = 0; i < finding.sites.size(); ++i) {
    const Site& site = finding.sites[i];
    const auto number = static_cast<std::uint32_t>(shape.sites.size());
    std::vector<PlannedRange> ranges = rangesOf(table.at(site.point), select, number);
    PlannedSite* same = isGap(finding) ? nullptr : siteWithCode(shape, ranges);
    if (same) {
      if (site.kind == Site::Kind::Write) same->kind = protocol::SiteKind::Write;
      components.push_back(same->component);
      continue;
    }
    components.push_back(i);
    shape.sites.push_back({kindOf(site), i});
    shape.points.push_back(site.point);
    shape.ranges.insert(shape.ranges.end(), ranges.begin(), ranges.end());
  }
  shape.reachable =
      static_cast<std::size_t>(std::count_if(shape.sites.begin(), shape.sites.end(), [](const PlannedSite& site) {
        return site.kind != protocol::SiteKind::Rest;
      }));
  for (const Site& place : finding.places) addPlace(shape, finding, place, table, select);
  for (std::uint32_t i = 0; i < finding.sites.size(); ++i) addHold(shape, finding.sites[i], components[i], table);
  return shape;
}

bool everywhere(const Finding& finding, const PlaceTable& table, Select select) {
  return std::all_of(finding.sites.begin(), finding.sites.end(),
                     [&](const Site& site) { return !rangesOf(table.at(site.point), select, 0).empty(); });
}

std::string obstacleFor(const Finding& finding, const PlaceTable& table) {
  if (finding.sites.empty()) return std::string(kUndirected);
  for (const Site& site : finding.sites)
    if (rangesOf(table.at(site.point), &SiteRanges::line, 0).empty())
      return "site not in the binary (" + llvm::sys::path::filename(site.point.file).str() + ":" +
             std::to_string(site.point.line) + ")";
  return {};
}

}  // namespace

std::vector<SteeringTarget> findTargets(const std::vector<Finding>& findings,
                                        const std::vector<PlannedModule>& modules) {
  const PlaceTable table = lookUpPlaces(findings, modules);
  std::vector<SteeringTarget> targets;
  for (const Finding& finding : findings) {
    SteeringTarget& target = targets.emplace_back();
    target.obstacle = obstacleFor(finding, table);
    if (!target.obstacle.empty()) continue;
    target.strategy = strategyFor(finding);
    target.mode = target.strategy == protocol::ScheduleStrategy::Deadlock ? protocol::PlanMode::Deadlock
                                                                          : protocol::PlanMode::Race;
    target.modules = modules;
    target.lines = shapeOf(finding, table, &SiteRanges::line);
    const bool columns = everywhere(finding, table, &SiteRanges::column);
    target.columns = columns ? shapeOf(finding, table, &SiteRanges::column) : target.lines;
  }
  return targets;
}

}  // namespace deadheat
