// Findings about locks, as records.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/lock_graph.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// A lock as the reports name it, by node of the lock-order graph.
using NodeInfo = protocol::LockInfo (*)(std::uint32_t node);

void reportCycle(const CycleEdge* edges, std::size_t count, NodeInfo infoOf);

/// Once for each kind, calling stack and lock.
void reportMisuse(Thread* self, Address pc, protocol::MisuseKind kind, const protocol::LockInfo& lock);

}  // namespace deadheat::rt
