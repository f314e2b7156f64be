// When two races are one bug: whoever reads the reports wants each once.
//
// The same pair of code with the same nearest callers is known without looking at anything else. What differs in that is
// still told only once for a pair of places of the program and a thing they meet at: one line reached on several ways,
// or several lines of the C++ library's containers on behalf of one line that uses them. Another variable, or memory
// allocated by other code, is another race.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/race_report.h"

namespace deadheat::rt {

/// True the first time: for this code and its callers, on both sides in either order. Any thread, no lock.
bool isNewCode(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof);
/// True the first time: for these places and what is at the earlier access's address. Cost: symbols looked up.
bool isNewRace(const RaceAccess& later, const RaceAccess& earlier, const MemoryPlace& place);

}  // namespace deadheat::rt
