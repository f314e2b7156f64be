#include "analyzers/link/program.h"

#include <gtest/gtest.h>

#include "tests/support/facts_builder.h"

namespace deadheat {
namespace {

const Scope& mainScope(const Program& program) { return program.scopes().front(); }

/// Texts of the accesses of a scope as `actor kind path`.
std::vector<std::string> accessTexts(const Program& program, const Scope& scope) {
  std::vector<std::string> all;
  for (const SharedAccess& a : scope.accesses) {
    all.push_back(std::to_string(a.actor) + (a.fact.writes() ? " write " : " read ") + program.text(a.fact.path));
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Link, KeepsAFunctionOfSeveralUnitsOnce) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.global("x").function("shared").write("x");
  b.global("x").function("shared").write("x");
  Program program = link({b.build(), a.build()});
  EXPECT_EQ(program.statistics().functions, 1u);
}

TEST(Link, KeepsTheMainOfEveryProgram) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.main();
  b.main();
  EXPECT_EQ(link({a.build(), b.build()}).statistics().functions, 2u);
}

TEST(Link, DoesNotDependOnTheOrderOfUnits) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.global("x").function("worker").write("x");
  b.global("x").main().spawn("worker", "t").read("x").join("t");
  Program one = link({a.build(), b.build()}), other = link({b.build(), a.build()});
  EXPECT_EQ(accessTexts(one, mainScope(one)), accessTexts(other, mainScope(other)));
  EXPECT_EQ(accessTexts(one, mainScope(one)), (std::vector<std::string>{"0 read x", "1 write x"}));
}

/// Counts how often each unit is read; those that are only there once give nothing after that.
class CountedUnits : public Units {
 public:
  explicit CountedUnits(std::vector<TuFacts> units) : units_(std::move(units)), reads(units_.size()) {}
  std::size_t count() const override { return units_.size(); }
  std::optional<TuFacts> read(std::size_t number) override {
    if (++reads[number] > 1 && number == thereOnce) return std::nullopt;
    return units_[number];
  }

 private:
  std::vector<TuFacts> units_;

 public:
  std::vector<int> reads;
  std::size_t thereOnce = ~std::size_t{0};
};

TEST(Link, ReadsEachUnitTwice) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.global("x").function("worker").write("x");
  b.global("x").main().spawn("worker", "t").read("x").join("t");
  CountedUnits units({b.build(), a.build()});
  Program program = link(units);
  EXPECT_EQ(units.reads, (std::vector<int>{2, 2}));
  EXPECT_EQ(accessTexts(program, mainScope(program)), (std::vector<std::string>{"0 read x", "1 write x"}));
}

TEST(Link, TakesFunctionsOfAUnitThatHasGoneAsDeclared) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.global("x").function("worker").write("x");
  b.global("x").main().spawn("worker", "t").read("x").join("t");
  CountedUnits units({b.build(), a.build()});
  units.thereOnce = 1;
  Program program = link(units);
  EXPECT_EQ(program.statistics().functions, 2u);
  for (const Scope& scope : program.scopes()) {
    for (const std::string& text : accessTexts(program, scope)) EXPECT_EQ(text.find("write"), std::string::npos) << text;
  }
}

TEST(Link, TakesTheDefinitionInALaterUnitForADeclarationInAnEarlierOne) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.function("shared");
  b.global("x").function("shared").write("x");
  TuFacts declaring = a.build();
  declaring.functions.front().isDeclaration = true;
  Program program = link({declaring, b.build()});
  ASSERT_EQ(program.statistics().functions, 1u);
  EXPECT_FALSE(program.function(static_cast<FunctionIndex>(0)).isDeclaration);
}

TEST(Link, PlacesLocationsInTheFileOfTheirUnit) {
  FactsBuilder a("/src/a.cpp"), b("/src/b.cpp");
  a.global("x").function("worker").write("x");
  b.global("x").main().spawn("worker", "t").read("x").join("t");
  Program program = link({a.build(), b.build()});
  for (const SharedAccess& access : mainScope(program).accesses) {
    EXPECT_EQ(program.point(access.fact.location).file, access.actor == 0 ? "/src/b.cpp" : "/src/a.cpp");
  }
}

TEST(Link, SubstitutesActualsThroughSeveralCalls) {
  FactsBuilder facts;
  facts.global("table");
  facts.function("set").parameters({"p"}).write("p->value");
  auto& store = facts.function("store").parameters({"row"});
  store.call("set", {store.at("row->cell")});
  auto& worker = facts.function("worker");
  worker.call("store", {worker.at("table")});
  facts.main().spawn("worker", "t").detach("t");
  Program program = facts.link();
  EXPECT_EQ(accessTexts(program, mainScope(program)), std::vector<std::string>{"1 write table.cell.value"});
}

TEST(Link, TerminatesOnRecursionAndStillSeesItsAccesses) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("even").beginIf().call("odd").endIf().write("x");
  facts.function("odd").beginIf().call("even").endIf();
  facts.main().spawn("odd", "t").detach("t");
  Program program = facts.link();
  EXPECT_EQ(accessTexts(program, mainScope(program)), std::vector<std::string>{"1 write x"});
}

TEST(Link, LeavesReadsOfWhatNobodyWritesOut) {
  FactsBuilder facts;
  facts.constructor("Config").write("this->port");
  facts.method("Config::get").read("this->port").read("this->uses").write("this->uses");
  Program program = facts.link();
  for (const AccessFact& access : program.summary(program.bodies().find("Config::get")).accesses) {
    EXPECT_EQ(program.shortText(access.path), "Config::uses");
  }
}

TEST(Link, ThreadsOverlapOnlyWhileBothAreAlive) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("one").write("x");
  facts.function("two").write("x");
  facts.function("three").write("x");
  facts.main().spawn("one", "t").spawn("two", "u").join("t").spawn("three", "v").join("u").join("v");
  Program program = facts.link();
  const Scope& scope = mainScope(program);
  auto overlap = [&](const std::string& a, const std::string& b) {
    const SharedAccess *x = nullptr, *y = nullptr;
    for (const SharedAccess& access : scope.accesses) {
      if (program.functionName(access.fact.function) == a) x = &access;
      if (program.functionName(access.fact.function) == b) y = &access;
    }
    return x && y && scope.mayHappenInParallel(*x, *y, program.tables());
  };
  EXPECT_TRUE(overlap("one", "two"));
  EXPECT_TRUE(overlap("two", "three"));
  EXPECT_FALSE(overlap("one", "three"));
  EXPECT_FALSE(overlap("one", "one"));
}

TEST(Link, OffersTheMethodsOfAClassThatOwnsALockAsCallers) {
  FactsBuilder facts;
  facts.method("Cache::put").guard("g", "this->mu").write("this->n").unguard("g");
  facts.method("Cache::get").read("this->n");
  Program program = facts.link();
  auto found = std::find_if(program.scopes().begin(), program.scopes().end(),
                            [](const Scope& s) { return s.kind == Scope::Kind::Class && s.record == "Cache"; });
  ASSERT_NE(found, program.scopes().end());
  EXPECT_EQ(found->actors.size(), 2u);
}

TEST(Link, AConstantThatNothingWasStoredInLeadsNowhere) {
  FactsBuilder facts;
  facts.global("none", true).global("some", true).global("thing");
  FunctionBuilder& init = facts.function("init");
  init.assign("some", init.at("thing"));
  facts.function("f").write("*none");
  facts.function("g").write("*some");
  const Program program = facts.link();
  EXPECT_TRUE(program.accesses(program.bodies().find("f")).empty());
  EXPECT_EQ(program.accesses(program.bodies().find("g")).size(), 1u);
}

}  // namespace
}  // namespace deadheat
