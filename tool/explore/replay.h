// `deadheat replay`: a stored schedule again, step for step.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"
#include "tool/explore/stored_schedule.h"

namespace deadheat {

struct ReplayOptions {
  std::string file;                  ///< Or the finding's id, or `check-id`.
  std::string folder = "deadheat-out";  ///< Where schedules named by id are.
  std::vector<std::string> command;  ///< Program and arguments; empty: those of the file.
  std::size_t times = 1;
  std::chrono::milliseconds timeLimit{10000};
};

struct ReplayResult {
  StoredSchedule stored;
  std::size_t runs = 0;
  std::size_t reproduced = 0;          ///< Runs that took the same steps and showed the failure.
  std::vector<Finding> findings;       ///< Of the first run.
  std::vector<std::string> notes;      ///< What went another way, each once.
};

/// The file that `id` means: itself, or the one of that name in `folder`, or the only one there whose name has it.
std::string findSchedule(const std::string& id, const std::string& folder);

/// Errors, one line each: no such file, the program cannot be run, or is not the one the schedule was made with.
llvm::Expected<ReplayResult> replay(const ReplayOptions& options);

/// Runs the replay in gdb, which stops where the failure is reported, or at the crash; all other threads stand still where
/// the schedule has them. Returns gdb's exit code. Errors: as for replay(), and that there is no gdb.
llvm::Expected<int> replayInGdb(const ReplayOptions& options);

}  // namespace deadheat
