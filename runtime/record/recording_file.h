// The memory that records go to: a mapped file that grows, shared with the processes forked from this one, or plain
// memory when nobody asked for a file.
#pragma once

#include <cstddef>

#include "runtime/protocol.h"

namespace deadheat::rt {

/// What of the header's reserved words is used, for the processes that share it. A process that dies with the lock
/// taken loses it to the next.
struct SharedState {
  std::uint32_t lockedBy;  ///< Process id, 0: open.
  std::uint32_t nextThread;
  std::uint64_t fileSize;  ///< Bytes that can be written to.
  std::uint64_t reports;
};
static_assert(sizeof(SharedState) <= sizeof(protocol::RecordingHeader::reserved));

/// The header; records follow at protocol::kRecordsOffset.
protocol::RecordingHeader* recordingHeader();
SharedState& sharedState();
inline char* recordsBegin() { return reinterpret_cast<char*>(recordingHeader()) + protocol::kRecordsOffset; }

/// Makes the file named by DEADHEAT_RECORDING, or memory. Ends the process with a line when the file cannot be made.
void mapRecording();
/// False when records go to memory only.
bool recordingHasFile();
/// Makes sure that `bytes` more can be written after the records there are. False: there is no room. Under the lock.
bool makeRoom(std::size_t bytes);

/// Against other processes; threads of this one are kept apart by a lock of their own.
void lockRecording();
void unlockRecording();

}  // namespace deadheat::rt
