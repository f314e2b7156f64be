// What a controlled run reports of the plan's sites, whatever strategy it goes by: so a replay shows it again.
#pragma once

#include "runtime/schedule/controlled.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// Before the first step.
void startWatch();
/// Which task `self`, that is about to perform `event`, is in.
void noteTask(const Thread* self, Event& event);
/// Reports two threads that stand at conflicting accesses of the plan: a race, caught.
void watchStep(const Choice& choice);
/// Reports a thread or task that acts on what it saw before another changed it; at a ThreadsOwn site of the plan a task
/// that uses a variable of another thread, at a Drop site one that is destroyed before it ran.
void watchPerformed(const Event& event);
/// Reports a thread that waits for a lock whose holder waits at a Block site of the plan. `own` is about to wait.
/// Of a task that waits at one, its thread's next task is to tell.
void watchWait(const Controlled& own, RunTime now);
/// `self` goes on with `task`. Reports it if it stood still while the thread waited in another task at a Block site.
void watchResumed(Thread* self, Task& task);

}  // namespace deadheat::rt
