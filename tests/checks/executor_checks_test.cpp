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
  return f.event(
      Spawn{{Callee::Kind::Direct, handler, {}, handler, ""}, {}, {}, f.path(turn), SpawnWhere::Pool, "post"});
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

TEST(Executors, AHandlerOfAnExecutorThatNobodyIsSeenToRunIsNotSure) {
  FactsBuilder facts;
  facts.global("g").global("io").global("other");
  facts.function("first").write("g");
  facts.function("second").write("g");
  runs(facts.function("worker"), "io.$loop");
  auto& f = facts.main();
  gives(gives(f, "first", "*other.$executor"), "second", "*other.$executor").spawn("worker", "t");
  runs(f, "io.$loop").join("t");
  expectNone(races(facts));  // Low confidence: it may be a strand.
}

}  // namespace
}  // namespace deadheat
