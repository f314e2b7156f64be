// Races in teams of threads and between tasks, from facts written by hand.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using Kind = Region::Kind;

Region region(Kind kind) {
  Region out;
  out.kind = kind;
  return out;
}
Region shared(std::string variable, std::string upper) {
  Region out = region(Kind::Share);
  out.ranges.push_back({std::move(variable), {"0"}, {std::move(upper)}, 1});
  return out;
}
Region where(std::string condition, Region::Relation relation = Region::Relation::Equal) {
  Region out = region(Kind::Guard);
  out.condition = std::move(condition);
  out.relation = relation;
  return out;
}
Region task(std::vector<Dependence> dependences = {}) {
  Region out = region(Kind::Task);
  out.dependences = std::move(dependences);
  return out;
}

class TeamRace : public testing::Test {
 protected:
  TeamRace() { facts.global("g").global("a").global("m"); }
  FunctionBuilder& team() { return facts.main().enter(region(Kind::Team)); }
  FactsBuilder facts;
};

TEST_F(TeamRace, AllThreadsWriteOneVariable) {
  team().write("g");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, AVariableOfEachThreadIsItsOwn) {
  team().own("x").write("x").write("x");
  expectNone(races(facts));
}

TEST_F(TeamRace, ALocalFromOutsideIsShared) {
  team().write("x");
  expectOne(races(facts), "x", Confidence::High);
}

TEST_F(TeamRace, TurnsAtElementsOfTheirOwnAreSilent) {
  team().enter(shared("i", "n+-1")).update("a[i]");
  expectNone(races(facts));
}

TEST_F(TeamRace, ATurnReadsWhatTheNextOneWrites) {
  team().enter(shared("i", "n+-2")).read("a[i+1]").write("a[i]");
  expectOne(races(facts), "a", Confidence::High);
}

TEST_F(TeamRace, AnIndexWithoutTheCounterIsTheSameInAllTurns) {
  team().enter(shared("i", "n+-1")).write("a[k]");
  expectOne(races(facts), "a", Confidence::High);
}

TEST_F(TeamRace, ThreadNumbersAreSlotsOfTheirOwn) {
  team().write("a[$tid]");
  expectNone(races(facts));
}

TEST_F(TeamRace, OneThreadAloneWrites) {
  team().enter(where("$tid")).write("g").leaveRegion().enter(where("$tid")).read("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, TheOthersReadWhatOneThreadWrites) {
  team().enter(where("$tid")).write("g").leaveRegion().read("g");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, ABarrierKeepsThemApart) {
  team().enter(where("$tid")).write("g").leaveRegion().sync(Sync::Kind::Barrier).read("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, ABarrierInACalleeDoesToo) {
  facts.function("meet").sync(Sync::Kind::Barrier);
  team().enter(where("$tid")).write("g").leaveRegion().call("meet").read("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, ABarrierAtTheEndOfALoopMeetsItsBeginning) {
  team().beginLoop().enter(where("$tid")).write("g").leaveRegion().sync(Sync::Kind::Barrier).read("g").endLoop();
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, ACriticalRegionExcludesItsLikes) {
  Region critical = region(Kind::Critical);
  critical.name = "sum";
  team().enter(critical).update("g").leaveRegion().enter(critical).update("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, ButNotThoseOfOtherNames) {
  Region sum = region(Kind::Critical), other = region(Kind::Critical);
  sum.name = "sum";
  other.name = "other";
  team().enter(sum).update("g").leaveRegion().enter(other).update("g");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, ALockDoesNotReachAnotherTeamOfTheLeague) {
  facts.main().enter(region(Kind::League)).acquire("m").update("g").release("m");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, SectionsRunBesideEachOther) {
  team().enter(region(Kind::Section)).write("g").leaveRegion().enter(region(Kind::Section)).write("g");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, OneSectionIsRunOnce) {
  team().enter(region(Kind::Section)).write("g").write("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, ACalleeIsGivenTheCounter) {
  facts.function("put").parameters({"i"}).write("a[%0]");
  team().enter(shared("i", "n+-1")).call("put", {Value::constant("i")});
  expectNone(races(facts));
}

TEST_F(TeamRace, ACalleeThatReachesTheNeighbourMeetsIt) {
  facts.function("put").parameters({"i"}).write("a[%0]").read("a[%0+1]");
  team().enter(shared("i", "n+-1")).call("put", {Value::constant("i")});
  expectOne(races(facts), "a", Confidence::High);
}

TEST_F(TeamRace, ATaskRunsBesideWhoeverStartedIt) {
  team().enter(region(Kind::Single)).enter(task()).write("g").leaveRegion().sync(Sync::Kind::TaskBegin, 3).read("g");
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, WhatIsReadAfterTheWaitIsSafe) {
  team()
      .enter(region(Kind::Single))
      .enter(task())
      .write("g")
      .leaveRegion()
      .sync(Sync::Kind::TaskBegin, 3)
      .sync(Sync::Kind::TaskWait)
      .read("g");
  expectNone(races(facts));
}

TEST_F(TeamRace, DependencesOrderTasks) {
  Dependence out{Dependence::Kind::Out, {{RootKind::Global, 0, "g", "g"}, {}}};
  team()
      .enter(region(Kind::Single))
      .enter(task({out}))
      .write("g")
      .leaveRegion()
      .sync(Sync::Kind::TaskBegin, 3)
      .enter(task({out}))
      .write("g")
      .leaveRegion()
      .sync(Sync::Kind::TaskBegin, 4);
  expectNone(races(facts));
}

TEST_F(TeamRace, TasksWithoutThemMeet) {
  team()
      .enter(region(Kind::Single))
      .enter(task())
      .write("g")
      .leaveRegion()
      .sync(Sync::Kind::TaskBegin, 3)
      .enter(task())
      .write("g")
      .leaveRegion()
      .sync(Sync::Kind::TaskBegin, 4);
  expectOne(races(facts), "g", Confidence::High);
}

TEST_F(TeamRace, ALaterLaneReadsWhatAnEarlierOneHasNotWrittenYet) {
  Region lanes = region(Kind::Lanes);
  lanes.ranges.push_back({"i", {"1"}, {"n+-1"}, 1});
  facts.main().enter(lanes).read("a[i+-1]").write("a[i]");
  expectOne(races(facts), "a", Confidence::High);
}

TEST_F(TeamRace, ALaneThatReadsAheadIsInTime) {
  Region lanes = region(Kind::Lanes);
  lanes.ranges.push_back({"i", {"0"}, {"n+-2"}, 1});
  facts.main().enter(lanes).read("a[i+1]").write("a[i]");
  expectNone(races(facts));
}

}  // namespace
}  // namespace deadheat
