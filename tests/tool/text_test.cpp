#include <gtest/gtest.h>

#include "llvm/Support/raw_ostream.h"
#include "tests/tool/sample_report.h"
#include "tool/report/format.h"
#include "tool/report/words.h"

namespace deadheat {
namespace {

std::string rendered(const Report& report, Renderer renderer, Coloring coloring = Coloring::Plain) {
  std::string text;
  llvm::raw_string_ostream out(text);
  renderer(report, coloring, out);
  return text;
}

TEST(TextFormat, ShowsTheWitnessAsNotesThreadByThread) {
  SampleReport sample;
  std::string expected =
      "src/counter.h:3:27: warning: 'Counter::hits' is written in 'Counter::reset' while 'Counter::add' changes it "
      "[data-race]\n"
      "    3 |   /* é */ void reset() { hits = 0; }\n"
      "      |                          ^~~~\n"
      "src/main.cpp:2:15: note: [T1 main #1] starts thread 'work' in 'main'\n"
      "    2 |   std::thread worker(work);\n"
      "      |               ^~~~~~\n"
      "src/counter.h:3:27: note: [T1 main #4] writes 'hits' in 'Counter::reset'\n"
      "    3 |   /* é */ void reset() { hits = 0; }\n"
      "      |                          ^~~~\n"
      "src/counter.h:2:22: note: [T2 thread 'work' #2] locks 'mu' in 'Counter::add'\n"
      "    2 |   void add() { Guard g(mu); hits++; }\n"
      "      |                      ^\n"
      "src/counter.h:2:29: note: [T2 thread 'work' #3] reads 'hits' in 'Counter::add', holding {mu}\n"
      "    2 |   void add() { Guard g(mu); hits++; }\n"
      "      |                             ^~~~\n"
      "  verdict: suspected: static analysis only, not tried in a run\n"
      "  confidence: high: both name the same object\n"
      "  fix: hold 'mu' in 'Counter::reset' too\n"
      "  finding: " +
      shortId(sample.report.findings[0]) + "\n\n";
  EXPECT_EQ(rendered(sample.report, renderText), expected);
}

TEST(TextFormat, GoesWithoutSourcesColumnsAndPlaces) {
  Report report;
  Finding finding;
  finding.check = "lock-order";
  finding.message = "a cycle";
  finding.location = {"/nowhere/a.cpp", 7, 0};
  finding.witness = {{"main", {{WitnessStep::Kind::Other, {}, "", "is stuck", {}, 0}}}};
  report.findings = {finding};
  std::string text = rendered(report, renderText);
  EXPECT_TRUE(text.starts_with("/nowhere/a.cpp:7: warning: a cycle [lock-order]\nnote: [T1 main] is stuck\n")) << text;
}

TEST(TextFormat, UsesColoursOnlyWhenAsked) {
  SampleReport sample;
  EXPECT_EQ(rendered(sample.report, renderText).find('\033'), std::string::npos);
  EXPECT_NE(rendered(sample.report, renderText, Coloring::Colored).find("\033["), std::string::npos);
}

TEST(TableFormat, AlignsItsColumns) {
  SampleReport sample;
  Finding second = sample.report.findings[0];
  second.check = "lock-order";
  second.subjects = {"é", "b"};
  second.verdict = {Verdict::Kind::Confirmed, Verdict::Proof::Caught, "", 1, 1, "r"};
  sample.report.findings.push_back(second);
  std::string text = rendered(sample.report, renderTable);
  std::string first = shortId(sample.report.findings[0]);
  EXPECT_EQ(text, "FINDING   CHECK       WHERE            SUBJECT        VERDICT\n" + first +
                      "  data-race   src/counter.h:3  Counter::hits  suspected\n" + shortId(second) +
                      "  lock-order  src/counter.h:3  é, b           confirmed (caught)\n");
}

TEST(TableFormat, IsEmptyWithoutFindings) { EXPECT_EQ(rendered(Report(), renderTable), ""); }

TEST(Words, AreReadBack) {
  for (const auto& word : wordsOf<Verdict::Kind>()) EXPECT_EQ(fromWord<Verdict::Kind>(word.text), word.value);
  EXPECT_EQ(fromWord<Verdict::Kind>("safe"), std::nullopt);
}

TEST(Words, SayHowAVerdictCameAbout) {
  using Kind = Verdict::Kind;
  using Proof = Verdict::Proof;
  EXPECT_EQ(verdictText({Kind::Confirmed, Proof::Caught, "", 3, 3, "r"}), "confirmed: caught in the act (3 runs)");
  EXPECT_EQ(verdictText({Kind::NotReproduced, Proof::None, "", 10, 4, ""}),
            "not reproduced in 10 runs, 4 of which reached every site");
  EXPECT_EQ(verdictText({Kind::NotRun, Proof::None, "site not in the binary", 0, 0, ""}),
            "not run: site not in the binary");
}

TEST(Paths, AreShownRelativeToTheRootTheyLieBelow) {
  EXPECT_EQ(relativeTo("/a/b/c.cpp", "/a/b"), "c.cpp");
  EXPECT_EQ(relativeTo("/a/b/c.cpp", "/a/b/"), "c.cpp");
  EXPECT_EQ(relativeTo("/a/bc.cpp", "/a/b"), "/a/bc.cpp");
  EXPECT_EQ(relativeTo("/a/b", "/a/b"), "/a/b");
  EXPECT_EQ(relativeTo("/a/b", ""), "/a/b");
  EXPECT_EQ(relativeTo("/a/b", "/"), "a/b");
}

}  // namespace
}  // namespace deadheat
