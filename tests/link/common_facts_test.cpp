// Facts that read the same in every caller: not copied from callee to caller, and found all the same.
#include "analyzers/link/common_facts.h"

#include <gtest/gtest.h>

#include "analyzers/link/frame.h"
#include "analyzers/link/program.h"
#include "tests/support/facts_builder.h"

namespace deadheat {
namespace {

FunctionIndex named(const Program& program, const std::string& id) { return program.bodies().find(id); }

/// `top` calls `count` functions, one through the other, each of which writes x and takes m; so does a method.
Program chain(int count) {
  FactsBuilder facts;
  facts.global("x").global("m");
  for (int i = 0; i < count; ++i) {
    auto& f = facts.function("f" + std::to_string(i));
    f.acquire("m").write("x").release("m");
    if (i + 1 < count) f.call("f" + std::to_string(i + 1));
  }
  return facts.link();
}

TEST(CommonFacts, StayWhereTheyAre) {
  const Program program = chain(50);
  EXPECT_EQ(program.summary(named(program, "f0")).accesses.size(), 1u);
  EXPECT_EQ(program.summary(named(program, "f0")).acquires.size(), 1u);
}

TEST(CommonFacts, AreFoundFromAbove) {
  const Program program = chain(50);
  EXPECT_EQ(program.accesses(named(program, "f0")).size(), 50u);
  EXPECT_TRUE(program.summary(named(program, "f0")).hasAcquires());
}

TEST(CommonFacts, OfWhatAnybodyMayCallAreInTheLibraryScopeOnce) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("below").write("x");
  for (const char* entry : {"a", "b", "c", "d", "e", "f"}) facts.function(entry).call("below");
  const Program program = facts.link();
  ASSERT_FALSE(program.scopes().empty());
  EXPECT_EQ(program.scopes().back().accesses.size(), 1u);
  EXPECT_EQ(program.tables().traces.length(program.scopes().back().accesses[0].fact.trace), 1u);
}

TEST(CommonFacts, AreTakenOverWhereALockIsHeld) {
  FactsBuilder facts;
  facts.global("x").global("m");
  facts.function("bottom").write("x");
  facts.function("middle").call("bottom");
  facts.function("locked").acquire("m").call("middle").release("m");
  facts.function("top").call("locked");
  const Program program = facts.link();
  const Summary& locked = program.summary(named(program, "locked"));
  ASSERT_EQ(locked.accesses.size(), 1u);
  EXPECT_NE(locked.accesses[0].held, LocksetId::Empty);
  EXPECT_EQ(program.tables().traces.length(locked.accesses[0].trace), 2u);
  EXPECT_TRUE(program.summary(named(program, "top")).accesses.empty());
}

TEST(CommonFacts, GiveALockThatIsTakenAgainFarBelow) {
  FactsBuilder facts;
  facts.global("m");
  facts.function("bottom").acquire("m").release("m");
  facts.function("middle").call("bottom");
  facts.function("top").acquire("m").call("middle").release("m");
  EXPECT_EQ(facts.link().doubleLocks().size(), 1u);
}

TEST(CommonFacts, OfThreadsReachTheFrameThatStartsThem) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("bottom").write("x");
  facts.function("middle").call("bottom");
  facts.function("worker").call("middle");
  facts.main().spawn("worker", "t").call("middle").join("t");
  const Program program = facts.link();
  std::size_t own = 0, others = 0;
  for (const SharedAccess& access : program.scopes().front().accesses) ++(access.actor == 0 ? own : others);
  EXPECT_EQ(own, 1u);
  EXPECT_EQ(others, 1u);
}

TEST(CommonFacts, DoNotGoRoundInRecursion) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("even").beginIf().call("odd").endIf().write("x");
  facts.function("odd").beginIf().call("even").endIf();
  const Program program = facts.link();
  EXPECT_EQ(program.accesses(named(program, "odd")).size(), 1u);
}

TEST(SummaryLimits, ShareAFixedAmountAmongTheFunctionsOfALargeProgram) {
  EXPECT_EQ(SummaryLimits::of(100).accesses, 1500u);
  EXPECT_EQ(SummaryLimits::of(20'000).accesses, 1500u);
  EXPECT_EQ(SummaryLimits::of(300'000).accesses, 100u);
  EXPECT_GE(SummaryLimits::of(100'000'000).accesses, 30u);
}

}  // namespace
}  // namespace deadheat
