#include "tool/explore/happens_before.h"

#include <algorithm>
#include <bit>

namespace deadheat {
namespace {

constexpr std::uint64_t kGranule = 8;
constexpr std::uint64_t kMostEntered = 128;

using protocol::TraceEntry;

/// Taking a lock and giving it back: in order, but never the other way round.
bool mustWait(const TraceEntry& a, const TraceEntry& b) {
  constexpr std::uint32_t kBoth = protocol::kTraceAcquires | protocol::kTraceReleases;
  return (a.flags & kBoth) != 0 && (b.flags & kBoth) != 0 && ((a.flags | b.flags) & protocol::kTraceReleases) != 0;
}

}  // namespace

bool conflict(const TraceEntry& a, const TraceEntry& b) {
  return a.chosen != b.chosen && ((a.flags | b.flags) & protocol::kTraceChanges) != 0 && a.object < b.object + b.size &&
         b.object < a.object + a.size;
}

std::uint32_t& RaceFinder::at(Clock& clock, std::uint32_t thread) {
  if (clock.size() <= thread) clock.resize(thread + 1);
  return clock[thread];
}

void RaceFinder::join(Clock& into, const Clock& other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (std::size_t i = 0; i < other.size(); ++i) into[i] = std::max(into[i], other[i]);
}

bool RaceFinder::isBefore(std::size_t operation, const Clock& clock) const {
  const Operation& earlier = operations_[operation];
  const std::uint32_t thread = earlier.entry.chosen;
  return thread < clock.size() && clock[thread] >= earlier.clock[thread];
}

/// What the last operation made able to go on comes after it.
void RaceFinder::takeTurnOf(const TraceEntry& entry) {
  if (!operations_.empty())
    for (std::uint64_t enabled = entry.ready & ~ready_; enabled != 0; enabled &= enabled - 1) {
      const auto thread = static_cast<std::size_t>(std::countr_zero(enabled));
      if (threads_.size() <= thread) threads_.resize(thread + 1);
      join(threads_[thread], operations_.back().clock);
    }
  ready_ = entry.ready;
  if (threads_.size() <= entry.chosen) threads_.resize(entry.chosen + 1);
}

std::vector<std::size_t> RaceFinder::conflicting(const TraceEntry& entry) const {
  std::vector<std::size_t> found;
  auto consider = [&](std::size_t number) {
    if (conflict(operations_[number].entry, entry)) found.push_back(number);
  };
  if (entry.size > kMostEntered) {
    for (std::size_t i = 0; i < operations_.size(); ++i) consider(i);
  } else {
    for (std::uint64_t byte = entry.object & ~(kGranule - 1); byte < entry.object + entry.size; byte += kGranule)
      if (auto uses = uses_.find(byte); uses != uses_.end())
        for (const auto* list : {&uses->second.last, &uses->second.lastChange, &uses->second.lastRelease})
          for (std::size_t number : *list)
            if (number != 0) consider(number - 1);
    for (std::size_t number : large_) consider(number);
  }
  std::sort(found.rbegin(), found.rend());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void RaceFinder::enter(const TraceEntry& entry, std::size_t number) {
  if (entry.size > kMostEntered) return large_.push_back(number);
  auto set = [&](std::vector<std::size_t>& list) {
    if (list.size() <= entry.chosen) list.resize(entry.chosen + 1);
    list[entry.chosen] = number + 1;
  };
  for (std::uint64_t byte = entry.object & ~(kGranule - 1); byte < entry.object + entry.size; byte += kGranule) {
    Uses& uses = uses_[byte];
    if ((entry.flags & protocol::kTraceReleases) != 0) {
      set(uses.lastRelease);
      continue;
    }
    set(uses.last);
    if ((entry.flags & protocol::kTraceChanges) != 0) set(uses.lastChange);
  }
}

std::uint64_t RaceFinder::neededFor(std::size_t earlier) const {
  std::uint64_t threads = 0;
  const Clock& last = operations_.back().clock;
  for (std::size_t i = earlier + 1; i + 1 < operations_.size(); ++i) {
    const std::uint32_t thread = operations_[i].entry.chosen;
    if (thread < 64 && isBefore(i, last) && !isBefore(earlier, operations_[i].clock))
      threads |= std::uint64_t{1} << thread;
  }
  return threads;
}

std::vector<std::size_t> RaceFinder::next(const TraceEntry& entry) {
  takeTurnOf(entry);
  Clock clock = threads_[entry.chosen];
  std::vector<std::size_t> races;
  const std::vector<std::size_t> conflicts = conflicting(entry);
  // A lock's takers race with each other although each gave it back before the next.
  for (std::size_t number : conflicts) {
    if (mustWait(operations_[number].entry, entry)) continue;
    if (!isBefore(number, clock)) races.push_back(number);
    join(clock, operations_[number].clock);
  }
  for (std::size_t number : conflicts) join(clock, operations_[number].clock);
  ++at(clock, entry.chosen);
  threads_[entry.chosen] = clock;
  enter(entry, operations_.size());
  operations_.push_back({entry, std::move(clock)});
  return races;
}

}  // namespace deadheat
