#include "analyzers/models/hazards.h"

#include <algorithm>
#include <tuple>

namespace deadheat {

bool HazardModel::isSafeIn(const Libc& libc) const {
  return std::any_of(safe.begin(), safe.end(), [&](const Libc& since) {
    return since.name == libc.name && std::tie(libc.major, libc.minor) >= std::tie(since.major, since.minor);
  });
}

void HazardModel::add(const HazardModel& other) {
  if (!other.states.empty()) {
    states = other.states;
    access = other.access;
    safe = other.safe;
    ifNull = other.ifNull;
    instead = other.instead;
  }
  if (other.inSignal != LibraryCall::InSignal::Unlisted) {
    inSignal = other.inSignal;
    because = other.because;
  }
}

}  // namespace deadheat
