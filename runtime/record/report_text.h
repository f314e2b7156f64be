// Reports as text, for a program that runs without `deadheat run`: written the moment something is found.
#pragma once

#include "runtime/protocol.h"

namespace deadheat::rt {

/// Writes a Race, LockCycle, Deadlock, Misuse or Contention record to stderr, or to the file that option `log_path` names, in one
/// go. Under the recording's lock, after the record is complete.
void tellReport(const protocol::RecordHeader& record);
/// The last line, where anything was reported, and the suppressions that were used, where option `print_suppressions`
/// asks for them.
void tellEnd(std::uint64_t reports);

}  // namespace deadheat::rt
