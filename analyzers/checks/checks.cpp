// The table of checks: adding one is a row here and its file.
#include <algorithm>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/link/program.h"

namespace deadheat {

extern const Check kDataRace;
extern const Check kDeadlock;
extern const Check kDoubleLock;
extern const Check kLockMisuse;
extern const Check kLockOrder;

const std::vector<Check>& allChecks() {
  static const std::vector<Check> checks = {
      kDataRace,
      kDeadlock,
      kDoubleLock,
      kLockMisuse,
      kLockOrder,
  };
  return checks;
}

const Check* findCheck(std::string_view id) {
  for (const Check& check : allChecks()) {
    if (check.info.id == id) return &check;
  }
  return nullptr;
}

std::vector<Finding> runChecks(std::span<const Check* const> selected, const Program& program) {
  std::vector<Finding> findings;
  std::vector<InspectFunction> inspections;
  for (const Check* check : selected) {
    if (check->inspect) inspections.push_back(check->inspect);
    if (!check->run) continue;
    for (Finding& finding : check->run(program)) findings.push_back(std::move(finding));
  }
  if (!inspections.empty()) {
    program.forEachConcurrentFunction([&](const FunctionView& view) {
      for (InspectFunction inspect : inspections) inspect(program, view, findings);
    });
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.location, a.check) < std::tie(b.location, b.check);
  });
  return findings;
}

}  // namespace deadheat
