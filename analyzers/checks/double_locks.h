// Locks taken twice: by one thread that already holds them, for double_lock.cpp and rwlock_upgrade.cpp to tell.
#pragma once

#include <vector>

#include "analyzers/checks/lock_evidence.h"

namespace deadheat {

/// One place that waits for what its own thread holds.
struct LockTwice {
  PathId lock = PathId::Unknown;
  Hold held = Hold::Exclusive;           ///< The first hold.
  LockMode wanted = LockMode::Exclusive; ///< The second.
  FunctionIndex holds = FunctionIndex::None;  ///< The function that takes it first.
  FunctionIndex waits = FunctionIndex::None;  ///< The function that waits.
  Finding finding;                       ///< Everything but check, message and hint.

  bool isUpgrade() const { return held == Hold::Shared && wanted == LockMode::Exclusive; }
};

/// One for each pair of places, whichever way leads there; the surest and shortest way is shown.
std::vector<LockTwice> locksTakenTwice(const Program& program);

}  // namespace deadheat
