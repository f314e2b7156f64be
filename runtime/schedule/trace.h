// Every step of a run in its recording, for searches that go through schedules one after the other (tool/explore/systematic.h).
#pragma once

#include "runtime/schedule/candidates.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// From now on steps are recorded: some 500,000 at most.
void beginTrace();

/// `chosen` is about to perform what it announced. `own` had the turn before (null: it ended). `step` is 0 unless somebody
/// else could have gone on. Cost: a look at every thread.
void traceStep(const Controlled* own, const Controlled& chosen, const Candidates& candidates, const DecisionKey& key,
               bool gaveWay, std::uint64_t step, std::uint64_t hash);
/// The only thread there is performs what it announced.
void traceAlone(const Controlled& own, std::uint64_t hash);
/// A wake-up went to `chosen`, one of `count` waiters.
void traceWake(const DecisionKey& key, const ThreadId* waiters, std::size_t count, ThreadId chosen, std::uint64_t step,
               std::uint64_t hash);
/// The program left `count` things open and does `chosen`.
void traceChoice(const DecisionKey& key, std::uint32_t count, std::uint32_t chosen, std::uint64_t step, std::uint64_t hash);

}  // namespace deadheat::rt
