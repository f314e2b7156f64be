// Where objects begin and end.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

/// The ends of locals in `f`, and what else it does, in order.
Lines withEnds(const std::string& text) {
  const Extraction extraction = extractText(text, {"-std=c++20"});
  const Function* function = functionNamed(extraction.facts, "f");
  Lines lines;
  if (!function) return {"no function f"};
  for (const BasicBlock& block : function->blocks)
    for (const Event& event : block.events) lines.push_back(dump(event, {.places = false}));
  return lines;
}

TEST(Lifetimes, LocalsThatOthersMayKnowEndWithTheirScope) {
  EXPECT_EQ(withEnds("void g(int*); void h(); void f() { { int x; g(&x); } h(); }"),
            (Lines{"call g(&$x)", "free $x", "call h()"}));
}

TEST(Lifetimes, LocalsThatNobodyKnowsAreLeftOut) {
  EXPECT_EQ(withEnds("void g(int); void f() { int x = 1; g(x); }"), (Lines{"flag $x = 1", "call g(constant x)"}));
}

TEST(Lifetimes, MembersOfLibraryClassesBeginAndEnd) {
  const std::string text = "#include <vector>\nstruct S { std::vector<int> v; S() {} ~S() {} };";
  EXPECT_EQ(eventsOf(text, "S::S"), (Lines{"write this.v by std::vector::vector"}));
  EXPECT_EQ(eventsOf(text, "S::~S"), (Lines{"write this.v by std::vector::~vector"}));
}

TEST(Lifetimes, DestructorsThatNobodyWroteAreSeen) {
  EXPECT_EQ(eventsOf("#include <thread>\n#include <memory>\nstruct S { std::jthread t; };"
                     "void f() { auto s = std::make_unique<S>(); }",
                     "S::~S", {"-std=c++20"}),
            (Lines{"join this.t at its end"}));
}

TEST(Lifetimes, AThreadThatCouldNotBeStartedIsNotWaitedFor) {
  const std::string graph = graphOf(
      "#include <pthread.h>\nvoid* w(void*); int g; void f() { pthread_t t;"
      "if (pthread_create(&t, 0, w, 0) != 0) { g = 1; return; } g = 2; }",
      "f");
  const std::size_t join = graph.find("join $t"), failed = graph.find("write g"), second = graph.find("write g", failed + 1);
  ASSERT_NE(join, std::string::npos) << graph;
  EXPECT_NE(second, std::string::npos) << graph;
  EXPECT_EQ(graph.find("join $t", join + 1), std::string::npos) << graph;
}

}  // namespace
}  // namespace deadheat::test
