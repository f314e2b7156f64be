// Race pairs: two accesses that may touch the same memory at the same time, at least one writing, with nothing between
// them, and how far that can be relied on. data_race.cpp makes findings of them, and checks that `recognise` what is
// behind a race tell it in their own words.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "analyzers/checks/protection.h"
#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

struct RacePair {
  const Scope* scope = nullptr;
  const SharedAccess* a = nullptr;  ///< Writes.
  const SharedAccess* b = nullptr;
  Confidence confidence = Confidence::High;
  std::string reason;
};

/// A race and how data-race tells it.
struct Race {
  RacePair pair;
  Finding finding;
};

/// The races to be reported: for each variable the surest pair, with the places of the others.
std::vector<Race> findRaces(const Program& program);

/// "write in 'f' without a lock may run at the same time as the read in 'g' under 'm'".
std::string meetingText(const Program& program, const RacePair& pair);

/// Whether the path is data at all: not a lock, a condition, a thread object or a constant.
bool isData(const Program& program, PathId path);

/// Pairs within a function and the threads it starts.
std::vector<RacePair> pairsInFrame(const Program& program, const Scope& scope);

/// Pairs between the public methods of a class and the threads it keeps, or between the functions of a library; what
/// is missing there, a known caller, is made up for by evidence: locks that other accesses of the same variable take.
/// Variables whose text is in `known` were seen with real threads and are left to pairsInFrame.
std::vector<RacePair> pairsByEvidence(const Program& program, const Scope& scope, const std::set<std::string>& known);

/// The variables that threads started by a main touch, by their text.
std::set<std::string> variablesOfThreads(const Program& program);

}  // namespace deadheat
