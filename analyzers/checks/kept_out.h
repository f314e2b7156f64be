// Who waits for a thread with a lock held that the thread needs: what join-deadlock and future-deadlock share.
#pragma once

#include <optional>

#include "analyzers/link/program.h"

namespace deadheat {

/// The thread that is waited for, where it takes the lock, and the lock as the waiting thread holds it.
struct KeptOut {
  std::uint32_t actor = 0;
  std::optional<AcquireFact> want;
  const HeldLock* lock = nullptr;
};

/// Whether `join` waits for the end of the thread `actor` of `scope`.
bool waitsFor(const Program& program, const Scope& scope, const SharedOperation& join, std::uint32_t actor);

/// Whether it is the result of the thread that is waited for, by a future: future-deadlock tells of those.
bool isForResult(const Scope& scope, const SharedOperation& join, std::uint32_t actor);

/// The first acquisition by `actor` that what is held at `join` keeps it from; no `want` if there is none.
KeptOut keptOutBy(const Program& program, const Scope& scope, const SharedOperation& join, std::uint32_t actor);

/// The lock held at `join` that `want` needs exclusively, or null. Elements of arrays are not told apart and left out.
const HeldLock* heldAgainst(const Program& program, const SharedOperation& join, const AcquireFact& want);

}  // namespace deadheat
