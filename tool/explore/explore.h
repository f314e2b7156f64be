// `deadheat explore`: a program under many schedules, every distinct failure with the shortest schedule that brings it
// about.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"
#include "runtime/protocol.h"

namespace deadheat {

/// Which part of an exploration is ours: its runs are dealt out in turn.
struct Shard {
  std::size_t index = 0;  ///< From 0.
  std::size_t count = 1;
  auto operator<=>(const Shard&) const = default;
};

struct ExploreProgress {
  std::size_t runsDone = 0;
  std::size_t runsPlanned = 0;
  std::size_t failures = 0;
};

struct ExploreOptions {
  std::vector<std::string> command;
  std::string strategy = "portfolio";
  protocol::SchedulePoints points = protocol::SchedulePoints::All;
  std::vector<Finding> findings;        ///< Whose places are the points, if only sites are.
  std::uint64_t spurious = 0;           ///< Most wake-ups without a cause in a run.
  std::size_t runs = 1000;              ///< Of all shards together.
  Shard shard;
  bool resumes = false;                 ///< Goes on after what `outputDirectory` says was done.
  std::chrono::milliseconds budget{0};  ///< For all runs; 0: none.
  unsigned bound = 2;                   ///< Preemptions of a run, of the systematic search (`dfs`).
  std::uint64_t seed = 1;
  unsigned jobs = 0;                    ///< 0: one a processor.
  bool forks = true;                    ///< Copies the program for each run, if that can be.
  bool stopAtFirst = false;
  bool shortens = true;
  int expectedExit = 0;
  std::string expectedOutput;           ///< File with what a run prints that is well; empty: anything.
  std::chrono::milliseconds timeLimit{10000};  ///< Of one run.
  std::uint64_t mostSteps = 100000;            ///< Of a run; after these the default is done.
  std::string runtimeOptions;
  std::string outputDirectory = "deadheat-out";
  std::function<void(const ExploreProgress&)> progress;
};

/// What is known of one failure.
struct ExploredFailure {
  Finding finding;            ///< verdict.recording names the schedule file, verdict.attempts the runs up to the first hit.
  std::string strategy;
  std::size_t deviations = 0;       ///< Of the schedule found,
  std::size_t deviationsLeft = 0;   ///< and of what is left of it.
  std::vector<std::string> story;
};

struct ExploreResult {
  std::vector<ExploredFailure> failures;  ///< In order of first hit.
  std::vector<std::string> notes;
  std::string coverage;          ///< What was searched to its end, of a systematic search.
  std::size_t runs = 0;
  std::uint64_t mostSteps = 0;   ///< Of a run.
  std::uint64_t mostThreads = 0;
  std::uint64_t recordedBytes = 0;  ///< Of all runs.
  std::chrono::milliseconds elapsed{0};
};

/// Errors, one line each: the program cannot be run or is not instrumented, no such strategy, nowhere to write.
llvm::Expected<ExploreResult> explore(const ExploreOptions& options);

}  // namespace deadheat
