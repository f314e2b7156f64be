// What happens in a controlled run, in its recording: for prediction, which asks what else could have (tool/predict/).
//
// The tool asks for it with few runs, so what says so costs the others a comparison.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

#ifdef DEADHEAT_PRELOADED
inline constexpr bool eventsRecorded = false;
#else
extern bool eventsRecorded;
#endif

/// From now on events are recorded: some 300,000 at most, and of accesses those after the first thread was created.
void beginEvents();

/// `self` has its turn and did this. Without effect otherwise, so outside of controlled runs. `self` may be null where it is
/// of no concern who did it. REQUIRES: eventsRecorded.
void recordEvent(Thread* self, Address pc, protocol::EventKind kind, Address object, std::size_t size = 1,
                 std::uint32_t flags = 0);

}  // namespace deadheat::rt
