// A failure's schedule in a file: all that is needed to make it happen again, in JSON, for `deadheat replay`.
//
// Code is named by module and offset, so the file is good on every machine that has the same binaries; their build ids are
// in it. What people want to know of it (what failed, how it was found, the story) is there too and changes nothing.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/confirm/plan.h"
#include "tool/explore/anchors.h"
#include "tool/explore/trail.h"
#include "tool/symbols/recording.h"

namespace deadheat {

struct StoredSchedule {
  std::string program;
  std::vector<std::string> arguments;  ///< argv.
  std::vector<PlannedModule> modules;  ///< Paths are base names.
  std::vector<PlannedSite> sites;      ///< Accesses that are points, if not all are,
  std::vector<PlannedRange> ranges;    ///< and their code.
  PlannedSchedule schedule;            ///< A strict replay.
  std::uint64_t steps = 0;             ///< The run's own figures, to be met again.
  std::uint64_t hash = 0;
  int expectedExit = 0;                ///< Exit code of a run that is well,
  std::string expectedOutput;          ///< and the file with what it prints; empty: anything.
  std::string runtimeOptions;          ///< What the runtime was asked to look for, joined by colons.
  std::string check;                   ///< The failure.
  std::string message;
  std::string key;                     ///< Its failureKey.
  std::string ending;                  ///< How the run ended beside that; empty: well, or that is the failure.
  std::string foundBy;                 ///< Strategy and seed.
  std::uint64_t foundIn = 0;           ///< Which schedule, counted from 1.
  std::uint64_t deviationsFound = 0;   ///< Before it was shortened.
  std::vector<std::string> story;
  Trail trail;                         ///< Every step to be met again; empty: it was not recorded.
  std::vector<Anchor> anchors;         ///< One for each deviation, or none.
  std::vector<Anchor> siteAnchors;     ///< One for each site, or none.
};

/// The deviation in a plan's terms. Its module is added to `modules` if it is not there.
PlannedDeviation plannedDeviation(const RecordedDeviation& from, const Recording& recording,
                                  std::vector<PlannedModule>& modules);

/// Schedule and modules of a run's recording, as a strict replay with the plan's sites and settings. Error: it has none.
llvm::Expected<StoredSchedule> storedSchedule(const Recording& recording, const Plan& plan);

/// The plan that replays it, strict or not.
Plan replayPlan(const StoredSchedule& stored, bool strict);

/// Errors of one line: cannot be written or read, not such a file, made by another version.
llvm::Error writeStoredSchedule(const StoredSchedule& stored, const std::string& path);
llvm::Expected<StoredSchedule> readStoredSchedule(const std::string& path);

}  // namespace deadheat
