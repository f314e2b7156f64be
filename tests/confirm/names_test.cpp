#include <gtest/gtest.h>

#include "tool/symbols/source_path.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {
namespace {

TEST(FunctionNames, AreQualifiedWithoutParameters) {
  EXPECT_EQ(readableFunction("_ZN4bank3runEv"), "bank::run");
  EXPECT_EQ(readableFunction("main"), "main");
  EXPECT_EQ(readableFunction("worker"), "worker");
  EXPECT_EQ(readableFunction("f"), "f");
  EXPECT_EQ(readableFunction("_ZN4bank12_GLOBAL__N_11AD2Ev"), "bank::A::~A");
  EXPECT_EQ(readableFunction("_ZN4bank12_GLOBAL__N_11AaSEi"), "bank::A::operator=");
  EXPECT_EQ(readableFunction("_ZZ4mainEN1LclEv"), "main::L::operator()");
}

TEST(FunctionNames, LoseTheReturnTypeOfTemplates) {
  EXPECT_EQ(readableFunction("_ZN4bank12_GLOBAL__N_15freefIdEET_S2_"), "bank::freef<double>");
}

TEST(FunctionNames, CallLambdasByTheirFunction) {
  EXPECT_EQ(readableFunction("_ZZN4bank3runEvENKUlvE_clEv"), "bank::run()::lambda");
  EXPECT_EQ(readableFunction("_ZZ4mainENK3$_0clEv"), "main()::lambda");
  EXPECT_EQ(readableFunction("_ZZN4bank3runEvENK3$_0clEv"), "bank::run()::lambda");
  EXPECT_EQ(readableFunction("_ZZZN4bank3runEvENKUlvE_clEvENKUlvE_clEv"), "bank::run()::lambda()::lambda");
  EXPECT_EQ(readableFunction("_ZZN4bank12_GLOBAL__N_11A3putIiEEvT_ENKUliE_clEi"),
            "bank::A::put<int>()::lambda");
}

TEST(FunctionNames, IgnoreWhatTheOptimiserAdds) {
  EXPECT_EQ(readableFunction("_ZN4bank3runEv.part.0"), "bank::run");
  EXPECT_EQ(readableFunction("worker.constprop.1"), "worker");
}

TEST(VariableNames, AreQualified) {
  EXPECT_EQ(readableVariable("_ZN4bank7balanceE"), "bank::balance");
  EXPECT_EQ(readableVariable("g_hits"), "g_hits");
  EXPECT_EQ(readableVariable("b"), "b");
  EXPECT_EQ(readableVariable("_ZZ4nextvE7counter"), "next()::counter");
}

TEST(SourcePaths, PreferTheEqualOne) {
  const std::vector<std::string> candidates = {"/b/src/util.h", "/a/src/util.h", "/a/lib/util.h"};
  EXPECT_EQ(matchSource("/a/x/../src/util.h", candidates), (std::vector<std::size_t>{1}));
}

TEST(SourcePaths, TakeTheLongestCommonEnding) {
  const std::vector<std::string> candidates = {"/b/lib/util.h", "/b/proj/src/util.h", "/c/other/src/util.h"};
  EXPECT_EQ(matchSource("/a/proj/src/util.h", candidates), (std::vector<std::size_t>{1}));
  EXPECT_EQ(matchSource("/a/z/src/util.h", candidates), (std::vector<std::size_t>{1, 2}));
}

TEST(SourcePaths, DoNotTakeABareNameForTheSameFile) {
  EXPECT_FALSE(sameSource("/a/util.h", "/b/util.h"));
  EXPECT_TRUE(sameSource("util.h", "/b/util.h"));
  EXPECT_FALSE(sameSource("/a/src/util.h", "/b/src/other.h"));
}

TEST(SourcePaths, KnowTheSystemsOwn) {
  EXPECT_TRUE(isSystemSource("/usr/include/c++/12/bits/std_mutex.h"));
  EXPECT_TRUE(isSystemSource("/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/thread"));
  EXPECT_TRUE(isSystemSource("/build/glibc-2.36/nptl/pthread_create.c"));
  EXPECT_FALSE(isSystemSource("/home/me/project/include/queue.h"));
}

}  // namespace
}  // namespace deadheat
