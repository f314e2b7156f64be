#include "tool/confirm/trials.h"

#include <algorithm>

#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

std::string placeName(const SourcePoint& point) {
  return llvm::sys::path::filename(point.file).str() + ":" + std::to_string(point.line);
}

std::string neverReached(const Trials& trials, const SteeringTarget& target) {
  std::string names;
  for (std::size_t i = 0; i < target.lines.reachable; ++i)
    if (const SourcePoint& point = target.lines.points[i]; !trials.everReached.count(point))
      names += (names.empty() ? "" : " and ") + placeName(point);
  return names;
}

}  // namespace

void Trials::count(const std::vector<Recording>& run, const PlanShape& shape) {
  ++finished;
  std::set<std::uint32_t> sites, threads;
  bool anyHeld = false;
  for (const Recording& recording : run) {
    for (const RecordedSiteReached& reached : recording.sitesReached) {
      if (reached.site >= shape.sites.size()) continue;
      sites.insert(reached.site);
      threads.insert(reached.thread);
      anyHeld |= reached.held;
      everReached.insert(shape.points[reached.site]);
    }
  }
  held += anyHeld;
  if (static_cast<std::size_t>(std::distance(
          sites.begin(), sites.lower_bound(static_cast<std::uint32_t>(shape.reachable)))) < shape.reachable)
    return;
  ++reachedAll;
  reachedByTwo += threads.size() > 1;
}

std::string whyNotReproduced(const Trials& trials, const SteeringTarget& target) {
  if (const std::string missing = neverReached(trials, target); !missing.empty()) return "no run reached " + missing;
  if (trials.crashed == trials.finished && trials.crashed) return "every steered run crashed first";
  if (trials.reachedAll == 0) return "no single run reached all sites";
  if (trials.timedOut == trials.finished) return "every steered run hit the time limit";
  if (!trials.apart.empty()) return trials.apart;
  if (target.strategy == protocol::ScheduleStrategy::Gap)
    return "the code was reached, but no thread changed what was seen before it was acted on";
  if (target.strategy == protocol::ScheduleStrategy::Scope)
    return "the thread ran, but its creator's variable was there whenever it was used";
  if (target.strategy == protocol::ScheduleStrategy::Block)
    return "the thread waited there, but no other came to want a lock that it held, and no other task stood still "
           "meanwhile";
  if (!target.lines.sites.empty() && target.lines.sites.front().kind == protocol::SiteKind::ThreadsOwn)
    return "the variable was used, but it was always the one of the thread that used it";
  if (!target.lines.sites.empty() && target.lines.sites.front().kind == protocol::SiteKind::Drop)
    return "the code was reached, but the tasks that ended there had run";
  if (!target.lines.sites.empty() && target.lines.sites.front().kind == protocol::SiteKind::Result)
    return "the code was reached, but nothing was wrong with the result then";
  if (trials.reachedByTwo == 0) return "all sites were reached, but by one thread only";
  if (trials.held == 0) return "all sites were reached, but no thread could be held there";
  const bool race = target.mode == protocol::PlanMode::Race;
  return race ? "all sites were reached, but no thread came to the other access while one was held: they may be "
                "ordered, "
                "exclude each other, or touch different objects"
              : "all acquisitions were reached, but not with the locks of the cycle held at the same time";
}

}  // namespace deadheat
