#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::string kShapes = "struct B { virtual ~B(); virtual void run(); void plain(); }; struct D final : B { void run() override; };\n";

TEST(Calls, VirtualUnlessTheTypeIsKnown) {
  EXPECT_EQ(eventsOf(kShapes + "void f(B& b, B* p, D& d) { b.run(); p->run(); d.run(); p->plain(); p->B::run(); }", "f"),
            (Lines{"call virtual B::run() on &%b*", "call virtual B::run() on %p", "call D::run() on &%d*",
                   "call B::plain() on %p", "call B::run() on %p"}));
  EXPECT_EQ(eventsOf(kShapes + "void f() { B b; b.run(); }", "f").at(1), "call B::run() on &$b");
}

TEST(Calls, ThroughPointers) {
  EXPECT_EQ(eventsOf(kShapes + "void f(void (*p)(int), void (B::*m)(), B* b) { p(1); (b->*m)(); }", "f"),
            (Lines{"call [%p](constant)", "call [%m]() on %b"}));
}

TEST(Calls, ArgumentsAndDefaults) {
  EXPECT_EQ(eventsOf("struct S { int v; }; S g; void u(S& a, S* b, S c, int d = 3); void f() { u(g, &g, g); }", "f"),
            (Lines{"read g", "assign $tmp = object g", "call u(&g, &g, object g, constant 3)"}));
}

TEST(Calls, OperatorsAndConversionsAreCalls) {
  EXPECT_EQ(eventsOf("struct S { S& operator+=(int); operator int() const; }; int g; void f(S& s) { s += 1; g = s; }", "f"),
            (Lines{"call S::operator+=(constant 1) on &%s* -> result", "call S::operator conversion() on &%s* -> result", "write g"}));
}

TEST(Objects, ConstructorsInitialiseBasesAndMembers) {
  const Extraction unit = extractText("struct A { A(int); }; struct M { M(); ~M(); }; struct C : A { int n = 5; int& r; M m; C(int& x) : A(1), r(x) { n = 2; } ~C() {} };");
  EXPECT_EQ(eventsOf(unit.facts, "C::C"),
            (Lines{"call A::A(constant 1) on &this", "write this.n", "assign this.r = &%x*", "call M::M() on &this.m",
                   "write this.n"}));
  EXPECT_EQ(eventsOf(unit.facts, "C::~C"), Lines{"call M::~M() on &this.m"});
}

TEST(Objects, ImplicitDestructorsAreCallsAndBodies) {
  const Extraction unit = extractText("struct M { ~M(); }; struct C { M m; }; void f() { C c; }");
  EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"call C::~C() on &$c"});
  EXPECT_EQ(eventsOf(unit.facts, "C::~C"), Lines{"call M::~M() on &this.m"});
}

TEST(Objects, GlobalInitialisersAreOneFunction) {
  const Extraction unit = extractText("int make(); struct S { S(int); }; int a = make(); S s(2); int* p = &a; int plain = 3;");
  EXPECT_EQ(eventsOf(unit.facts, "initialisers of global variables"),
            (Lines{"call make() -> result", "call S::S(constant 2) on &s", "assign p = &a"}));
}

TEST(Objects, StaticLocalsInitialiseWithoutAWrite) {
  EXPECT_EQ(eventsOf("struct S { S(); void use(); }; S& get() { static S s; return s; }", "get"),
            (Lines{"acquire s.$once", "call S::S() on &s", "release s.$once", "return &s"}));
}

TEST(Records, FieldsCarryTheirKind) {
  const Extraction unit = extractText("#include <mutex>\n#include <atomic>\n#include <vector>\n#include <thread>\n#include <condition_variable>\n"
                                      "struct S { std::mutex m; std::atomic<int> a; std::vector<int> v; std::thread t; std::condition_variable c; const int k = 1; int n; };");
  ASSERT_EQ(unit.facts.records.size(), 1U);
  std::vector<Record::Field::Kind> kinds;
  for (const Record::Field& field : unit.facts.records[0].fields) kinds.push_back(field.kind);
  using K = Record::Field::Kind;
  EXPECT_EQ(kinds, (std::vector<K>{K::Lock, K::Atomic, K::Container, K::Thread, K::Condition, K::Const, K::Plain}));
}

TEST(Names, InternalLinkageCarriesTheFile) {
  const Extraction unit = extractText("static void a() {} namespace { void b() {} } void c() { a(); b(); }");
  EXPECT_EQ(functionNamed(unit.facts, "a")->id, "/source/test.cpp:_ZL1av");
  EXPECT_EQ(functionNamed(unit.facts, "c")->id, "_Z1cv");
  EXPECT_EQ(functionNamed(unit.facts, "a")->linkage, Function::Linkage::Internal);
}

}  // namespace
}  // namespace deadheat::test
