#include <gtest/gtest.h>

#include "analyzers/findings/finding.h"

namespace deadheat {
namespace {

Finding race() {
  Finding finding;
  finding.check = "data-race";
  finding.subjects = {"Cache::hits_"};
  finding.functions = {"Cache::get", "Cache::report"};
  return finding;
}

TEST(Fingerprint, Is32HexDigitsAndTheSameOnEveryMachine) {
  std::string print = fingerprint(race());
  EXPECT_EQ(print.size(), 32u);
  EXPECT_EQ(print.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(print, fingerprint(race()));
}

TEST(Fingerprint, SurvivesEditsElsewhereAndFileMoves) {
  Finding moved = race();
  moved.message = "said differently";
  moved.location = {"/elsewhere/cache.cpp", 99, 1};
  moved.sites = {{Site::Kind::Write, {"/elsewhere/cache.cpp", 99, 1}, "Cache::get", {}}};
  moved.verdict.kind = Verdict::Kind::Confirmed;
  EXPECT_EQ(fingerprint(moved), fingerprint(race()));
}

TEST(Fingerprint, DiffersByCheckSubjectAndFunction) {
  Finding other = race();
  other.check = "lock-order";
  EXPECT_NE(fingerprint(other), fingerprint(race()));
  other = race();
  other.subjects = {"Cache::misses_"};
  EXPECT_NE(fingerprint(other), fingerprint(race()));
  other = race();
  other.functions = {"Cache::get"};
  EXPECT_NE(fingerprint(other), fingerprint(race()));
}

TEST(Fingerprint, KeepsApartNamesThatOnlyJoinUpAlike) {
  Finding a = race(), b = race();
  a.subjects = {"ab", "c"};
  b.subjects = {"a", "bc"};
  EXPECT_NE(fingerprint(a), fingerprint(b));
}

}  // namespace
}  // namespace deadheat
