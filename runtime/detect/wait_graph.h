// The blocked threads as a graph: a consistent picture of who waits for whom, taken under the wait graph's lock.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/stuck_set.h"

namespace deadheat::rt {

/// One blocked thread in the picture.
struct Waiting {
  Thread* thread;
  ThreadId owner;          ///< Who it waits for, or kNoThread.
  std::uint64_t instance;  ///< Lifetime number of the lock it waits for, or 0.
};

/// What the thread waits for now: its resource, or the mutex of the condition it was woken from.
Resource awaited(const Thread* thread);

/// Takes the picture of the list that starts at `first` (linked by WaitState::next) and marks who is stuck. Fills
/// WaitState::index. Results are good until the next call. Not synchronised.
struct WaitPicture {
  const Waiting* waiting;
  const Waiter* waiters;
  std::size_t count;
  std::size_t stuck;
};
WaitPicture takePicture(Thread* first, std::size_t count, bool othersLive);

/// True if `index` is stuck only if nobody would wake it or one it waits for: no owner could be named.
bool dependsOnWaking(const WaitPicture& picture, std::uint32_t index);

/// Writes the deadlock record.
void reportDeadlock(const WaitPicture& picture, bool everyThread);

}  // namespace deadheat::rt
