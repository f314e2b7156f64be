// docs/checks holds a page a check, made from the table of checks.
#include <gtest/gtest.h>

#include "analyzers/checks/check.h"
#include "tests/support/golden.h"

namespace deadheat {
namespace {

std::string page(const CheckInfo& info, bool isStatic) {
  std::string text = "# " + std::string(info.id) + "\n\n" + std::string(info.title) + "\n\n";
  text += isStatic ? "Found by `check`." : "Seen by `run`, `hunt` and `confirm` only.";
  if (!info.cwe.empty()) text += " " + std::string(info.cwe) + ".";
  text += "\n\n" + std::string(info.reason) + "\n\n## Example\n\n```cpp\n" + std::string(info.example);
  if (!text.ends_with('\n')) text += '\n';
  text += "```\n\n## Fix\n\n" + std::string(info.fix);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

TEST(CheckPages, SayWhatTheTableOfChecksSays) {
  ASSERT_GE(allChecks().size(), 3u);
  for (const Check& check : allChecks())
    expectGolden("docs/checks/" + std::string(check.info.id) + ".md", page(check.info, check.isStatic()));
}

}  // namespace
}  // namespace deadheat
