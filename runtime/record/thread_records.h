// The records of threads, of which a program that makes threads for ever would write for ever: one that ended long ago and
// that no report can name gives its record's place to a new one.
#pragma once

#include "runtime/protocol.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {

/// Commits a Thread record. The first 16384 keep their places. Returns it in the mapping, null if it was dropped.
protocol::ThreadRecord* commitThread(RecordWriter& writer);
/// Nobody names the thread from now on, but perhaps a report of an access long ago.
void retireThreadRecord(protocol::ThreadRecord* record);
/// A report was written, which may name any thread there has been. With recordingLock().
void keepThreadRecords();

}  // namespace deadheat::rt
