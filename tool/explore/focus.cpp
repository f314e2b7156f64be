#include "tool/explore/focus.h"

#include <map>

namespace deadheat {

void FocusTable::learn(const std::vector<RecordedUse>& uses) {
  struct Uses {
    Object object;
    bool changed = false;
  };
  std::map<std::uint64_t, Uses> byAddress;
  std::map<std::uint32_t, std::uint32_t> parents;
  for (const RecordedUse& use : uses) {
    Uses& all = byAddress[use.address];
    all.object.address = use.address;
    all.object.count += use.count;
    all.object.threads.push_back({use.thread, use.parent, use.count});
    all.changed |= use.changes != 0;
    parents[use.thread] = use.parent;
  }
  objects_.clear();
  for (auto& [address, all] : byAddress) {
    if (!all.changed || all.object.threads.size() < 2) continue;
    // Who creates a user counts for it as long as it is not there.
    std::map<std::uint32_t, bool> known;
    for (const PlannedFocus& thread : all.object.threads) known[thread.thread] = true;
    for (const auto& [thread, parent] : parents)
      if (!known.count(thread)) all.object.threads.push_back({thread, parent, 0});
    objects_.push_back(std::move(all.object));
  }
}

void FocusTable::focus(PlannedSchedule& schedule, std::mt19937_64& random) const {
  std::uint64_t total = 0;
  for (const Object& object : objects_) total += object.count;
  std::size_t chosen = random() % objects_.size();
  if (random() % 2 == 0) {
    std::uint64_t drawn = random() % total;
    for (chosen = 0; drawn >= objects_[chosen].count; ++chosen) drawn -= objects_[chosen].count;
  }
  schedule.focus = objects_[chosen].address;
  schedule.focusThreads = objects_[chosen].threads;
}

}  // namespace deadheat
