// Who waited for which lock, how long, and who held it longest: on request (option `contention`), by the place where a
// lock was made and the place that took it. Locks made at one place count as one: what matters is the code.
#pragma once

#include "runtime/detect/lock_state.h"
#include "runtime/record/options.h"

namespace deadheat::rt {

/// Monotonic, in nanoseconds.
std::uint64_t contentionClock();

/// `self`, at `pc`, waited for `lock`.
void contentionWaited(Thread* self, Address pc, Address lock, std::uint64_t nanoseconds);
/// `held` is about to be given back.
void contentionHeld(Thread* self, const Held& held);

/// Runs a wait for a lock, and counts it if that is asked for.
template <class Wait>
auto countingWait(Thread* self, Address pc, Address lock, Wait wait) {
  if (!options.contention) return wait();
  std::uint64_t begin = contentionClock();
  auto result = wait();
  contentionWaited(self, pc, lock, contentionClock() - begin);
  return result;
}

/// At the end: writes a record for each pair of places, those most waited at first.
void recordContention();
/// For fork: the child counts anew.
void contentionForked();

}  // namespace deadheat::rt
