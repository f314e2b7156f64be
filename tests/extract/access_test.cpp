#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

TEST(Access, GlobalsAreReadAndWritten) {
  EXPECT_EQ(eventsOf("int a; int b; void f() { a = b; ++a; a += 2; }", "f"),
            (Lines{"read b", "write a", "read-write a", "read-write a"}));
}

TEST(Access, PrivateLocalsAreLeftOut) {
  EXPECT_EQ(eventsOf("int f(int n) { int x = n; x += 2; return x; }", "f"), Lines{});
}

TEST(Access, LocalsWhoseAddressIsTakenAreKept) {
  EXPECT_EQ(eventsOf("void use(int*); void f() { int x = 1; use(&x); x = 2; }", "f"),
            (Lines{"call use(&$x)", "write $x"}));
}

TEST(Access, PointersAndFieldsAreWalked) {
  EXPECT_EQ(eventsOf("struct N { N* next; int v; }; void f(N* p) { p->next->v = 1; }", "f"),
            (Lines{"read %p*.next", "write %p*.next*.v"}));
}

TEST(Access, PointerAssignmentsAreAliases) {
  EXPECT_EQ(eventsOf("struct N { N* next; int v; }; N* head; void f() { N* p = head; p = p->next; p->v = 1; }", "f"),
            (Lines{"read head", "assign $p = head", "read $p*.next", "assign $p = $p*.next", "write $p*.v"}));
}

TEST(Access, ReferencesAreWhatTheyAreBoundTo) {
  EXPECT_EQ(eventsOf("int g; void f(int& r) { int& l = g; l = 1; r = 2; auto& k = r; k++; }", "f"),
            (Lines{"write g", "write %r*", "read-write %r*"}));
}

TEST(Access, ReferenceToACallResultIsAPointerAssignedOnce) {
  EXPECT_EQ(eventsOf("int& get(); void f() { int& r = get(); r = 1; }", "f"),
            (Lines{"call get() -> result", "assign $r = &result*", "write $r*"}));
}

TEST(Access, ArrayElementsCarryTheirIndex) {
  EXPECT_EQ(eventsOf("int a[4]; void f(int i, int* p) { a[2] = 1; a[i] = 2; p[1] = 3; *a = 4; }", "f"),
            (Lines{"write a[2]", "write a[i]", "write %p*[1]", "write a"}));
}

TEST(Access, BitFieldsAndVolatilesAreSaid) {
  EXPECT_EQ(eventsOf("struct S { unsigned a : 3; unsigned b : 5; } s; volatile int stop; void f() { s.b = 1; stop = 1; }",
                     "f"),
            (Lines{"write s.b", "write stop volatile"}));
}

TEST(Access, StructsAreCopiedWhole) {
  EXPECT_EQ(eventsOf("struct P { int x, y; }; P a, b; void f() { a = b; P c = a; }", "f"),
            (Lines{"read b", "write a", "assign a = object b", "read a", "assign $c = object a"}));
}

TEST(Access, ConstantsDoNotRace) {
  EXPECT_EQ(eventsOf("extern const int limit; int g; void f() { g = limit; }", "f"), Lines{"write g"});
}

TEST(Access, ThreadLocalsAndStaticLocals) {
  EXPECT_EQ(eventsOf("void f() { static int n = 3; thread_local int t; ++n; ++t; }", "f"),
            (Lines{"read-write n", "read-write tls t"}));
}

TEST(Access, ConditionalPlacesBecomeAChoice) {
  EXPECT_EQ(eventsOf("int a, b; void f(bool c) { (c ? a : b) = 1; }", "f"),
            (Lines{"assign $choice = &b", "assign $choice = &a", "write $choice*"}));
}

TEST(Access, UnevaluatedCodeDoesNothing) {
  EXPECT_EQ(eventsOf("int g; unsigned long f() { return sizeof(g = 1) + noexcept(g = 2); }", "f"), Lines{});
}

TEST(Access, StructuredBindingsNameFields) {
  EXPECT_EQ(eventsOf("struct P { int x, y; }; P g; void f() { auto& [a, b] = g; a = 1; b++; }", "f"),
            (Lines{"write g.x", "read-write g.y"}));
}

TEST(Access, AnonymousMembersAreTransparent) {
  EXPECT_EQ(eventsOf("struct S { union { int a; float b; }; } s; void f() { s.a = 1; }", "f"), Lines{"write s.a"});
}

TEST(Access, MemberReferencesCarryADereference) {
  EXPECT_EQ(eventsOf("struct S { int& r; void set() { r = 1; } };", "S::set"), Lines{"write this.r*"});
}

TEST(Access, AReturnedPointerIsTold) {
  EXPECT_EQ(eventsOf("int g; int* f() { return &g; } int& h() { return g; }", "f"), Lines{"return &g"});
}

}  // namespace
}  // namespace deadheat::test
