#include "tool/predict/sync_preserving.h"

#include <algorithm>

namespace deadheat {

/// The last that begins within, or null. Those before it in the same thread have ended before.
const CriticalSection* SyncPreservingIdeal::last(const std::vector<CriticalSection>& sections) const {
  auto after = std::partition_point(sections.begin(), sections.end(),
                                    [&](const CriticalSection& section) { return has(section.acquire); });
  return after == sections.begin() ? nullptr : &*std::prev(after);
}

SyncPreservingIdeal::Closing SyncPreservingIdeal::close(const std::vector<LockUse>& lock) {
  std::size_t lastExclusive = 0, lastAny = 0;  // Begin of the last section, plus one.
  for (const LockUse& use : lock) {
    if (const CriticalSection* section = last(use.exclusive)) lastExclusive = std::max(lastExclusive, section->acquire + 1);
    if (const CriticalSection* section = last(use.shared)) lastAny = std::max(lastAny, section->acquire + 1);
  }
  lastAny = std::max(lastAny, lastExclusive);
  Closing result = Closing::Unchanged;
  auto end = [&](const CriticalSection* section, std::size_t next) {
    if (section == nullptr || section->acquire + 1 >= next) return;
    if (section->release == kNoEvent) return void(result = Closing::Impossible);
    if (has(section->release)) return;
    order_.addThrough(set_, section->release);
    if (result == Closing::Unchanged) result = Closing::Grown;
  };
  for (const LockUse& use : lock) {
    end(last(use.exclusive), lastAny);
    end(last(use.shared), lastExclusive);
  }
  return result;
}

bool SyncPreservingIdeal::close() {
  for (bool grown = true; grown;) {
    grown = false;
    work_ += 1 + order_.locks().size();
    for (const std::vector<LockUse>& lock : order_.locks()) {
      const Closing closing = close(lock);
      if (closing == Closing::Impossible) return false;
      grown |= closing == Closing::Grown;
    }
  }
  return true;
}

}  // namespace deadheat
