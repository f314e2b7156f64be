// Recording: what happened. How it is laid out, and what records of all kinds are made of. Part of runtime/protocol.h.
#pragma once

#include <cstdint>

namespace deadheat::protocol {

inline constexpr char kRecordingMagic[8] = {'D', 'H', 'R', 'E', 'C', '\n', 0, 0};

enum class RunState : std::uint32_t {
  Running = 0,     ///< Not ended in order: killed from outside, or still alive.
  Exited = 1,      ///< `exitCode` is the program's own.
  Deadlocked = 2,  ///< The runtime saw a deadlock and ended the program.
  Crashed = 3,     ///< Ended by signal `signal`.
  Livelocked = 4,  ///< Threads went on, but got nowhere.
  Diverged = 5,    ///< A strict replay found another step than expected; a Note says which.
  Refused = 6,     ///< The plan cannot be followed, as a Note says; nothing of the program's own has run.
};

/// At offset 0. Records follow at kRecordsOffset up to `used`, which the runtime raises only after a record is
/// complete, so a reader may trust everything below it however the program ended. The file may be longer.
struct RecordingHeader {
  char magic[8];
  std::uint32_t version;
  RunState state;
  std::int32_t exitCode;
  std::int32_t signal;
  std::uint64_t pid;
  std::uint64_t used;      ///< Bytes of records that are complete.
  std::uint64_t dropped;   ///< Records that found no room.
  std::uint64_t accesses;  ///< Not maintained unless the option `count_accesses` is on.
  std::uint64_t reserved[8];
};
inline constexpr std::uint64_t kRecordsOffset = 128;
static_assert(sizeof(RecordingHeader) == 120 || sizeof(RecordingHeader) == 128);

enum class RecordType : std::uint32_t {
  Nothing = 0,  ///< Its place is being used for something else.
  Module = 1,
  Thread = 2,
  Race = 3,
  LockCycle = 4,
  Deadlock = 5,
  Misuse = 6,
  SiteReached = 7,
  Note = 8,
  Lock = 9,
  Contention = 10,
  Schedule = 11,
  Deviations = 12,
  Crash = 13,
  Profile = 14,
  Gap = 15,
  Apart = 16,
  Task = 17,
  TaskStack = 18,
  Blocked = 19,
  Trace = 20,
  Events = 21,
  Context = 22,
  Suppression = 23,
};

/// Before every record. `size` counts this header and is a multiple of 8.
struct RecordHeader {
  RecordType type;
  std::uint32_t size;
};

/// A mapped executable segment's module. Followed by the path (zero-terminated, padded to 8).
struct ModuleRecord {
  RecordHeader header;
  std::uint64_t base;   ///< Load bias: run-time address minus ELF virtual address.
  std::uint64_t begin;  ///< Run-time address range.
  std::uint64_t end;
  std::uint8_t buildId[20];
  std::uint32_t buildIdSize;
  std::uint32_t instrumented;  ///< Non-zero: built with deadheat (calls the runtime).
  std::uint32_t pathSize;
};

/// A thread starts. Followed by its creation stack. Main is id 0.
struct ThreadRecord {
  RecordHeader header;
  std::uint32_t id;
  std::uint32_t parent;
  std::uint64_t osId;
  std::uint64_t entry;  ///< Address of the start routine as the program gave it.
  char name[16];
  std::uint32_t stackSize;      ///< Number of std::uint64_t program counters that follow.
  std::uint32_t reportsBefore;  ///< The process had made when it wrote this.
};

/// A stack in a record: `size` program counters follow, innermost first. Entry 0 is the operation's own; the others are
/// return addresses (look up pc-1).
struct StackHeader {
  std::uint32_t size;
  std::uint32_t reserved;
};

/// Text for people (what was dropped, what could not be done). Followed by the text, zero-terminated, padded to 8.
struct NoteRecord {
  RecordHeader header;
  std::uint32_t textSize;
  std::uint32_t reserved;
};

/// What the user does not want to hear of: a line `kind:pattern` of a suppressions file. Laid out as a NoteRecord.
using SuppressionRecord = NoteRecord;

}  // namespace deadheat::protocol
