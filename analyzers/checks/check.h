// Check: one kind of hazard, static, dynamic or both. A check is one file in this folder, with its texts, and one row in
// checks.cpp; help, `explain`, `list-checks`, docs/checks and SARIF rules all come from that row.
//
// A check looks at the program in one or more of three ways: `run` once, at the scopes and their threads; `inspect` once
// a function, at its control-flow graph with what is held at each step, in a sweep that all checks share; `recognise`
// at each race that was found, to say what is behind it.
//
// One bug is one finding. A check that tells a bug better than others lists them in `absorbs`: it tells a race that
// they recognise too, and its findings swallow theirs about the same subject at the same place (causes.h).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

class Program;
struct FunctionView;
struct RacePair;

/// What a check is called and what is said of it.
struct CheckInfo {
  std::string_view id;       ///< `lock-order`; also the name of its file (with _), its samples and its page.
  std::string_view title;    ///< One line.
  std::string_view reason;   ///< Why it is a bug: one to three paragraphs.
  std::string_view example;  ///< C++ that shows it. Compiles given the usual headers.
  std::string_view fix;      ///< How to mend it, with code where that helps.
  std::string_view cwe;      ///< `CWE-362`, or empty.
  /// Checks that see the same bugs and know less about them.
  std::span<const std::string_view> absorbs = {};
  /// A run shows it as threads that wait for good at one of its places or for one of its subjects.
  bool endsInHang = false;
  /// What runs call that which comes of it (`lock-misuse`, `data-race`, `assertion`): the same bug, if its threads pass one
  /// of the finding's places.
  std::span<const std::string_view> shownBy = {};
  /// It is about tasks: a run shows it as a use of freed memory, or as a misuse, at a step of its witness.
  bool ofTasks = false;
};

/// Looks at the whole program and returns findings in a stable order.
using CheckFunction = std::vector<Finding> (*)(const Program&);

/// Looks at one function and adds what it finds.
using InspectFunction = void (*)(const Program&, const FunctionView&, std::vector<Finding>&);

/// Whether the race is an instance of the check. If so, `finding`, as data-race tells it, with witness, sites and
/// confidence, is told in the check's words: at least its `check` and `message`.
using RecogniseFunction = bool (*)(const Program&, const RacePair&, Finding&);

/// No function: a hazard that only a run of the program can show.
struct Check {
  CheckInfo info;
  CheckFunction run = nullptr;
  InspectFunction inspect = nullptr;
  RecogniseFunction recognise = nullptr;

  bool isStatic() const { return run || inspect || recognise; }
};

/// All checks, sorted by id.
const std::vector<Check>& allChecks();

/// The check called `id`, or null.
const Check* findCheck(std::string_view id);

/// What the checks in `selected` find, by location and then check, one finding for each bug. Those with `inspect` share
/// one sweep over the functions that have to do with concurrency, those with `recognise` one search for races.
std::vector<Finding> runChecks(std::span<const Check* const> selected, const Program& program);

}  // namespace deadheat
