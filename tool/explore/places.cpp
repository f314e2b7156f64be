#include "tool/explore/places.h"

#include <algorithm>
#include <map>
#include <set>

#include "tool/explore/happens_before.h"

namespace deadheat {
namespace {

constexpr std::size_t kMostLookedAt = 100000;  ///< Operations of a run.

}  // namespace

void RacingPlaces::learn(const std::vector<protocol::TraceEntry>& trace) {
  std::set<std::uint64_t> all(places_.begin(), places_.end());
  std::map<std::uint32_t, std::uint64_t> announced;  ///< The place of what each thread is about to do.
  std::vector<std::uint64_t> placeOf;                ///< By number of the operation.
  RaceFinder races;
  for (const protocol::TraceEntry& entry : trace) {
    announced[entry.keyThread] = entry.pc;
    if (entry.kind != protocol::DeviationKind::Switch) continue;
    if (placeOf.size() == kMostLookedAt) break;
    placeOf.push_back(announced[entry.chosen]);
    for (std::size_t earlier : races.next(entry)) {
      all.insert(placeOf[earlier]);
      all.insert(placeOf.back());
    }
  }
  all.erase(0);
  places_.assign(all.begin(), all.end());
  left_.clear();
}

std::uint64_t RacingPlaces::draw(std::mt19937_64& random) {
  if (left_.empty()) left_ = places_;
  std::swap(left_[random() % left_.size()], left_.back());
  const std::uint64_t drawn = left_.back();
  left_.pop_back();
  return drawn;
}

}  // namespace deadheat
