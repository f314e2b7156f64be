// `deadheat run`: one free run of a program, its own streams and exit code passed through, and what the runtime saw.
//
// Used by tool/commands/run.cpp, which renders the findings; confirm/ uses the layers below (process.h, launch.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// What a run looks at: everything, in a program built with deadheat; or locks and waits, in any program.
enum class RunMode { Detect, Locks };

/// How `deadheat run -- PROG ARGS` is to go.
struct RunOptions {
  std::vector<std::string> command;           ///< Program and arguments; the program is looked up in PATH.
  RunMode mode = RunMode::Detect;             ///< `--mode`.
  std::optional<int> exitCode;                ///< `--exitcode`: what to exit with when there are findings.
  std::chrono::milliseconds timeLimit{0};     ///< `--time-limit`: 0 is none. The whole process group is ended.
  bool contention = false;                    ///< `--contention`: count waits for locks.
  std::string recordingPath;                  ///< Keep the recording here; empty: a temporary file that is removed.
  std::string runtimeOptions;                 ///< Passed on as DEADHEAT_OPTIONS; may be empty.
};

/// What the run showed.
struct RunReport {
  std::vector<Finding> findings;   ///< Origin Dynamic, without duplicates, in the order of the recording.
  std::vector<std::string> contention;  ///< Lines of a table, for stderr.
  std::vector<std::string> notes;  ///< One line each, for stderr: time limit hit, killed by a signal, records dropped.
  int exitCode = 0;                ///< What `deadheat run` exits with (see protocol.h on 66; 128+N for signal N).
};

/// Runs the program with our stdin, stdout and stderr and reads its recording, however the program ended. Errors, one
/// line each that says what to do: no such program, not executable, not built with deadheat (Detect), linked statically
/// (Locks), no recording made.
llvm::Expected<RunReport> runProgram(const RunOptions& options);

}  // namespace deadheat
