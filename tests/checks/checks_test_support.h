// What the tests of checks ask of a finding.
#pragma once

#include <gtest/gtest.h>

#include "analyzers/checks/check.h"
#include "analyzers/link/program.h"
#include "tests/support/facts_builder.h"

namespace deadheat {

/// The findings that are shown by default.
inline std::vector<Finding> shown(std::vector<Finding> findings) {
  std::erase_if(findings, [](const Finding& f) { return f.confidence == Confidence::Low; });
  return findings;
}

/// What the check called `id` shows by default.
inline std::vector<Finding> findingsOf(std::string_view id, const FactsBuilder& facts) {
  const Check* const check = findCheck(id);
  return shown(runChecks({&check, 1}, facts.link()));
}
inline std::vector<Finding> races(const FactsBuilder& facts) { return findingsOf("data-race", facts); }
inline std::vector<Finding> cycles(const FactsBuilder& facts) { return findingsOf("lock-order", facts); }
inline std::vector<Finding> doubles(const FactsBuilder& facts) { return findingsOf("double-lock", facts); }

/// All messages, for a failing test to show.
inline std::string messages(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings) text += f.message + " [" + f.confidenceReason + "]\n";
  return text.empty() ? "no findings" : text;
}

/// Fails unless there is exactly one finding, about `subject`, with `confidence`.
inline void expectOne(const std::vector<Finding>& findings, const std::string& subject, Confidence confidence) {
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].subjects.front(), subject);
  EXPECT_EQ(findings[0].confidence, confidence) << messages(findings);
}
inline void expectNone(const std::vector<Finding>& findings) { EXPECT_TRUE(findings.empty()) << messages(findings); }

}  // namespace deadheat
