#include "runtime/schedule/plan.h"

namespace deadheat::rt {
namespace {

/// Insertion sort: plans have tens of ranges.
void sort(GrowingArray<Address>& values) {
  for (std::size_t i = 1; i < values.size(); ++i)
    for (std::size_t j = i; j != 0 && values[j] < values[j - 1]; --j) {
      Address swapped = values[j];
      values[j] = values[j - 1];
      values[j - 1] = swapped;
    }
}

}  // namespace

void PlaceTable::clear() {
  places_.clear();
  siteIds_.clear();
}

void PlaceTable::build(const SiteRange* ranges, std::size_t count) {
  clear();
  GrowingArray<Address> cuts;
  for (std::size_t i = 0; i < count; ++i) {
    cuts.push(ranges[i].begin);
    cuts.push(ranges[i].end);
  }
  sort(cuts);
  for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
    if (cuts[c] == cuts[c + 1]) continue;
    Place place{cuts[c], cuts[c + 1], static_cast<std::uint32_t>(siteIds_.size()), 0};
    for (std::size_t i = 0; i < count; ++i)
      if (ranges[i].begin <= place.begin && place.end <= ranges[i].end) siteIds_.push(ranges[i].site);
    place.count = static_cast<std::uint32_t>(siteIds_.size()) - place.first;
    if (place.count != 0) places_.push(place);
  }
  cuts.free();
}

std::uint32_t PlaceTable::find(Address code) const {
  std::size_t low = 0;
  std::size_t high = places_.size();
  while (low < high) {
    std::size_t middle = (low + high) / 2;
    if (places_[middle].end <= code)
      low = middle + 1;
    else
      high = middle;
  }
  return low < places_.size() && places_[low].begin <= code ? static_cast<std::uint32_t>(low) : kNoPlace;
}

}  // namespace deadheat::rt
