// Who gives way: a thread that yields, spins on what does not change, or has had the turn for very long. It is put aside for
// a while, so that priorities cannot starve the others; how long depends on nothing but the run so far.
#pragma once

#include "runtime/schedule/controlled.h"

namespace deadheat::rt {

/// `own` has announced its next operation at point number `point` of the run. True if it gives way: Controlled::asideUntil
/// is set then.
bool givesWay(Controlled& own, std::uint64_t point);

/// The last point at which a thread did something that it had not done just before.
extern std::uint64_t lastNews;

/// True if the thread is put aside now.
inline bool isAside(const Controlled& thread, std::uint64_t point) { return thread.asideUntil > point; }
inline void noLongerAside(Controlled& thread) {
  thread.asideUntil = 0;
  thread.watches = false;
}

/// An operation is about to happen: who spins on what it changes has something to look at.
void wakeSpinners(const Event& event);

}  // namespace deadheat::rt
