// DEADHEAT_OPTIONS, parsed: `name=value` pairs separated by colons.
#pragma once

#include <cstdint>

namespace deadheat::rt {

/// What to do when threads can never go on: end the process, only record it and hang on, or abort() for a core dump.
enum class OnDeadlock : std::uint8_t { Exit, Report, Abort };

struct Options {
  int exitCode = 66;             ///< `exitcode`: of a program that ended with reports or a deadlock; 0: its own.
  bool countAccesses = false;    ///< `count_accesses`: fill RecordingHeader::accesses; slow.
  bool races = true;             ///< `races`: look for data races.
  bool locks = true;             ///< `locks`: report lock-order cycles and misuse.
  bool deadlocks = true;         ///< `deadlocks`: end the program when threads can never go on.
  OnDeadlock onDeadlock = OnDeadlock::Exit;  ///< `on_deadlock`: exit, report or abort.
  std::uint64_t recordingMegabytes = 1024;  ///< `recording_mb`: most it may grow to; later records are dropped.
};

extern Options options;

/// Reads the environment into `options`. An unknown name or a value it does not take ends the process with one line
/// that names it, exit code 64.
void parseOptions();

}  // namespace deadheat::rt
