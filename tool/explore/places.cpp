#include "tool/explore/places.h"

#include <algorithm>
#include <map>
#include <set>

namespace deadheat {

void SharedPlaces::learn(const std::vector<protocol::TraceEntry>& trace) {
  struct Uses {
    std::set<std::uint32_t> threads;
    std::set<std::uint64_t> places;
    bool changed = false;
  };
  std::map<std::uint64_t, Uses> objects;
  for (const protocol::TraceEntry& entry : trace) {
    // An entry has the place of who had the turn: it is the operation's when that thread goes on.
    if (entry.kind != protocol::DeviationKind::Switch || entry.object == 0) continue;
    Uses& uses = objects[entry.object];
    uses.threads.insert(entry.chosen);
    uses.changed |= (entry.flags & protocol::kTraceChanges) != 0;
    if (entry.chosen == entry.keyThread && entry.pc != 0) uses.places.insert(entry.pc);
  }
  std::set<std::uint64_t> all(places_.begin(), places_.end());
  for (const auto& [object, uses] : objects)
    if (uses.changed && uses.threads.size() > 1) all.insert(uses.places.begin(), uses.places.end());
  places_.assign(all.begin(), all.end());
}

}  // namespace deadheat
