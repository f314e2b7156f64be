// Who can go on at a step, and who is worth choosing.
#pragma once

#include "runtime/schedule/controlled.h"
#include "runtime/schedule/random_numbers.h"

namespace deadheat::rt {

/// What a step has to choose from. Pointers are good until the next step.
struct Candidates {
  const Event* const* enabled;  ///< As in Choice.
  std::size_t count;
  const Event* const* all;
  std::size_t allCount;
  Controlled* standing;  ///< The default; null when nobody can go on.
};

/// Looks at every thread. `own` had the turn (null: it ended); `point` numbers the operation. With `draws`, whether a
/// time is over early, or a wake-up comes for no reason, and whether who would end the process waits for the others is drawn; the default never depends on
/// that.
Candidates findCandidates(Controlled* own, std::uint64_t point, RandomNumbers* draws);

/// How many more wake-ups may come to those who wait for a condition without anybody asking for them.
extern std::uint64_t spuriousLeft;

/// Nothing keeps the thread but its turn.
bool canGoOn(const Controlled& thread);

/// Some thread waits for something outside the process.
bool anyoneWaitsOutside();

}  // namespace deadheat::rt
