// Check: one kind of hazard, static, dynamic or both. A check is one file in this folder and one row in checks.cpp;
// help, `explain`, `list-checks`, docs/checks and SARIF rules all come from that row.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

class Program;

/// What a check is called and what is said of it.
struct CheckInfo {
  std::string_view id;       ///< `lock-order`; also the name of its file (with _), its samples and its page.
  std::string_view title;    ///< One line.
  std::string_view reason;   ///< Why it is a bug: one to three paragraphs.
  std::string_view example;  ///< C++ that shows it.
  std::string_view fix;      ///< How to mend it, with code where that helps.
  std::string_view cwe;      ///< `CWE-362`, or empty.
};

/// A check looks at the whole program and returns findings in a stable order.
using CheckFunction = std::vector<Finding> (*)(const Program&);

struct Check {
  CheckInfo info;
  CheckFunction run;  ///< Null for hazards that only a run can show.
};

/// All checks, sorted by id.
const std::vector<Check>& allChecks();

/// The check called `id`, or null.
const Check* findCheck(std::string_view id);

}  // namespace deadheat
