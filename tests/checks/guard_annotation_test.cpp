#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using Kind = Contract::Kind;

/// `record::name`, guarded by the object's own `mu`.
Record::Field guardedBy(const std::string& record, std::string name, Guard::Of of = Guard::Of::Value) {
  Record::Field out = field(std::move(name));
  Path lock;
  lock.root.kind = RootKind::This;
  out.guards.push_back({of, lock.then(PathStep::field(record, "mu"))});
  return out;
}

/// A class with a guarded field and its lock.
FactsBuilder account() {
  FactsBuilder facts;
  facts.record("Account", {field("mu", Record::Field::Kind::Lock), guardedBy("Account", "balance"),
                           guardedBy("Account", "entries", Guard::Of::Pointee)});
  return facts;
}

std::vector<Finding> broken(const FactsBuilder& facts) { return findingsOf("guard-annotation", facts); }

TEST(GuardAnnotation, WantsTheLockAtEachAccess) {
  FactsBuilder facts = account();
  facts.method("Account::deposit").write("this->balance");
  facts.method("Account::withdraw").acquire("this->mu").write("this->balance").release("this->mu");
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].message, "'Account::balance' is guarded by 'Account::mu' but written in 'Account::deposit' without holding 'Account::mu'");
  EXPECT_EQ(found[0].confidence, Confidence::High);
}

TEST(GuardAnnotation, TakesALockInsideTheNamedOneForIt) {
  FactsBuilder facts = account();
  facts.method("Account::deposit").acquire("this->mu.m").write("this->balance").release("this->mu.m");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
}

TEST(GuardAnnotation, WantsItExclusivelyForWrites) {
  FactsBuilder facts = account();
  facts.method("Account::deposit").acquire("this->mu", LockMode::Shared).write("this->balance").release("this->mu");
  facts.method("Account::get").acquire("this->mu", LockMode::Shared).read("this->balance").release("this->mu");
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_NE(found[0].message.find("only shared"), std::string::npos);
}

TEST(GuardAnnotation, AsksTheCallersOfAHelper) {
  FactsBuilder facts = account();
  facts.method("Account::add").reach(Function::Reach::Private).write("this->balance");
  FunctionBuilder& deposit = facts.method("Account::deposit");
  deposit.acquire("this->mu").call("Account::add", {}, deposit.at("this")).release("this->mu");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
  FunctionBuilder& reset = facts.method("Account::reset");
  reset.call("Account::add", {}, reset.at("this"));
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].functions, std::vector<std::string>{"Account::add"});
}

TEST(GuardAnnotation, LeavesConstructorsAndDestructorsTheirOwnObject) {
  FactsBuilder facts = account();
  facts.constructor("Account").write("this->balance");
  facts.destructor("Account").write("this->balance");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
}

TEST(GuardAnnotation, GuardsWhatAPointerPointsTo) {
  FactsBuilder facts = account();
  facts.method("Account::swap").write("this->entries");
  facts.method("Account::edit").read("this->entries").write("*this->entries");
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_NE(found[0].message.find("What 'Account::entries' points to"), std::string::npos);
}

TEST(GuardAnnotation, BelievesWhatAFunctionRequires) {
  FactsBuilder facts = account();
  facts.method("Account::addLocked").contract(Kind::Requires, "this->mu").write("this->balance");
  FunctionBuilder& deposit = facts.method("Account::deposit");
  deposit.acquire("this->mu").call("Account::addLocked", {}, deposit.at("this")).release("this->mu");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
}

TEST(GuardAnnotation, WantsItsCallersToHoldIt) {
  FactsBuilder facts = account();
  facts.method("Account::addLocked").contract(Kind::Requires, "this->mu").write("this->balance");
  FunctionBuilder& deposit = facts.method("Account::deposit");
  deposit.call("Account::addLocked", {}, deposit.at("this"));
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].message, "'Account::addLocked' requires 'Account::mu' but is called in 'Account::deposit' without holding 'Account::mu'");
}

TEST(GuardAnnotation, KeepsExcludedLocksOutOfCalls) {
  FactsBuilder facts = account();
  facts.method("Account::flush").contract(Kind::Excludes, "this->mu").read("this->other");
  FunctionBuilder& middle = facts.method("Account::middle");
  middle.call("Account::flush", {}, middle.at("this"));
  FunctionBuilder& good = facts.method("Account::good");
  good.call("Account::middle", {}, good.at("this"));
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
  FunctionBuilder& bad = facts.method("Account::bad");
  bad.acquire("this->mu").call("Account::middle", {}, bad.at("this")).release("this->mu");
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].subjects, std::vector<std::string>{"Account::flush"});
}

TEST(GuardAnnotation, BelievesAnAssertion) {
  FactsBuilder facts = account();
  facts.method("Account::check").contract(Kind::Asserts, "this->mu");
  FunctionBuilder& add = facts.method("Account::add");
  add.call("Account::check", {}, add.at("this")).write("this->balance");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
}

TEST(GuardAnnotation, GivesFunctionsTheEffectsTheyPromise) {
  FactsBuilder facts = account();
  facts.method("Account::enter").contract(Kind::Acquires, "this->mu");
  facts.method("Account::leave").contract(Kind::Releases, "this->mu");
  FunctionBuilder& add = facts.method("Account::add");
  add.call("Account::enter", {}, add.at("this")).write("this->balance").call("Account::leave", {}, add.at("this"));
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
  FunctionBuilder& late = facts.method("Account::late");
  late.call("Account::enter", {}, late.at("this")).call("Account::leave", {}, late.at("this")).write("this->balance");
  EXPECT_EQ(broken(facts).size(), 1u) << messages(broken(facts));
}

TEST(GuardAnnotation, LooksNotIntoWhatIsNotToBeChecked) {
  FactsBuilder facts = account();
  facts.method("Account::dump").unchecked().read("this->balance");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
}

TEST(GuardAnnotation, WantsTheDeclaredOrder) {
  FactsBuilder facts;
  Record::Field first = field("first", Record::Field::Kind::Lock);
  Path second;
  second.root.kind = RootKind::This;
  first.order.before.push_back(second.then(PathStep::field("Pair", "second")));
  facts.record("Pair", {first, field("second", Record::Field::Kind::Lock)});
  facts.method("Pair::good").acquire("this->first").acquire("this->second").release("this->second").release("this->first");
  EXPECT_TRUE(broken(facts).empty()) << messages(broken(facts));
  facts.method("Pair::bad").acquire("this->second").acquire("this->first").release("this->first").release("this->second");
  auto found = broken(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].subjects, std::vector<std::string>{"Pair::first"});
}

TEST(GuardAnnotation, TellsARaceOnTheSameFieldOnce) {
  FactsBuilder facts = account();
  facts.global("g");
  FunctionBuilder& worker = facts.function("worker");
  worker.write("g.Account::balance");
  FunctionBuilder& safe = facts.function("safe");
  safe.acquire("g.Account::mu").write("g.Account::balance").release("g.Account::mu");
  facts.main().spawn("worker", "t").call("safe").join("t");
  std::vector<const Check*> both{findCheck("data-race"), findCheck("guard-annotation")};
  auto found = shown(runChecks(both, facts.link()));
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].check, "guard-annotation");
  EXPECT_EQ(found[0].sites.size(), 2u);
}

}  // namespace
}  // namespace deadheat
