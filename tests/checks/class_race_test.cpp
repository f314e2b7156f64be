#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using Kind = Record::Field::Kind;

/// A cache whose `put` locks; the other methods are up to the test.
FactsBuilder cache() {
  FactsBuilder facts;
  facts.record("Cache", {field("mu", Kind::Lock), field("hits")});
  facts.method("Cache::put").guard("g", "this->mu").write("this->hits").unguard("g");
  return facts;
}

TEST(ClassRace, FindsAMethodThatForgetsTheLockTheOthersTake) {
  FactsBuilder facts = cache();
  facts.method("Cache::add").guard("g", "this->mu").update("this->hits").unguard("g");
  facts.method("Cache::drop").guard("g", "this->mu").update("this->hits").unguard("g");
  facts.method("Cache::hits").read("this->hits");
  auto found = races(facts);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].confidence, Confidence::High) << messages(found);
  EXPECT_EQ(found[0].subjects, std::vector<std::string>{"Cache::hits"});
  EXPECT_NE(found[0].confidenceReason.find("3 of 4"), std::string::npos) << found[0].confidenceReason;
}

TEST(ClassRace, IsLessSureOfOneAgainstTwo) {
  FactsBuilder facts = cache();
  facts.method("Cache::add").guard("g", "this->mu").update("this->hits").unguard("g");
  facts.method("Cache::hits").read("this->hits");
  auto found = races(facts);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].confidence, Confidence::Medium) << messages(found);
}

TEST(ClassRace, BelievesNoOwnersLock) {
  FactsBuilder facts;
  facts.record("Store", {field("hits")});
  facts.record("Cache", {field("mu", Kind::Lock), field("store")});
  facts.method("Store::add").update("this->hits");
  facts.method("Store::hits").read("this->hits");
  auto& put = facts.method("Cache::put");
  put.guard("g", "this->mu").call("Store::add", {}, put.at("this->store")).unguard("g");
  expectNone(races(facts));
}

TEST(ClassRace, IsLessSureOfOneAgainstOne) {
  FactsBuilder facts = cache();
  facts.method("Cache::hits").read("this->hits");
  expectOne(races(facts), "Cache::hits", Confidence::Medium);
}

TEST(ClassRace, IsSilentWhenEveryMethodLocks) {
  FactsBuilder facts = cache();
  facts.method("Cache::hits").guard("g", "this->mu").read("this->hits").unguard("g");
  expectNone(races(facts));
}

TEST(ClassRace, LeavesPrivateHelpersToTheirCallers) {
  FactsBuilder facts = cache();
  auto& helper = facts.method("Cache::grow").reach(Function::Reach::Private).write("this->hits");
  (void)helper;
  auto& add = facts.method("Cache::add");
  add.guard("g", "this->mu").call("Cache::grow", {}, add.at("this")).unguard("g");
  expectNone(races(facts));
}

TEST(ClassRace, TakesLockedInANameAtItsWord) {
  FactsBuilder facts = cache();
  facts.method("Cache::hitsLocked").read("this->hits");
  expectNone(races(facts));
}

TEST(ClassRace, LeavesConstructionAndDestructionAlone) {
  FactsBuilder facts = cache();
  facts.constructor("Cache").write("this->hits");
  facts.destructor("Cache").write("this->hits");
  expectNone(races(facts));
}

TEST(ClassRace, LeavesClassesWithoutALockAlone) {
  FactsBuilder facts;
  facts.method("Point::move").write("this->x");
  facts.method("Point::x").read("this->x");
  expectNone(races(facts));
}

TEST(ClassRace, LeavesFieldsThatNobodyGuardsAlone) {
  FactsBuilder facts = cache();
  facts.method("Cache::setName").write("this->name");
  facts.method("Cache::name").read("this->name");
  expectNone(races(facts));
}

TEST(ClassRace, SetsAThreadTheObjectKeepsAgainstItsMethods) {
  FactsBuilder facts;
  auto& ctor = facts.constructor("Logger");
  ctor.spawn("Logger::run", "this->thread", {}, ctor.at("this"));
  facts.method("Logger::run").reach(Function::Reach::Private).update("this->lines");
  facts.method("Logger::lines").read("this->lines");
  facts.destructor("Logger").join("this->thread");
  expectOne(races(facts), "Logger::lines", Confidence::High);
}

TEST(ClassRace, KnowsThatTheThreadIsOverOnceAMethodJoinedIt) {
  FactsBuilder facts;
  auto& start = facts.method("Logger::start");
  start.spawn("Logger::run", "this->thread", {}, start.at("this"));
  facts.method("Logger::run").reach(Function::Reach::Private).update("this->lines");
  facts.method("Logger::finish").join("this->thread").read("this->lines");
  expectNone(races(facts));
}

TEST(ClassRace, LeavesWhatAMainsThreadsTouchToTheRealThreads) {
  FactsBuilder facts = cache();
  facts.method("Cache::hits").read("this->hits");
  auto& main = facts.main();
  main.spawn("Cache::put", "t", {}, main.at("c")).join("t").call("Cache::hits", {}, main.at("c"));
  expectNone(races(facts));
}

}  // namespace
}  // namespace deadheat
