// The options of a run: `name=value` pairs separated by colons, spaces or commas.
//
// From __tsan_default_options(), then TSAN_OPTIONS, then DEADHEAT_OPTIONS; what comes later holds. ThreadSanitizer's names
// are known, so that its settings go on working; those that have nothing to set here do nothing.
#pragma once

#include <cstdint>

namespace deadheat::rt {

/// What to do when threads can never go on: end the process, only record it and hang on, or abort() for a core dump.
enum class OnDeadlock : std::uint8_t { Exit, Report, Abort };

struct Options {
  int exitCode = 66;             ///< `exitcode`: of a program that ended with reports or a deadlock; 0: its own.
  bool haltOnError = false;      ///< `halt_on_error`: end the program with the first report.
  bool countAccesses = false;    ///< `count_accesses`: fill RecordingHeader::accesses; slow.
  bool races = true;             ///< `races`: look for data races.
  bool atomicRaces = true;       ///< `report_atomic_races`: also of an atomic access with a plain one.
  bool locks = true;             ///< `locks`: report lock-order cycles and misuse.
  bool lockOrder = true;         ///< `detect_deadlocks`: report lock-order cycles.
  bool destroyLocked = true;     ///< `report_destroy_locked`: report that a held lock was destroyed.
  bool threadLeaks = true;       ///< `report_thread_leaks`: report threads that ended and were not joined.
  bool handlers = true;          ///< `report_signal_unsafe`: report what handlers of signals must not do.
  bool tasks = true;             ///< `report_tasks`: report coroutines that are used against their rules.
  bool deadlocks = true;         ///< `deadlocks`: end the program when threads can never go on.
  bool ignoreForeignModules = false;  ///< `ignore_noninstrumented_modules`: accesses of calls from other libraries.
  bool fullThreadHistory = false;     ///< `print_full_thread_history`: also who created the threads of a report.
  bool addresses = false;             ///< `stack_trace_format`, whatever it is: frames begin with their address.
  bool contention = false;            ///< `contention`: count waits for locks and how long they are held.
  bool printSuppressions = false;     ///< `print_suppressions`: list those that were used.
  OnDeadlock onDeadlock = OnDeadlock::Exit;  ///< `on_deadlock`: exit, report or abort.
  std::uint64_t recordingMegabytes = 1024;  ///< `recording_mb`: most it may grow to; later records are dropped.
  const char* suppressions = nullptr;       ///< `suppressions`: path of a file of them.
  const char* logPath = nullptr;            ///< `log_path`: reports go to <path>.<pid>; stderr and stdout are known.
};

extern Options options;

/// Reads the environment into `options`. An unknown name or a value it does not take ends the process with one line
/// that names it, exit code 64.
void parseOptions();

}  // namespace deadheat::rt
