// Where numbers come from and what branches test.
#include <gtest/gtest.h>

#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

TEST(Compute, FollowsASharedNumberThroughLocals) {
  EXPECT_EQ(derivationsOf("int g; void f() { int n = g; int m = n + 1; g = m; }", "f"),
            (Lines{"compute $n from g", "compute $m from $n", "compute g from $m"}));
}

TEST(Compute, LeavesOutWhatWasNeverShared) {
  EXPECT_EQ(derivationsOf("int g; void f(int p) { int n = p * 2; n += 1; g = n; }", "f"), Lines{});
}

TEST(Compute, KnowsResultsOfCallsAndLibraryObjects) {
  EXPECT_EQ(derivationsOf("#include <vector>\nint get(); std::vector<int> v; void f() { auto n = v.size(); int k = get(); }",
                          "f"),
            (Lines{"compute $n from v", "compute $k from result"}));
}

TEST(Compute, ReturnsTellWhatTheyReturn) {
  EXPECT_EQ(derivationsOf("int g; bool f() { return g > 3; }", "f"), (Lines{"return constant from g"}));
}

TEST(Compute, StoresToAtomicsDependOnWhatTheyStore) {
  EXPECT_EQ(derivationsOf("#include <atomic>\nstd::atomic<int> a; void f() { a.store(a.load() + 1); }", "f"),
            (Lines{"compute a from a"}));
}

TEST(Branches, TestAPath) {
  EXPECT_EQ(derivationsOf("bool on; int* p; int g; void f() { if (on) g = 1; if (!p) g = 2; if (p != nullptr) g = 3; }", "f"),
            (Lines{"if on tests on", "if !p tests not p", "if p != nullptr tests p"}));
}

TEST(Branches, CompareWithAConstant) {
  EXPECT_EQ(derivationsOf("int s, g; void f() { if (s == 2) g = 1; if (0 == s) g = 2; }", "f"),
            (Lines{"if s == 2 tests s being 2", "if 0 == s tests not s"}));
}

TEST(Branches, OfOtherKindsSayWhatTheyDependOn) {
  EXPECT_EQ(derivationsOf("int a, b, g; void f() { if (a < b) g = 1; }", "f"), (Lines{"if a < b on a b"}));
}

TEST(Branches, SplitAtShortCircuits) {
  EXPECT_EQ(derivationsOf("bool a, b; int g; void f() { if (a && !b) g = 1; }", "f"),
            (Lines{"if a tests a", "if !b tests not b"}));
}

TEST(Branches, TestResultsOfCallsAndAtomics) {
  EXPECT_EQ(derivationsOf("#include <atomic>\nbool get(); std::atomic<bool> stop; int g;"
                          "void f() { if (get()) g = 1; while (!stop.load()) g = 2; }",
                          "f"),
            (Lines{"if get() tests result", "if !stop.load() tests not stop"}));
}

}  // namespace
}  // namespace deadheat::test
