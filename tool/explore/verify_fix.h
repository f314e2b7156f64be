// `deadheat verify-fix`: whether a program that was mended and built anew still has a failure that a schedule showed.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/explore/stored_schedule.h"

namespace deadheat {

struct VerifyOptions {
  std::string file;
  std::string folder = "deadheat-out";
  std::vector<std::string> command;      ///< The new program.
  std::size_t neighbours = 60;           ///< Most schedules near the old one.
  std::size_t explored = 300;            ///< Further ones.
  std::uint64_t seed = 1;
  std::chrono::milliseconds timeLimit{10000};
};

struct VerifyResult {
  StoredSchedule stored;
  bool sameProgram = false;              ///< It is the very build that failed.
  std::size_t applied = 0;               ///< Deviations of the old schedule that are in the new program.
  std::vector<std::string> lost;         ///< Places of the others.
  std::vector<std::string> lostSites;    ///< Places of the finding that are not in the new program.
  bool oldFails = false;                 ///< The old interleaving shows the failure.
  std::size_t neighbours = 0;            ///< Runs near it,
  std::size_t neighboursFailing = 0;
  std::size_t explored = 0;              ///< and others.
  std::size_t exploredFailing = 0;
  std::vector<std::string> others;       ///< Other failures that showed, each once.

  bool failed() const { return oldFails || neighboursFailing + exploredFailing != 0; }
  /// The failure is known by the places of a finding, some of which the new build has not, and it did no harm that could
  /// be met again.
  bool cannotTell() const;
  /// Every switch of the old interleaving was made.
  bool couldApply() const { return lost.empty(); }
};

/// Errors, one line each: no such schedule, the program cannot be run or is not instrumented.
llvm::Expected<VerifyResult> verifyFix(const VerifyOptions& options);

}  // namespace deadheat
