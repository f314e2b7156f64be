#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

TEST(DoubleLock, FindsALockTakenTwiceInOneFunction) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").acquire("mu");
  auto found = doubles(facts);
  expectOne(found, "mu", Confidence::High);
  ASSERT_EQ(found[0].sites.size(), 1u);
  EXPECT_EQ(found[0].sites[0].heldSince.line, 101u);
}

TEST(DoubleLock, FindsItThroughACallOnTheSameObject) {
  FactsBuilder facts;
  facts.method("Account::balance").guard("g", "this->mu").unguard("g");
  auto& withdraw = facts.method("Account::withdraw");
  withdraw.guard("g", "this->mu").call("Account::balance", {}, withdraw.at("this")).unguard("g");
  expectOne(doubles(facts), "Account::mu", Confidence::High);
}

TEST(DoubleLock, KnowsTwoObjectsApart) {
  FactsBuilder facts;
  facts.method("Account::balance").guard("g", "this->mu").unguard("g");
  auto& compare = facts.method("Account::compare").parameters({"other"});
  compare.guard("g", "this->mu").call("Account::balance", {}, compare.load("other")).unguard("g");
  expectNone(doubles(facts));
}

TEST(DoubleLock, LetsRecursiveLocksBe) {
  FactsBuilder facts;
  facts.global("mu");
  auto take = [](FunctionBuilder& f) -> FunctionBuilder& {
    return f.acquire("mu", LockMode::Exclusive, LockWait::Blocking, Recursion::Yes);
  };
  take(take(facts.function("f"))).release("mu").release("mu");
  expectNone(doubles(facts));
}

/// Takes the lock of `p` twice; what kind of lock it is its type does not tell.
FactsBuilder twiceOfUnknownKind() {
  FactsBuilder facts;
  auto& f = facts.function("f").parameters({"p"});
  f.acquire("p->S::mu", LockMode::Exclusive, LockWait::Blocking, Recursion::Unknown);
  f.acquire("p->S::mu", LockMode::Exclusive, LockWait::Blocking, Recursion::Unknown);
  return facts;
}

TEST(DoubleLock, IsLessSureWhenTheLockMayBeRecursive) {
  expectOne(doubles(twiceOfUnknownKind()), "S::mu", Confidence::Medium);
}

TEST(DoubleLock, LooksWhereTheLockIsMade) {
  FactsBuilder plain = twiceOfUnknownKind();
  plain.function("make").parameters({"p"}).begins("p->S::mu");
  expectOne(doubles(plain), "S::mu", Confidence::High);
  FactsBuilder recursive = twiceOfUnknownKind();
  recursive.function("make").parameters({"p"}).begins("p->S::mu", Recursion::Yes);
  expectNone(doubles(recursive));
}

TEST(DoubleLock, TakesAVariableWithoutSuchACallForPlain) {
  FactsBuilder facts;
  facts.global("mu");
  auto& f = facts.function("f");
  f.acquire("mu", LockMode::Exclusive, LockWait::Blocking, Recursion::Unknown);
  f.acquire("mu", LockMode::Exclusive, LockWait::Blocking, Recursion::Unknown);
  expectOne(doubles(facts), "mu", Confidence::High);
}

TEST(DoubleLock, IsSilentAfterARelease) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").release("mu").acquire("mu").release("mu");
  expectNone(doubles(facts));
}

TEST(DoubleLock, IsSilentWhenOnlyOneWayHoldsTheLock) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").beginIf().acquire("mu").endIf().acquire("mu");
  expectNone(doubles(facts));
}

TEST(DoubleLock, IgnoresTriesOfLocksThatRefuse) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquireOf("pthread_mutex_t", "mu").acquireOf("pthread_mutex_t", "mu", LockWait::Try);
  expectNone(doubles(facts));
}

TEST(DoubleLock, SuspectsTriesOfStandardLocksWhichMayNotBeTriedByTheirHolder) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquireOf("std::mutex", "mu").acquireOf("std::mutex", "mu", LockWait::Try);
  expectOne(doubles(facts), "mu", Confidence::Medium);
}

TEST(DoubleLock, KnowsConditionsThatCannotHold) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").flag("on", "").acquire("mu").beginIfSet("on").acquire("mu").endIf().release("mu");
  expectNone(doubles(facts));
}

TEST(DoubleLock, IgnoresHandOverHandLocking) {
  FactsBuilder facts;
  auto& walk = facts.function("walk").parameters({"list"});
  walk.assign("node", walk.load("list->head")).acquire("node->mu").beginLoop();
  walk.assign("next", walk.load("node->next")).acquire("next->mu").release("node->mu");
  walk.assign("node", walk.load("next")).endLoop();
  expectNone(doubles(facts));
}

TEST(DoubleLock, FindsACallbackThatComesBackForTheLock) {
  FactsBuilder facts;
  auto& notify = facts.method("Bus::notify").parameters({"f"});
  notify.guard("g", "this->mu").callThrough(notify.load("f")).unguard("g");
  facts.method("Bus::detach").guard("g", "this->mu").unguard("g");
  auto& lambda = facts.function("use::lambda").kind(Function::Kind::Lambda);
  lambda.call("Bus::detach", {}, lambda.load("this->use::lambda::bus"));
  auto& use = facts.function("use");
  use.assign("$lambda.use::lambda::bus", use.at("bus"));
  use.call("Bus::notify", {use.object("$lambda", "use::lambda")}, use.at("bus"));
  expectOne(doubles(facts), "Bus::mu", Confidence::High);
}

TEST(DoubleLock, LeavesALockThatOneWayOutKeepsToLockLeak) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("spend").acquire("mu").beginIf().leave().endIf().release("mu");
  facts.function("shop").call("spend").call("spend");
  expectNone(doubles(facts));
  expectOne(findingsOf("lock-leak", facts), "mu", Confidence::High);
}

TEST(DoubleLock, TrustsACallerThatGivesTheLockBack) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("begin").acquire("mu").beginIf().leave().endIf().release("mu");
  facts.function("shop").call("begin").beginIf().release("mu").endIf().call("begin");
  expectNone(doubles(facts));
}

}  // namespace
}  // namespace deadheat
