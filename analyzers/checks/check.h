// Check: one kind of hazard, static, dynamic or both. A check is one file in this folder, with its texts, and one row in
// checks.cpp; help, `explain`, `list-checks`, docs/checks and SARIF rules all come from that row.
//
// A check looks at the program in one or both of two ways: `run` once, at the scopes and their threads; `inspect` once
// a function, at its control-flow graph with what is held at each step. The second is a sweep that all checks share.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

class Program;
struct FunctionView;

/// What a check is called and what is said of it.
struct CheckInfo {
  std::string_view id;       ///< `lock-order`; also the name of its file (with _), its samples and its page.
  std::string_view title;    ///< One line.
  std::string_view reason;   ///< Why it is a bug: one to three paragraphs.
  std::string_view example;  ///< C++ that shows it. Compiles given the usual headers.
  std::string_view fix;      ///< How to mend it, with code where that helps.
  std::string_view cwe;      ///< `CWE-362`, or empty.
};

/// Looks at the whole program and returns findings in a stable order.
using CheckFunction = std::vector<Finding> (*)(const Program&);

/// Looks at one function and adds what it finds.
using InspectFunction = void (*)(const Program&, const FunctionView&, std::vector<Finding>&);

/// Neither function: a hazard that only a run of the program can show.
struct Check {
  CheckInfo info;
  CheckFunction run = nullptr;
  InspectFunction inspect = nullptr;

  bool isStatic() const { return run || inspect; }
};

/// All checks, sorted by id.
const std::vector<Check>& allChecks();

/// The check called `id`, or null.
const Check* findCheck(std::string_view id);

/// What the checks in `selected` find, by location and then check. Those with `inspect` share one sweep over the
/// functions that have to do with concurrency.
std::vector<Finding> runChecks(std::span<const Check* const> selected, const Program& program);

}  // namespace deadheat
