// What a controlled run reports of the plan's sites, whatever strategy it goes by: so a replay shows it again.
#pragma once

#include "runtime/schedule/controlled.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// Before the first step.
void startWatch();
/// Reports two threads that stand at conflicting accesses of the plan: a race, caught.
void watchStep(const Choice& choice);
/// Reports a thread that acts on what it saw before another changed it.
void watchPerformed(const Event& event);
/// Reports a thread that waits for a lock whose holder waits at a Block site of the plan. `own` is about to wait.
void watchWait(const Controlled& own, RunTime now);

}  // namespace deadheat::rt
