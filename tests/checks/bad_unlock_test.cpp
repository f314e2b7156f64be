#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

std::vector<Finding> bad(const FactsBuilder& facts) { return findingsOf("bad-unlock", facts); }

TEST(BadUnlock, FindsALockGivenBackTwice) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").release("mu").release("mu");
  auto found = bad(facts);
  expectOne(found, "mu", Confidence::High);
  EXPECT_EQ(found[0].location.line, 103u);
}

TEST(BadUnlock, IsLessSureIfOnlySomeWaysGaveItBack) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").beginIf().release("mu").endIf().release("mu");
  expectOne(bad(facts), "mu", Confidence::Medium);
}

TEST(BadUnlock, TakesALockOfTheCallerForHeld) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").release("mu").write("x").acquire("mu");
  expectNone(bad(facts));
}

TEST(BadUnlock, SeesThroughCalls) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("give").release("mu");
  facts.function("f").acquire("mu").release("mu").call("give");
  expectOne(bad(facts), "mu", Confidence::High);
}

TEST(BadUnlock, FindsTheLockOfAnotherThread) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("work").release("mu");
  facts.main().acquire("mu").spawn("work", "t").join("t");
  expectOne(bad(facts), "mu", Confidence::High);
}

TEST(BadUnlock, FindsAWaitWithoutTheLock) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  facts.function("f").acquire("mu").release("mu").wait("cv", "mu");
  expectOne(bad(facts), "mu", Confidence::High);
}

TEST(BadUnlock, FindsAGuardThatIsRobbed) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").guard("g", "mu").release("mu").unguard("g");
  expectOne(bad(facts), "mu", Confidence::High);
}

TEST(BadUnlock, LetsAGuardBeUnlockedEarly) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").guard("g", "mu").unguard("g").unguard("g");
  expectNone(bad(facts));
}

}  // namespace
}  // namespace deadheat
