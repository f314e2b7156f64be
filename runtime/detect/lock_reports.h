// Findings about locks, as records.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/lock_graph.h"
#include "runtime/detect/lock_table.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// A lock as the reports name it, by node of the lock-order graph.
using NodeInfo = protocol::LockInfo (*)(std::uint32_t node);

void reportCycle(const CycleEdge* edges, std::size_t count, NodeInfo infoOf);

/// A lock against its rules.
struct LockMisuse {
  protocol::MisuseKind kind;
  Address lock;
  std::uint64_t instance;
  Context takenContext = 0;  ///< Where it was last taken; pc 0: of no interest.
  Address takenPc = 0;
};
/// Once for each kind, calling stack and lock.
void reportMisuse(Thread* self, Address pc, const LockMisuse& misuse);

/// A lock whose life has ended; reports may still name it.
void rememberDead(const LockRecord& record);
/// Writes where the lock was made, once, if it is not long gone.
void recordLock(Address lock, std::uint64_t instance);

}  // namespace deadheat::rt
