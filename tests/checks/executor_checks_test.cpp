// Handlers of executors: data-race between them, executor-affinity.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

/// `f` runs what `loop` was given.
FunctionBuilder& runs(FunctionBuilder& f, const std::string& loop) {
  return f.event(Block{"run", f.path(loop)}).join(loop);
}
/// `f` gives `handler` to `turn`.
FunctionBuilder& gives(FunctionBuilder& f, const std::string& handler, const std::string& turn) {
  return f.event(Spawn{{Callee::Kind::Direct, handler, {}, handler, ""},
                       {},
                       {},
                       f.path(turn),
                       SpawnWhere::Task,
                       "post",
                       SignalSource::Anything,
                       Resumption::Executor});
}

TEST(Executors, HandlersOfOneLoopDoNotRace) {
  FactsBuilder facts;
  facts.global("g");
  facts.function("first").write("g");
  facts.function("second").write("g");
  auto& f = facts.main();
  gives(gives(f, "first", "io.$loop"), "second", "io.$loop").write("g");
  runs(f, "io.$loop");
  expectNone(races(facts));
}

TEST(Executors, HandlersRaceWhereSeveralThreadsRunThem) {
  FactsBuilder facts;
  facts.global("g").global("io");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "io.$loop"), "second", "io.$loop").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectOne(races(facts), "g", Confidence::High);
}

TEST(Executors, HandlersOfAStrandDoNotRaceWhateverRunsThem) {
  FactsBuilder facts;
  facts.global("g").global("io").global("strand");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "strand.$turn"), "second", "strand.$turn").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectNone(races(facts));
}

TEST(ExecutorAffinity, FindsAHandlerBesideTheStrand) {
  FactsBuilder facts;
  facts.global("g").global("io").global("strand");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "strand.$turn"), "second", "io.$loop").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectOne(findingsOf("executor-affinity", facts), "g", Confidence::High);
}

TEST(ExecutorAffinity, AcceptsWhatRunsOnTheStrandOnly) {
  FactsBuilder facts;
  facts.global("g").global("io").global("strand");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "strand.$turn"), "second", "strand.$turn").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectNone(findingsOf("executor-affinity", facts));
}

/// Two handlers on an executor that has no name, where two threads run `io`.
FunctionBuilder& givesToUnknown(FactsBuilder& facts) {
  facts.global("g").global("io").global("other");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "*other.$executor"), "second", "*other.$executor").spawn("worker", "t");
  return f;
}

TEST(Executors, AHandlerOfAnExecutorWithoutANameRunsOnTheOnlyOne) {
  FactsBuilder facts;
  runs(givesToUnknown(facts), "io.$loop").join("t");
  expectOne(races(facts), "g", Confidence::Medium);
}

TEST(Executors, AHandlerOfAnExecutorWithoutANameMayBeOnAStrand) {
  FactsBuilder facts;
  facts.global("strand");
  auto& makes = facts.function("makes");
  makes.assign("strand.$executor", Value::addressOf(makes.path("strand.$turn")));
  runs(givesToUnknown(facts), "io.$loop").join("t");
  expectNone(races(facts));
}

TEST(Executors, AHandlerOfAnExecutorWithoutANameMayBeOnAnother) {
  FactsBuilder facts;
  facts.global("second");
  runs(runs(givesToUnknown(facts), "io.$loop"), "second.$loop").join("t");
  expectNone(races(facts));
}

TEST(Executors, HandlersOfAPoolOfLoopsDoNotRace) {
  FactsBuilder facts;
  facts.global("g").global("loops");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "loops[].$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "loops[].$loop"), "second", "loops[].$loop").spawn("worker", "t");
  runs(f, "loops[].$loop").join("t");
  expectNone(races(facts));
}

TEST(Executors, WhatComesBeforeAnyoneRunsTheLoopDoesNotRace) {
  FactsBuilder facts;
  facts.global("g").global("io");
  facts.function("first").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(f, "first", "io.$loop").write("g").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectNone(races(facts));
}

TEST(Executors, AChainOfHandlersIsNeverBesideItself) {
  FactsBuilder facts;
  facts.global("g").global("io");
  gives(facts.function("read").write("g"), "write", "io.$loop");
  gives(facts.function("write").write("g"), "read", "io.$loop");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(f, "read", "io.$loop").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectNone(races(facts));
}

}  // namespace
}  // namespace deadheat
