// Joins on the way: whether somebody who ends an object has come by a join of the threads that use it.
#pragma once

#include <utility>
#include <vector>

#include "analyzers/link/program.h"

namespace deadheat {

/// The places on the way from the scope to an event: the calls, then the event itself.
using EventWay = std::vector<std::pair<FunctionIndex, Location>>;
EventWay wayTo(const Tables& tables, TraceId trace, FunctionIndex function, Location location);

/// Whether `actor`, on its way to `event`, comes by a join of `thread` or of threads kept in the same member, in the
/// function of the event or one of its nearest callers; be it under a condition, such as that the thread was started.
bool comesByJoin(const Scope& scope, const Tables& tables, const Moment& event, std::uint32_t actor, const ThreadFact& thread);

}  // namespace deadheat
