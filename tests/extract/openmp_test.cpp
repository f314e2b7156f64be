#include <algorithm>

#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::vector<std::string> kOpenMp{"-std=c11", "-fopenmp"};

/// The regions of `f`, one a line.
Lines regionsOf(const std::string& text) {
  const Extraction extraction = extractText(text, kOpenMp);
  const Function* function = functionNamed(extraction.facts, "f");
  if (!function) return {"no function f"};
  Lines lines;
  for (const Region& region : function->regions) lines.push_back(dump(region));
  return lines;
}

bool has(const Lines& lines, const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); }

TEST(OpenMp, AParallelLoopIsATeamThatSharesItsTurns) {
  EXPECT_EQ(regionsOf("int a[9]; void f(int n) {\n#pragma omp parallel for\nfor (int i = 0; i < n; i++) a[i] = i; }"),
            (Lines{"team (omp parallel for)", "share i from 0 to %0+-1 (omp parallel for)"}));
}

TEST(OpenMp, IndicesAreSumsOfCounters) {
  const Lines lines = eventsOf(
      "int a[99]; void f(int n) {\n#pragma omp parallel for\nfor (int i = 0; i < n; i++) { int k = 2 * i; a[k + 1] = n; } }",
      "f", kOpenMp);
  EXPECT_TRUE(has(lines, "write a[2*i+1] in region 2")) << lines.front();
}

TEST(OpenMp, ASharedLocalIsAccessedAPrivateOneIsNot) {
  const Lines lines = eventsOf(
      "void f(void) { int x = 0, y;\n#pragma omp parallel private(y)\n{ x = 1; y = 2; } }", "f", kOpenMp);
  EXPECT_TRUE(has(lines, "write $x in region 1"));
  EXPECT_FALSE(has(lines, "write $y in region 1"));
}

TEST(OpenMp, AWorksharingConstructEndsWithABarrierUnlessToldOtherwise) {
  const char* text =
      "void f(void) {\n#pragma omp parallel\n{\n#pragma omp single\n{ }\n#pragma omp single nowait\n{ } } }";
  const Lines lines = eventsOf(text, "f", kOpenMp);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "barrier in region 1"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "barrier"), 1);  // That of the parallel construct.
}

TEST(OpenMp, AtomicUpdatesAreAtomic) {
  const Lines lines = eventsOf(
      "int g; void f(void) {\n#pragma omp parallel\n{\n#pragma omp atomic\ng += 1; } }", "f", kOpenMp);
  EXPECT_TRUE(has(lines, "read-write g atomic relaxed in region 1"));
}

TEST(OpenMp, TasksKeepCopiesOfTheirCreatorsLocals) {
  const Lines lines = eventsOf(
      "int g; void f(int n) {\n#pragma omp task shared(g)\n{ g = n; n = 2; }\n#pragma omp taskwait\n}", "f", kOpenMp);
  EXPECT_TRUE(has(lines, "write g in region 1"));
  EXPECT_TRUE(has(lines, "task begin of region 1"));
  EXPECT_TRUE(has(lines, "task wait"));
  EXPECT_FALSE(has(lines, "write %n in region 1"));
}

TEST(OpenMp, ThreadNumbersAndConditionsAreKept) {
  EXPECT_EQ(regionsOf("int omp_get_thread_num(void); int g; void f(void) {\n#pragma omp parallel\n"
                      "if (omp_get_thread_num() == 0) g = 1; }"),
            (Lines{"team (omp parallel)", "where $tid = 0", "where $tid != 0"}));
}

TEST(OpenMp, AMinimumGivesTwoBounds) {
  const Lines lines = regionsOf("int a[9]; void f(int n, int m) {\n#pragma omp parallel for\n"
                                "for (int i = 0; i < (n < m ? n : m); i++) a[i] = i; }");
  EXPECT_TRUE(has(lines, "share i from 0 to %0+-1 to %1+-1 (omp parallel for)"));
}

TEST(OpenMp, ATeamOfOneIsNone) {
  EXPECT_EQ(regionsOf("int g; void f(void) {\n#pragma omp parallel num_threads(1)\ng = 1; }"), Lines{});
}

TEST(OpenMp, ASectionBehindAnEndlessLoopIsSeen) {
  const Lines lines = eventsOf("int g, h; void f(void) {\n#pragma omp parallel sections\n{\n#pragma omp section\n"
                               "while (1) g++;\n#pragma omp section\nwhile (1) h++;\n} }",
                               "f", kOpenMp);
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("read-write h"); }));
}

TEST(OpenMp, WithoutTheFlagNothingChanges) {
  EXPECT_EQ(eventsOf("int g; void f(void) {\n#pragma omp parallel\ng = 1; }", "f", {"-std=c11"}), Lines{"write g"});
}

}  // namespace
}  // namespace deadheat::test
