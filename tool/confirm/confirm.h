// Confirm: static findings in, verdicts out. Every finding is tried in runs steered towards its sites.
//
// One free run first (what shows by itself, how long a run takes, which modules are loaded). Then runs under the controlled
// scheduler, directed at the findings' places (controlled_runs.h), each proof with the schedule that shows it again. What
// is left, and programs that cannot be run under control, are tried in free runs whose threads are held for a while at
// those places: each a process of its own with a plan of its own, on all cores. Used by tool/commands/confirm.cpp and
// hunt.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// Where confirmation stands, for a progress line.
struct ConfirmProgress {
  std::size_t runsDone = 0;
  std::size_t runsPlanned = 0;  ///< Upper bound: falls when a finding is proved early.
  std::size_t confirmed = 0;
};

/// How to confirm. The defaults suit programs that run for seconds.
struct ConfirmOptions {
  std::vector<std::string> command;              ///< Target program and arguments, built with `deadheat c++`.
  unsigned attempts = 10;                        ///< Most steered runs a finding.
  unsigned jobs = 0;                             ///< Processes at a time; 0: as many as there are cores.
  std::chrono::milliseconds attemptLimit{0};     ///< Longest a steered run may take; 0: from the free run, at least 5 s.
  std::chrono::milliseconds freeRunLimit{60'000};
  std::chrono::milliseconds budget{300'000};     ///< For all steered runs together; 0: no limit.
  std::uint32_t holdMillis = 200;                ///< Longest one hold; doubled from time to time in later attempts.
  std::uint32_t totalHoldMillis = 2000;          ///< Longest all holds of one run; two holds at least.
  bool controls = true;                          ///< Use the controlled scheduler.
  std::uint64_t seed = 1;
  std::string outputDirectory = "deadheat-out";  ///< Where recordings of proofs are kept.
  std::function<void(const ConfirmProgress&)> progress;  ///< Called from the calling thread; may be empty.
};

/// What came of it.
struct ConfirmResult {
  std::vector<Finding> findings;   ///< The static ones in their order, with verdicts, then those only a run showed.
  std::vector<std::string> notes;  ///< One line each, for stderr: crashes, time limits, what could not be done.
  bool incomplete = false;         ///< Some runs failed or were not made (exit code 3 unless there are findings).
};

/// Confirms `findings` against the program. Errors (exit code 1), one line each: no such program, not instrumented, no
/// debug information, output directory not writable, the free run made no recording.
llvm::Expected<ConfirmResult> confirmFindings(std::vector<Finding> findings, const ConfirmOptions& options);

}  // namespace deadheat
