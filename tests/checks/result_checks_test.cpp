// future-deadlock, await-cycle.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

std::vector<Finding> deadlocks(const FactsBuilder& facts) { return findingsOf("future-deadlock", facts); }

TEST(FutureDeadlock, FindsAWaitUnderTheLockThatTheTaskTakes) {
  FactsBuilder facts;
  facts.global("mu").function("work").acquire("mu").release("mu");
  auto& f = facts.main();
  f.acquire("mu");
  f.event(Spawn{{Callee::Kind::Direct, "work", {}, "work", ""}, {}, {}, f.path("r"), SpawnWhere::Async, "std::async"});
  f.event(Join{f.path("r"), Join::By::Call, true}).release("mu");
  expectOne(deadlocks(facts), "mu", Confidence::High);
}

TEST(FutureDeadlock, AcceptsAWaitAfterTheLockWasGivenBack) {
  FactsBuilder facts;
  facts.global("mu").function("work").acquire("mu").release("mu");
  auto& f = facts.main();
  f.acquire("mu");
  f.event(Spawn{{Callee::Kind::Direct, "work", {}, "work", ""}, {}, {}, f.path("r"), SpawnWhere::Async, "std::async"});
  f.release("mu").event(Join{f.path("r"), Join::By::Call, true});
  expectNone(deadlocks(facts));
}

TEST(FutureDeadlock, FindsAPromiseThatIsKeptOnlyAfterTheLockWasTaken) {
  FactsBuilder facts;
  facts.global("mu").global("p");
  auto& work = facts.function("work");
  work.acquire("mu").event(Notify{work.path("p.$state")}).release("mu");
  auto& f = facts.main();
  f.assign("p", f.at("p.$state")).assign("r", f.load("p")).spawn("work", "t");
  f.acquire("mu").event(Join{f.path("r"), Join::By::Call, true}).release("mu").join("t");
  expectOne(deadlocks(facts), "mu", Confidence::High);
}

/// `f` waits for the result of the global promise `needed`, then keeps `given`.
void exchange(FunctionBuilder& f, const std::string& needed, const std::string& given) {
  f.assign("r", f.load(needed)).event(Join{f.path("r"), Join::By::Call, true});
  f.event(Notify{f.path("*" + given)});
}

TEST(AwaitCycle, FindsTwoThreadsThatWaitForEachOthersResult) {
  FactsBuilder facts;
  facts.global("a").global("b");
  exchange(facts.function("first"), "a", "b");
  exchange(facts.function("second"), "b", "a");
  auto& f = facts.main();
  f.assign("a", f.at("a.$state")).assign("b", f.at("b.$state"));
  f.spawn("first", "t").spawn("second", "u").join("t").join("u");
  const std::vector<Finding> found = findingsOf("await-cycle", facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].confidence, Confidence::High);
}

TEST(AwaitCycle, AcceptsOneThatGivesItsResultFirstOrOnSomeWayWithoutWaiting) {
  FactsBuilder facts;
  facts.global("a").global("b");
  auto& first = facts.function("first");
  first.event(Notify{first.path("*b")}).assign("r", first.load("a")).event(Join{first.path("r"), Join::By::Call, true});
  exchange(facts.function("second"), "b", "a");
  auto& f = facts.main();
  f.assign("a", f.at("a.$state")).assign("b", f.at("b.$state"));
  f.spawn("first", "t").spawn("second", "u").join("t").join("u");
  expectNone(findingsOf("await-cycle", facts));
}

}  // namespace
}  // namespace deadheat
