// Why threads that come to the acquisitions of a lock cycle can never wait for each other there.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// `self` stands at acquisition `site` of the plan and wants `lock`. Reports, once a pair of sites and reason, what keeps
/// it apart from an earlier arrival that would be its counterpart: a lock that both hold, or creation and join.
void noteArrival(Thread* self, std::uint32_t site, Address lock);

}  // namespace deadheat::rt
