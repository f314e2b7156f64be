// Locks that a condition decides about, and functions whose result tells whether they hold one.
#include <gtest/gtest.h>

#include "analyzers/link/program.h"
#include "tests/support/facts_builder.h"

namespace deadheat {
namespace {

FunctionIndex find(const Program& program, std::string_view name) { return program.bodies().find(name); }

/// How many locks are held at each write of `g` in `function`.
std::vector<std::size_t> heldAtWrites(const Program& program, std::string_view function) {
  std::vector<std::size_t> held;
  for (const BlockView& block : program.view(find(program, function)).blocks)
    for (const StepView& step : block.steps)
      if (const auto* access = std::get_if<Access>(step.step->what); access && access->kind == AccessKind::Write)
        held.push_back(program.tables().locksets[step.held].size());
  return held;
}

FactsBuilder program() {
  FactsBuilder facts;
  facts.global("g").global("mu").global("threaded");
  return facts;
}

TEST(Ways, ALockUnderAConditionIsHeldAsFarAsTheConditionGoes) {
  FactsBuilder facts = program();
  facts.function("f").beginIfSet("threaded").acquire("mu").endIf().write("g").beginIfSet("threaded").release("mu").endIf().write("g");
  const Program linked = facts.link();
  EXPECT_EQ(heldAtWrites(linked, "f"), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(linked.summary(find(linked, "f")).heldAtExit, LocksetId::Empty);
}

TEST(Ways, AConditionThatChangesMeanwhileIsAnother) {
  FactsBuilder facts = program();
  facts.function("f").beginIfSet("threaded").acquire("mu").endIf().write("threaded").beginIfSet("threaded").write("g").endIf();
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 0}));
}

TEST(Ways, TheOtherArmIsWithoutTheLock) {
  FactsBuilder facts = program();
  facts.function("f").beginIfSet("threaded").acquire("mu").write("g").release("mu").orElse().write("g").endIf();
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 0}));
}

TEST(Ways, HelpersThatLockUnderAConditionLock) {
  FactsBuilder facts = program();
  facts.function("enter").beginIfSet("threaded").acquire("mu").endIf();
  facts.function("leave").beginIfSet("threaded").release("mu").endIf();
  facts.function("f").call("enter").write("g").call("leave").write("g");
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 0}));
}

TEST(Ways, ALocalFlagTellsWhatWasDone) {
  FactsBuilder facts = program();
  facts.function("f").computeConstant("mine", "0").beginIfSet("threaded").acquire("mu").computeConstant("mine", "1").endIf()
      .beginIfSet("mine").write("g").release("mu").endIf();
  const Program linked = facts.link();
  EXPECT_EQ(heldAtWrites(linked, "f"), (std::vector<std::size_t>{1}));
  EXPECT_EQ(linked.summary(find(linked, "f")).heldAtExit, LocksetId::Empty);
}

TEST(Outcomes, AreFollowedIntoCallers) {
  FactsBuilder facts = program();
  facts.function("take").beginIfSet("threaded").acquire("mu", LockMode::Exclusive, LockWait::Try)
      .returnsTruth(true).leave().endIf().returnsTruth(false);
  facts.function("f").call("take", {}, {}, "call:r").beginIfReturned("call:r").write("g").release("mu").orElse().write("g").endIf();
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 0}));
}

TEST(Outcomes, MayMeanTheOpposite) {
  FactsBuilder facts = program();
  facts.function("open").acquire("mu").beginIfSet("threaded").release("mu").returnsTruth(true).leave().endIf().returnsTruth(false);
  facts.function("f").call("open", {}, {}, "call:r").beginIfReturned("call:r").write("g").orElse().write("g").release("mu").endIf();
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{0, 1}));
}

TEST(Outcomes, ThatNobodyLooksAtHoldNothing) {
  FactsBuilder facts = program();
  facts.function("take").beginIfSet("threaded").acquire("mu", LockMode::Exclusive, LockWait::Try)
      .returnsTruth(true).leave().endIf().returnsTruth(false);
  facts.function("f").call("take").write("g");
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{0}));
}

TEST(Outcomes, PassThroughAWrapper) {
  FactsBuilder facts = program();
  facts.function("take").beginIfSet("threaded").acquire("mu", LockMode::Exclusive, LockWait::Try)
      .returnsTruth(true).leave().endIf().returnsTruth(false);
  facts.function("wrapper").call("take", {}, {}, "call:w").returnsOutcome("call:w");
  facts.function("f").call("wrapper", {}, {}, "call:r").beginIfReturned("call:r").write("g").release("mu").endIf();
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1}));
}

TEST(Ways, GuardsHoldWhatTheyWereGivenLast) {
  FactsBuilder facts = program();
  facts.global("other");
  FunctionBuilder& f = facts.function("f");
  f.guard("l", "mu").write("g").unguard("l").guard("l", "other").write("g").unguard("l").write("g");
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 1, 0}));
}

TEST(Ways, AConstantArgumentTakesItsOwnWayThroughTheCallee) {
  FactsBuilder facts = program();
  facts.function("enter").parameters({"really"}).beginIfSet("really").acquire("mu").endIf();
  facts.function("leave").parameters({"really"}).beginIfSet("really").release("mu").endIf();
  facts.function("f").call("enter", {Value::constant("1")}).write("g").call("leave", {Value::constant("1")}).write("g");
  facts.function("h").call("enter", {Value::constant("0")}).write("g").call("leave", {Value::constant("1")});
  const Program linked = facts.link();
  EXPECT_EQ(heldAtWrites(linked, "f"), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(heldAtWrites(linked, "h"), std::vector<std::size_t>{0});
}

TEST(Ways, AConstantHandedOnReachesTheBranchItDecides) {
  FactsBuilder facts = program();
  facts.function("enter").parameters({"really"}).beginIfSet("really").acquire("mu").endIf();
  FunctionBuilder& through = facts.function("through");
  through.parameters({"yes"});
  through.call("enter", {through.load("yes")});
  facts.function("f").call("through", {Value::constant("1")}).write("g");
  facts.function("h").call("through", {Value::constant("0")}).write("g");
  const Program linked = facts.link();
  EXPECT_EQ(heldAtWrites(linked, "f"), std::vector<std::size_t>{1});
  EXPECT_EQ(heldAtWrites(linked, "h"), std::vector<std::size_t>{0});
}

TEST(Ways, AParameterThatIsSetInTheFunctionDecidesNothing) {
  FactsBuilder facts = program();
  facts.function("enter").parameters({"really"}).computeConstant("really", "1").beginIfSet("really").acquire("mu").endIf();
  facts.function("f").call("enter", {Value::constant("0")}).write("g");
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), std::vector<std::size_t>{1});
}

TEST(Ways, ALockGivenBackAndTakenAgainIsStillHeldByTheCaller) {
  FactsBuilder facts = program();
  facts.function("pause").beginIf().release("mu").block("sleep").acquire("mu").endIf();
  facts.function("f").acquire("mu").call("pause").write("g").release("mu").write("g");
  EXPECT_EQ(heldAtWrites(facts.link(), "f"), (std::vector<std::size_t>{1, 0}));
}

TEST(Ways, MoreWaysThanCanBeKeptLoseTheLastConditionsFirst) {
  FactsBuilder facts = program();
  for (char c = 'a'; c < 'f'; ++c) facts.global(std::string(1, c)).global(std::string(1, c) + "mu");
  FunctionBuilder& f = facts.function("f");
  f.beginIfSet("threaded").acquire("mu").endIf();
  for (char c = 'a'; c < 'f'; ++c) f.beginIfSet(std::string(1, c)).acquire(std::string(1, c) + "mu").endIf();
  f.beginIfSet("threaded").write("g").release("mu").endIf();
  EXPECT_GE(heldAtWrites(facts.link(), "f").front(), 1u);
}

}  // namespace
}  // namespace deadheat
