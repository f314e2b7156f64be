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

TEST(BadUnlock, IsLessSureOfARecursiveLock) {
  FactsBuilder facts;
  facts.global("mu");
  FunctionBuilder& f = facts.function("f");
  Acquire lock;
  lock.lock = f.path("mu");
  lock.recursion = Recursion::Yes;
  f.event(lock).release("mu").release("mu");
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

TEST(BadUnlock, FindsTheElementThatACallerOfAHelperHasNotTaken) {
  FactsBuilder facts;
  facts.global("locks");
  facts.function("retire").parameters({"which"}).release("locks[which]");
  auto& worker = facts.function("worker");
  worker.flag("i", "").beginIf().call("retire", {Value::constant("i")}).leave().endIf();
  worker.acquire("locks[i]").call("retire", {Value::constant("i")});
  facts.main().spawn("worker", "t").join("t");
  expectOne(bad(facts), "locks", Confidence::High);
}

TEST(BadUnlock, LeavesALoopThatGivesBackAllElementsAlone) {
  FactsBuilder facts;
  facts.global("locks");
  auto& worker = facts.function("worker");
  worker.flag("i", "").beginLoop().acquire("locks[i]").flag("i", "1").endLoop();
  worker.flag("i", "").beginLoop().release("locks[i]").flag("i", "1").endLoop();
  facts.main().spawn("worker", "t").join("t");
  expectNone(bad(facts));
}

TEST(BadUnlock, FindsTheErrorPathThatGivesBackWhatOnlyTheOtherTakes) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("begin").acquire("mu").release("mu");
  facts.function("work").beginIf().release("mu").leave().endIf().call("begin");
  facts.main().call("work");
  expectOne(bad(facts), "mu", Confidence::High);
}

TEST(BadUnlock, AsksAllCallersWhetherTheyHoldTheLock) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("give").beginIf().release("mu").leave().endIf();
  facts.function("through").call("give");
  facts.main().call("through").acquire("mu").call("through");
  expectNone(bad(facts));
}

}  // namespace
}  // namespace deadheat
