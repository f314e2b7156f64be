#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

/// `first` and `second` in opposite orders in two threads; `gate`, if any, is held around each.
FactsBuilder crossed(LockMode mode = LockMode::Exclusive, const std::string& gate = {}) {
  FactsBuilder facts;
  facts.global("a").global("b").global("gate");
  for (auto [name, first, second] : {std::tuple{"left", "a", "b"}, std::tuple{"right", "b", "a"}}) {
    auto& f = facts.function(name);
    if (!gate.empty()) f.acquire(gate);
    f.acquire(first, mode).acquire(second, mode).release(second, mode).release(first, mode);
    if (!gate.empty()) f.release(gate);
  }
  facts.main().spawn("left", "t").spawn("right", "u").join("t").join("u");
  return facts;
}

TEST(LockOrder, FindsTwoLocksTakenInBothOrders) {
  auto found = cycles(crossed());
  expectOne(found, "a", Confidence::High);
  EXPECT_EQ(found[0].subjects, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(found[0].sites.size(), 2u);
  for (const Site& site : found[0].sites) {
    EXPECT_EQ(site.kind, Site::Kind::Acquire);
    EXPECT_EQ(site.heldSince.line + 1, site.point.line);
  }
  EXPECT_EQ(found[0].witness.size(), 2u);
}

TEST(LockOrder, IgnoresCyclesGuardedByAThirdLock) { expectNone(cycles(crossed(LockMode::Exclusive, "gate"))); }

TEST(LockOrder, IgnoresReadersThatMeetReaders) { expectNone(cycles(crossed(LockMode::Shared))); }

TEST(LockOrder, IgnoresASingleThread) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.main().acquire("a").acquire("b").release("b").release("a").acquire("b").acquire("a");
  expectNone(cycles(facts));
}

TEST(LockOrder, IgnoresThreadsThatNeverRunTogether) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.function("left").acquire("a").acquire("b").release("b").release("a");
  facts.function("right").acquire("b").acquire("a").release("a").release("b");
  facts.main().spawn("left", "t").join("t").spawn("right", "u").join("u");
  expectNone(cycles(facts));
}

TEST(LockOrder, FindsACycleOfThree) {
  FactsBuilder facts;
  facts.global("a").global("b").global("c");
  facts.function("one").acquire("a").acquire("b").release("b").release("a");
  facts.function("two").acquire("b").acquire("c").release("c").release("b");
  facts.function("three").acquire("c").acquire("a").release("a").release("c");
  facts.main().spawn("one", "t").spawn("two", "u").spawn("three", "v").join("t").join("u").join("v");
  auto found = cycles(facts);
  expectOne(found, "a", Confidence::High);
  EXPECT_EQ(found[0].sites.size(), 3u);
}

TEST(LockOrder, SeesLocksThroughWrappersAndCallees) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.function("lockIt").parameters({"m"}).acquire("*m");
  facts.function("unlockIt").parameters({"m"}).release("*m");
  facts.function("inner").acquire("b").release("b");
  auto& left = facts.function("left");
  left.call("lockIt", {left.at("a")}).call("inner").call("unlockIt", {left.at("a")});
  facts.function("right").acquire("b").acquire("a").release("a").release("b");
  facts.main().spawn("left", "t").spawn("right", "u").join("t").join("u");
  expectOne(cycles(facts), "a", Confidence::High);
}

TEST(LockOrder, IgnoresLocksTakenTogether) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.function("left").acquireGroup({"a", "b"}).release("b").release("a");
  facts.function("right").acquireGroup({"b", "a"}).release("a").release("b");
  facts.main().spawn("left", "t").spawn("right", "u").join("t").join("u");
  expectNone(cycles(facts));
}

TEST(LockOrder, IgnoresTryLockWithBackOff) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.function("left").acquire("a").acquire("b", LockMode::Exclusive, LockWait::Try).release("b").release("a");
  facts.function("right").acquire("b").acquire("a", LockMode::Exclusive, LockWait::Try).release("a").release("b");
  facts.main().spawn("left", "t").spawn("right", "u").join("t").join("u");
  expectNone(cycles(facts));
}

TEST(LockOrder, ReportsTwoObjectsOfOneKindThatComeInEitherOrder) {
  FactsBuilder facts;
  auto& transfer = facts.function("move").parameters({"from", "to"});
  transfer.acquire("from->Account::mu")
      .acquire("to->Account::mu")
      .release("to->Account::mu")
      .release("from->Account::mu");
  expectOne(cycles(facts), "Account::mu", Confidence::Medium);
}

TEST(LockOrder, KnowsThatThreadsPassTheSameObjectsInOneOrder) {
  FactsBuilder facts;
  auto& move = facts.function("move").parameters({"from", "to"});
  move.acquire("from->Account::mu").acquire("to->Account::mu").release("to->Account::mu").release("from->Account::mu");
  auto& main = facts.main();
  main.spawn("move", "t", {main.at("x"), main.at("y")}).spawn("move", "u", {main.at("x"), main.at("y")});
  main.join("t").join("u");
  expectNone(cycles(facts));
}

TEST(LockOrder, FindsTheSameObjectsPassedInBothOrders) {
  FactsBuilder facts;
  auto& move = facts.function("move").parameters({"from", "to"});
  move.acquire("from->Account::mu").acquire("to->Account::mu").release("to->Account::mu").release("from->Account::mu");
  auto& main = facts.main();
  main.spawn("move", "t", {main.at("x"), main.at("y")}).spawn("move", "u", {main.at("y"), main.at("x")});
  main.join("t").join("u");
  expectOne(cycles(facts), "Account::mu", Confidence::High);
}

TEST(LockOrder, AssumesThatALibrarysFunctionsRunInParallel) {
  FactsBuilder facts;
  facts.global("a").global("b");
  facts.function("put").acquire("a").acquire("b").release("b").release("a");
  facts.function("get").acquire("b").acquire("a").release("a").release("b");
  expectOne(cycles(facts), "a", Confidence::Medium);
}

}  // namespace
}  // namespace deadheat
