// What the tests of checks ask of a finding.
#pragma once

#include <gtest/gtest.h>

#include "analyzers/checks/checks.h"
#include "tests/support/facts_builder.h"

namespace deadheat {

/// The findings that are shown by default.
inline std::vector<Finding> shown(std::vector<Finding> findings) {
  std::erase_if(findings, [](const Finding& f) { return f.confidence == Confidence::Low; });
  return findings;
}

inline std::vector<Finding> races(const FactsBuilder& facts) { return shown(checkDataRace(facts.link())); }
inline std::vector<Finding> cycles(const FactsBuilder& facts) { return shown(checkLockOrder(facts.link())); }
inline std::vector<Finding> doubles(const FactsBuilder& facts) { return shown(checkDoubleLock(facts.link())); }

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
