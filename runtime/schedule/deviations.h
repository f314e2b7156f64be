// What a controlled run leaves in the recording: how far it got, and where it did not do the default.
#pragma once

#include "runtime/protocol.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {

/// Begins the ScheduleRecord.
void beginScheduleRecord();
/// Brings it up to date.
void noteProgress(std::uint64_t steps, std::uint64_t points, std::uint64_t hash, std::size_t threads);
/// Writes a deviation. Costs a few stores; now and then room for more is made.
void recordDeviation(protocol::DeviationKind kind, const DecisionKey& key, ThreadId chosen, std::uint64_t step,
                     std::uint64_t hash);

/// Counts the decisions of `thread` at `pc`: how many there were before.
std::uint64_t countOccurrence(ThreadId thread, Address pc);

}  // namespace deadheat::rt
