// promise-misuse, future-deadlock, await-cycle.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using How = ResultUse::How;
using Side = ResultUse::Side;

/// A promise (or future) `name` of `f` is used.
FunctionBuilder& make(FunctionBuilder& f, std::string_view name, How how) {
  return f.event(ResultUse{f.path(name), Side::Maker, how});
}
FunctionBuilder& read(FunctionBuilder& f, std::string_view name, How how) {
  return f.event(ResultUse{f.path(name), Side::Reader, how});
}

std::vector<Finding> misuses(const FactsBuilder& facts) { return findingsOf("promise-misuse", facts); }
std::vector<Finding> deadlocks(const FactsBuilder& facts) { return findingsOf("future-deadlock", facts); }

TEST(PromiseMisuse, FindsASecondResult) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  make(make(make(f, "p", How::Begins), "p", How::Stores), "p", How::Stores);
  expectOne(misuses(facts), "p", Confidence::High);
}

TEST(PromiseMisuse, AcceptsOneResultOnEachWayAndANewPromise) {
  FactsBuilder facts;
  auto& ways = facts.function("ways");
  make(ways, "p", How::Begins).beginIf();
  make(ways, "p", How::Stores).orElse();
  make(ways, "p", How::Stores).endIf();
  auto& again = facts.function("again");
  make(make(make(make(again, "q", How::Begins), "q", How::Stores), "q", How::Begins), "q", How::Stores);
  expectNone(misuses(facts));
}

TEST(PromiseMisuse, SaysNothingWhereOnlySomeWaysHaveStored) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  make(f, "p", How::Begins).beginIf();
  make(f, "p", How::Stores).endIf();
  make(f, "p", How::Stores);
  expectNone(misuses(facts));
}

TEST(PromiseMisuse, FindsASecondResultInACallee) {
  FactsBuilder facts;
  auto& fail = facts.function("fail").parameters({"p"});
  make(fail, "*p", How::Stores);
  auto& f = facts.function("f");
  make(make(f, "p", How::Begins), "p", How::Stores).call("fail", {f.at("p")});
  expectOne(misuses(facts), "p", Confidence::High);
}

TEST(PromiseMisuse, FindsResultsOfCalleesBeforeOnesOfItsOwn) {
  FactsBuilder facts;
  auto& fail = facts.function("fail").parameters({"p"});
  make(fail, "*p", How::Stores);
  auto& f = facts.function("f");
  make(make(f, "p", How::Begins).call("fail", {f.at("p")}), "p", How::Stores);
  expectOne(misuses(facts), "p", Confidence::High);
}

TEST(PromiseMisuse, FindsAWayOutThatForgetsThePromise) {
  FactsBuilder facts;
  auto& f = facts.function("f").parameters({"p"});
  f.beginIf().leave().endIf();
  make(f, "p", How::Stores);
  expectOne(misuses(facts), "p", Confidence::High);
}

TEST(PromiseMisuse, AcceptsPromisesThatAreHandedOnOrLeftToCallers) {
  FactsBuilder facts;
  auto& handsOn = facts.function("handsOn").parameters({"p"});
  make(handsOn, "p", How::Leaves);
  auto& borrowed = facts.function("borrowed").parameters({"p"});
  borrowed.beginIf().leave().endIf();
  make(borrowed, "*p", How::Stores);
  auto& callee = facts.function("callee").parameters({"p"});
  callee.escape(callee.at("p"));
  callee.beginIf().leave().endIf();
  make(callee, "p", How::Stores);
  expectNone(misuses(facts));
}

TEST(PromiseMisuse, FindsALocalPromiseThatEndsWithoutAResult) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  make(make(f, "p", How::Begins), "p", How::Hands);
  make(f, "p", How::Ends);
  expectOne(misuses(facts), "p", Confidence::High);
}

TEST(PromiseMisuse, FindsASecondGetAndOneOfAMovedFuture) {
  FactsBuilder twice;
  auto& f = twice.function("f");
  read(read(read(f, "r", How::Begins), "r", How::Takes), "r", How::Takes);
  expectOne(misuses(twice), "r", Confidence::High);
  FactsBuilder moved;
  auto& g = moved.function("g");
  read(read(read(g, "r", How::Begins), "r", How::Leaves), "r", How::Awaits);
  expectOne(misuses(moved), "r", Confidence::High);
}

TEST(PromiseMisuse, AcceptsAFutureThatIsAskedForOrFilledAgain) {
  FactsBuilder facts;
  auto& asked = facts.function("asked");
  read(read(read(asked, "r", How::Takes), "r", How::Tests), "r", How::Takes);
  auto& filled = facts.function("filled");
  read(read(read(filled, "r", How::Takes), "r", How::Begins), "r", How::Takes);
  auto& moved = facts.function("moved");
  read(moved, "r", How::Begins).assign("s", moved.object("r"));
  read(read(moved, "r", How::Leaves), "s", How::Takes);
  expectNone(misuses(facts));
}

TEST(FutureDeadlock, FindsAWaitForAPromiseOfOnesOwn) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  f.assign("p", f.at("p.$state"));
  make(make(f, "p", How::Begins), "p", How::Hands).assign("r", f.load("p"));
  read(f, "r", How::Takes).event(Join{f.path("r"), Join::By::Call, true});
  make(f, "p", How::Stores);
  expectOne(deadlocks(facts), "p", Confidence::High);
}

TEST(FutureDeadlock, AcceptsAWaitForAPromiseThatOthersHave) {
  FactsBuilder facts;
  auto& work = facts.function("work").parameters({"p"});
  make(work, "*p", How::Stores);
  auto& f = facts.function("f");
  f.assign("p", f.at("p.$state"));
  make(make(f, "p", How::Begins), "p", How::Hands).assign("r", f.load("p"));
  f.spawn("work", "t", {f.at("p")});
  read(f, "r", How::Takes).event(Join{f.path("r"), Join::By::Call, true}).join("t");
  expectNone(deadlocks(facts));
}

TEST(FutureDeadlock, FindsADeferredTaskThatNobodyAsksFor) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  read(read(f, "r", How::Defers), "r", How::Ends);
  expectOne(deadlocks(facts), "r", Confidence::High);
}

TEST(FutureDeadlock, FindsALoopThatPollsADeferredTask) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  read(f, "r", How::Defers).beginLoop();
  read(f, "r", How::Polls).event(Join{f.path("r"), Join::By::Try, true}).endLoop();
  read(f, "r", How::Takes);
  expectOne(deadlocks(facts), "r", Confidence::High);
}

TEST(FutureDeadlock, AcceptsADeferredTaskThatIsAskedFor) {
  FactsBuilder facts;
  auto& f = facts.function("f");
  read(read(read(f, "r", How::Defers), "r", How::Takes), "r", How::Ends);
  expectNone(deadlocks(facts));
}

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
