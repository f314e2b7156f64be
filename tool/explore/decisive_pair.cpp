#include "tool/explore/decisive_pair.h"

#include <algorithm>
#include <map>

#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

using protocol::DeviationKind;
using protocol::TraceEntry;

/// A decision of the waiting thread that the switch could be made at, and what it was about to do.
struct Moment {
  std::uint64_t pc;
  std::uint64_t occurrence;
  std::uint64_t object;
  std::uint64_t size;
};

std::string placeOf(const Recording& recording, std::uint64_t pc, Symbolizer& symbolizer) {
  for (const Frame& frame : symbolizer.framesAt(recording, pc - 1))
    if (frame.user) return llvm::sys::path::filename(frame.point.file).str() + ":" + std::to_string(frame.point.line);
  return {};
}

/// From the last switch on, in a run without it.
std::vector<Moment> momentsAfter(const Recording& recording, std::uint32_t thread, std::uint64_t pc, std::uint64_t occurrence) {
  std::vector<Moment> moments;
  bool begun = false;
  for (const TraceEntry& entry : recording.trace) {
    if (entry.kind != DeviationKind::Switch || entry.keyThread != thread || entry.step == 0) continue;
    begun |= entry.pc == pc && entry.occurrence == occurrence;
    if (begun && entry.chosen == thread) moments.push_back({entry.pc, entry.occurrence, entry.object, entry.size});
  }
  return moments;
}

/// The first operation on the moment's object by another thread, after the switch made at it; 0: none.
std::pair<std::uint32_t, std::uint64_t> meeting(const Recording& recording, std::uint32_t thread, const Moment& moment) {
  std::map<std::uint32_t, std::uint64_t> announced;
  bool begun = false;
  for (const TraceEntry& entry : recording.trace) {
    announced[entry.keyThread] = entry.pc;
    if (entry.kind != DeviationKind::Switch) continue;
    begun |= entry.keyThread == thread && entry.pc == moment.pc && entry.occurrence == moment.occurrence;
    const bool overlaps = entry.object < moment.object + moment.size && moment.object < entry.object + entry.size;
    if (begun && entry.chosen != thread && overlaps && announced[entry.chosen] != 0) return {entry.chosen, announced[entry.chosen]};
  }
  return {0, 0};
}

}  // namespace

llvm::Expected<std::string> decisivePair(const StoredSchedule& stored, const std::vector<std::string>& names,
                                         Symbolizer& symbolizer, const TrySchedule& tries) {
  if (stored.schedule.deviations.empty() || stored.schedule.deviations.back().kind != DeviationKind::Switch) return std::string();
  const PlannedDeviation last = stored.schedule.deviations.back();
  StoredSchedule passing = stored;
  passing.schedule.deviations.pop_back();
  auto passed = tries(passing);
  if (!passed) return passed.takeError();
  if (!last.module) return std::string();
  const Recording& without = passed->run.recordings.front();
  std::uint64_t pc = 0;
  for (const RecordedModule& module : without.modules)
    if (llvm::sys::path::filename(module.path) == stored.modules[*last.module].path) pc = module.base + last.offset;
  const std::vector<Moment> moments = momentsAfter(without, last.thread, pc, last.occurrence);
  std::vector<PlannedModule> modules = stored.modules;
  auto switchedAt = [&](const Moment& moment) {
    StoredSchedule later = stored;
    RecordedDeviation deviation{DeviationKind::Switch, last.thread, last.chosen, moment.pc, moment.occurrence, 0, 0};
    later.modules = modules;
    later.schedule.deviations.back() = plannedDeviation(deviation, without, later.modules);
    return later;
  };
  // Invariant: it fails when switched at `low`, and not at `high`.
  std::size_t low = 0, high = moments.size();
  std::optional<TriedSchedule> failing;
  while (low + 1 < high || (!failing && low < high)) {
    const std::size_t middle = failing ? (low + high) / 2 : low;
    auto tried = tries(switchedAt(moments[middle]));
    if (!tried) return tried.takeError();
    if (tried->fails) {
      low = middle;
      failing = std::move(*tried);
    } else if (!failing) {
      return std::string();
    } else {
      high = middle;
    }
  }
  if (!failing) return std::string();
  const auto [other, otherPc] = meeting(failing->run.recordings.front(), last.thread, moments[low]);
  if (otherPc == 0) return std::string();
  const std::string first = placeOf(failing->run.recordings.front(), otherPc, symbolizer);
  const std::string second = placeOf(failing->run.recordings.front(), moments[low].pc, symbolizer);
  if (first.empty() || second.empty() || other >= names.size() || last.thread >= names.size()) return std::string();
  return "what decides: " + names[other] + " at " + first + " comes before " + names[last.thread] + " at " + second;
}

}  // namespace deadheat
