// Operations and views: what checks learn of waits and blocking calls, and of one function step by step.
#include <gtest/gtest.h>

#include "tests/support/facts_builder.h"

namespace deadheat {
namespace {

FunctionIndex find(const Program& program, std::string_view id) { return program.bodies().find(id); }

const OperationFact* only(const Summary& summary) {
  return summary.operations.size() == 1 ? &summary.operations.front() : nullptr;
}

TEST(Operations, CarryTheLocksOfTheCaller) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("nap").block("sleep");
  facts.function("careless").acquire("g_mu").call("nap").release("g_mu");
  Program program = facts.link();
  const OperationFact* inner = only(program.summary(find(program, "nap")));
  const OperationFact* outer = only(program.summary(find(program, "careless")));
  ASSERT_TRUE(inner && outer);
  EXPECT_EQ(inner->held, LocksetId::Empty);
  EXPECT_EQ(program.tables().locksets[outer->held].size(), 1u);
  EXPECT_EQ(outer->function, find(program, "nap"));
  EXPECT_EQ(program.tables().traces.length(outer->trace), 1u);
}

TEST(Operations, AreFoundByKindHoweverFarBelow) {
  FactsBuilder facts;
  facts.global("g_cv").global("g_mu");
  facts.function("nap").block("sleep");
  facts.function("signal").notify("g_cv");
  facts.function("middle").call("signal");
  facts.function("outer").call("middle");
  facts.function("idle").call("nap");
  Program program = facts.link();
  auto any = [&](const char* name, OperationKinds kinds) {
    return program.anyOperation(find(program, name), kinds, [](const OperationFact&) { return true; });
  };
  EXPECT_TRUE(any("outer", {OperationFact::Kind::Notify}));
  EXPECT_FALSE(any("outer", {OperationFact::Kind::Wait, OperationFact::Kind::Block}));
  EXPECT_TRUE(any("idle", {OperationFact::Kind::Wait, OperationFact::Kind::Block}));
  EXPECT_TRUE(any("outer", OperationKinds::all()));
}

TEST(Operations, OfAStartedThreadDoNotInheritTheLocksOfItsStarter) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("nap").block("sleep");
  facts.main().acquire("g_mu").spawn("nap", "t").release("g_mu").join("t");
  Program program = facts.link();
  const Summary& summary = program.summary(find(program, "main"));
  ASSERT_EQ(summary.operations.size(), 2u);
  for (const OperationFact& o : summary.operations) EXPECT_EQ(o.held, LocksetId::Empty);
}

TEST(Operations, TellKnownCallbacksFromUnknownOnes) {
  FactsBuilder facts;
  facts.function("hook");
  facts.function("each").parameters({"f"}).callThrough(Value::load(Path{{RootKind::Parameter, 0, "", "f"}, {}, false}));
  facts.function("known").call("each", {Value::functionRef("hook")});
  facts.function("unknown").parameters({"g"}).call("each",
                                                   {Value::load(Path{{RootKind::Parameter, 0, "", "g"}, {}, false})});
  Program program = facts.link();
  const OperationFact* known = only(program.summary(find(program, "known")));
  const OperationFact* unknown = only(program.summary(find(program, "unknown")));
  ASSERT_TRUE(known && unknown);
  EXPECT_EQ(known->kind, OperationFact::Kind::Callback);
  EXPECT_TRUE(known->resolved);
  EXPECT_FALSE(unknown->resolved);
}

TEST(Views, ShowWhatIsHeldBeforeEachStep) {
  FactsBuilder facts;
  facts.global("g_mu").global("g_hits");
  facts.function("serve").acquire("g_mu").write("g_hits").release("g_mu").write("g_hits");
  Program program = facts.link();
  const FunctionView view = program.view(find(program, "serve"));
  std::vector<std::size_t> held;
  for (const BlockView& block : view.blocks) {
    for (const StepView& step : block.steps) held.push_back(program.tables().locksets[step.held].size());
  }
  EXPECT_EQ(held, (std::vector<std::size_t>{0, 1, 1, 0}));
}

TEST(Views, TellWhatDecidesAndWhatNumbersDependOn) {
  FactsBuilder facts;
  facts.global("g_size").global("g_mu");
  facts.function("take").acquire("g_mu").compute("n", {"g_size"}).release("g_mu").beginIfSet("n").write("g_size").endIf();
  Program program = facts.link();
  const FunctionView view = program.view(find(program, "take"));
  const BlockView& entry = view.blocks[0];
  ASSERT_EQ(entry.steps.size(), 3u);
  ASSERT_EQ(entry.steps[1].from.size(), 1u);
  EXPECT_EQ(program.text(entry.steps[1].from[0]), "g_size");
  ASSERT_TRUE(entry.branch.has_value());
  EXPECT_EQ(entry.branch->tested, entry.steps[1].path);
  EXPECT_FALSE(entry.branch->what->negated);
}

TEST(Views, AreMadeOfFunctionsThatHaveToDoWithConcurrency) {
  FactsBuilder facts;
  facts.global("g_mu").global("g_hits");
  facts.function("plain").write("g_hits");
  facts.function("locker").acquire("g_mu").release("g_mu");
  facts.function("caller").call("locker");
  Program program = facts.link();
  std::vector<std::string> seen;
  program.forEachConcurrentFunction([&](const FunctionView& v) { seen.push_back(program.functionName(v.function)); });
  EXPECT_EQ(seen, (std::vector<std::string>{"caller", "locker"}));
}

}  // namespace
}  // namespace deadheat
