#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

std::vector<Finding> leaks(const FactsBuilder& facts) { return findingsOf("lock-leak", facts); }

TEST(LockLeak, FindsTheReturnThatForgetsTheLock) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").beginIf().leave().endIf().release("mu");
  facts.main().call("f");
  auto found = leaks(facts);
  expectOne(found, "mu", Confidence::High);
  EXPECT_EQ(found[0].location.line, 101u);
}

TEST(LockLeak, IsSilentWhenEveryWayOutGivesItBack) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").beginIf().release("mu").leave().endIf().release("mu");
  expectNone(leaks(facts));
}

TEST(LockLeak, KnowsConditionsThatGoTogether) {
  FactsBuilder facts;
  facts.global("mu").global("threaded");
  auto& f = facts.function("f");
  f.beginIfSet("threaded").acquire("mu").endIf().write("x").beginIfSet("threaded").release("mu").endIf();
  expectNone(leaks(facts));
}

TEST(LockLeak, KnowsAFlagThatRemembersTheLock) {
  FactsBuilder facts;
  facts.global("mu");
  auto& f = facts.function("f");
  f.flag("locked", "").beginIf().acquire("mu").flag("locked", "1").endIf();
  f.beginIfSet("locked").release("mu").endIf();
  expectNone(leaks(facts));
}

TEST(LockLeak, FindsTheLockThatTheFlagDoesNotRemember) {
  FactsBuilder facts;
  facts.global("mu");
  auto& f = facts.function("f");
  f.flag("locked", "").beginIf().acquire("mu").orElse().flag("locked", "1").endIf();
  f.beginIfSet("locked").write("x").endIf();
  EXPECT_EQ(leaks(facts).size(), 1u);
}

TEST(LockLeak, TrustsAFunctionWhoseCallersGiveTheLockBack) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("open").acquire("mu").beginIf().release("mu").leave().endIf();
  facts.function("use").call("open").release("mu");
  expectNone(leaks(facts));
}

TEST(LockLeak, TrustsLockFunctionsThatHaveACounterpart) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("acquireAll").acquire("mu");
  facts.function("releaseAll").release("mu");
  expectNone(leaks(facts));
}

TEST(LockLeak, SuspectsALockThatNobodyGivesBack) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").write("x");
  expectOne(leaks(facts), "mu", Confidence::Medium);
}

TEST(LockLeak, LeavesGuardsAlone) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").guard("g", "mu").beginIf().unguard("g").leave().endIf().unguard("g");
  expectNone(leaks(facts));
}

TEST(LockLeak, IsLessShownIfNothingCatchesTheException) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("parse").beginIf().throws().endIf();
  facts.function("f").acquire("mu").call("parse").release("mu");
  expectNone(leaks(facts));
  const Check* const check = findCheck("lock-leak");
  EXPECT_EQ(runChecks({&check, 1}, facts.link()).size(), 1u);
}

TEST(LockLeak, FollowsAnElementWhileItsIndexStaysAsItIs) {
  FactsBuilder facts;
  facts.global("locks");
  auto& f = facts.function("f");
  f.flag("i", "").acquire("locks[i]").beginIf().leave().endIf().release("locks[i]");
  expectOne(leaks(facts), "locks", Confidence::High);
}

TEST(LockLeak, ForgetsAnElementWhoseIndexChanges) {
  FactsBuilder facts;
  facts.global("locks");
  facts.function("f").flag("i", "").acquire("locks[i]").flag("i", "1").beginIf().leave().endIf().release("locks[i]");
  expectNone(leaks(facts));
}

TEST(LockLeak, TakesAnotherNameForTheElementThatIsHeld) {
  FactsBuilder facts;
  facts.global("locks");
  facts.function("f").flag("i", "").flag("j", "").acquire("locks[i]").release("locks[j]");
  expectNone(leaks(facts));
}

}  // namespace
}  // namespace deadheat
