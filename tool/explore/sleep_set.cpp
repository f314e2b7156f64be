#include "tool/explore/sleep_set.h"

#include <algorithm>

#include "tool/explore/happens_before.h"

namespace deadheat {
namespace {

using protocol::TraceEntry;

/// Commuting is about operations alone: not where it matters how long a thread has given way, for a time that is over,
/// or for the end of the process.
bool isPlain(const TraceEntry& entry) {
  const std::uint64_t chosen = entry.chosen < 64 ? std::uint64_t{1} << entry.chosen : 0;
  return entry.kind == protocol::DeviationKind::Switch &&
         (entry.flags & (protocol::kTraceGaveWay | protocol::kTraceExit)) == 0 && (entry.ready & chosen) != 0;
}

bool isReady(std::uint32_t thread, const TraceEntry& entry) { return thread < 64 && (entry.ready >> thread & 1) != 0; }

}  // namespace

void SleepSet::performed(const TraceEntry& entry, const TraceEntry* instead) {
  if (!isPlain(entry)) return asleep_.clear();
  if (instead && isPlain(*instead)) asleep_.push_back(*instead);
  std::erase_if(asleep_, [&](const TraceEntry& each) {
    return each.chosen == entry.chosen || !isReady(each.chosen, entry) || conflict(each, entry);
  });
}

bool SleepSet::has(std::uint32_t thread) const {
  return std::any_of(asleep_.begin(), asleep_.end(), [=](const TraceEntry& each) { return each.chosen == thread; });
}

}  // namespace deadheat
