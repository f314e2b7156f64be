// The command line as users meet it: exit codes, streams, and one clear line for every bad input.
#include <gtest/gtest.h>

#include "llvm/Support/JSON.h"
#include "tests/tool/binary.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

constexpr char kRace[] =
    "#include <thread>\n"
    "int hits;\n"
    "void work() { hits++; }\n"
    "int main() {\n"
    "  std::thread worker(work);\n"
    "  hits++;\n"
    "  worker.join();\n"
    "}\n";

constexpr char kClean[] = "int twice(int x) { return 2 * x; }\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The tool refused: nothing on stdout, one line on stderr with `part` in it.
void expectRefusal(const Said& said, int exitCode, const std::string& part) {
  EXPECT_EQ(said.exitCode, exitCode) << said.err;
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(lineCount(said.err), 1u) << said.err;
  EXPECT_TRUE(has(said.err, part)) << said.err;
}

TEST(CommandLine, SaysItsVersionAndHelp) {
  Workshop here;
  EXPECT_TRUE(here.deadheat({"--version"}).out.starts_with("deadheat 0."));
  Said help = here.deadheat({"--help"});
  EXPECT_EQ(help.exitCode, 0);
  for (const char* command : {"check", "cc", "c++", "run", "confirm", "hunt", "report", "explain", "list-checks"}) {
    EXPECT_TRUE(has(help.out, std::string("  ") + command)) << command;
    Said own = here.deadheat({"hunt", "--help"});
    EXPECT_EQ(own.exitCode, 0);
    EXPECT_TRUE(has(own.out, "--output"));
  }
  EXPECT_TRUE(has(help.out, "Exit codes"));
}

TEST(CommandLine, AnswersWrongUsageWith64) {
  Workshop here;
  expectRefusal(here.deadheat({}), 64, "A subcommand is required");
  expectRefusal(here.deadheat({"chekc"}), 64, "unknown command 'chekc', did you mean 'check'?");
  expectRefusal(here.deadheat({"check", "--bogus"}), 64, "--bogus");
  expectRefusal(here.deadheat({"check", "--fail-on=sometimes"}), 64, "sometimes");
  expectRefusal(here.deadheat({"check", "--output=html"}), 64, "unknown output format 'html'");
  expectRefusal(here.deadheat({"check", "--checks=lock-odrer"}), 64, "did you mean 'lock-order'");
  expectRefusal(here.deadheat({"run"}), 64, "no program to run");
  expectRefusal(here.deadheat({"run", "--"}), 64, "no program to run");
  expectRefusal(here.deadheat({"explain", "data-rase"}), 64, "did you mean 'data-race'");
}

TEST(CommandLine, ExplainsAndListsChecks) {
  Workshop here;
  Said list = here.deadheat({"list-checks"});
  EXPECT_EQ(list.exitCode, 0);
  for (const char* id : {"data-race", "lock-order", "double-lock"}) {
    EXPECT_TRUE(has(list.out, id)) << list.out;
    Said said = here.deadheat({"explain", id});
    EXPECT_EQ(said.exitCode, 0);
    EXPECT_TRUE(has(said.out, "Why it is a bug") && has(said.out, "How to mend it")) << said.out;
  }
}

TEST(Check, WithoutADatabaseSaysHowToMakeOne) {
  expectRefusal(Workshop().deadheat({"check"}), 1, "CMAKE_EXPORT_COMPILE_COMMANDS");
  expectRefusal(Workshop().deadheat({"check", "-p", "nowhere"}), 1, "nowhere");
}

TEST(Check, WithAnEmptyOrBrokenDatabaseIsAnError) {
  Workshop here;
  here.write("build/compile_commands.json", "[]");
  expectRefusal(here.deadheat({"check", "-p", "build"}), 1, "compile_commands.json");
  here.write("build/compile_commands.json", "[{\"directory\": ");
  expectRefusal(here.deadheat({"check", "-p", "build"}), 1, "compile_commands.json");
}

TEST(Check, ReportsFindingsOnStdoutAndTheRestOnStderr) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  Said said = here.deadheat({"check", "-p", "build"});
  EXPECT_EQ(said.exitCode, 2) << said.err;
  EXPECT_TRUE(has(said.out, "race.cpp:") && has(said.out, "[data-race]")) << said.out;
  EXPECT_TRUE(has(said.err, "analysed 1 of 1 units")) << said.err;
  EXPECT_TRUE(has(said.err, "1 finding")) << said.err;
  EXPECT_EQ(here.deadheat({"check", "-p", "build", "--fail-on=never"}).exitCode, 0);
  EXPECT_EQ(here.deadheat({"check", "-p", "build", "--fail-on=confirmed"}).exitCode, 0);
  EXPECT_EQ(here.deadheat({"check", "-q"}).err, "") << "the database is found in build/";
}

TEST(Check, OfCleanCodeSaysOneLine) {
  Workshop here;
  here.project({{"clean.cpp", kClean}});
  Said said = here.deadheat({"check", "-p", "build/compile_commands.json"});
  EXPECT_EQ(said.exitCode, 0) << said.err;
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(lineCount(said.err), 1u) << said.err;
  EXPECT_TRUE(has(said.err, "no findings"));
}

TEST(Check, LosesNoOtherResultsToAFileThatFails) {
  Workshop here;
  here.project({{"race.cpp", kRace}, {"broken.cpp", "#include \"missing.h\"\n"}, {"odd.cpp", "int f( {\n"}});
  std::filesystem::remove(here.path("odd.cpp"));
  Said said = here.deadheat({"check", "-p", "build"});
  EXPECT_EQ(said.exitCode, 2) << said.err;
  EXPECT_TRUE(has(said.out, "[data-race]")) << said.out;
  EXPECT_TRUE(has(said.err, "missing.h")) << said.err;
  EXPECT_TRUE(has(said.err, "odd.cpp")) << said.err;
  EXPECT_TRUE(has(said.err, "2 failed")) << said.err;
}

TEST(Check, IsIncompleteWhenSomeFilesFail) {
  Workshop here;
  here.project({{"clean.cpp", kClean}, {"broken.cpp", "#include \"missing.h\"\n"}});
  Said said = here.deadheat({"check", "-p", "build"});
  EXPECT_EQ(said.exitCode, 3) << said.err;
  EXPECT_TRUE(has(said.err, "missing.h")) << said.err;
}

TEST(Check, OfNothingIsAnError) {
  Workshop here;
  here.project({{"broken.cpp", "#include \"missing.h\"\n"}});
  Said said = here.deadheat({"check", "-p", "build"});
  EXPECT_EQ(said.exitCode, 1);
  EXPECT_TRUE(has(said.err, "nothing was analysed")) << said.err;
  EXPECT_TRUE(has(said.err, "missing.h")) << said.err;
  here.write("other.cpp", kClean);
  expectRefusal(here.deadheat({"check", "-p", "build", "other.cpp"}), 1, "not in the compilation database");
  expectRefusal(here.deadheat({"check", "-p", "build", "nowhere.cpp"}), 1, "no such file or folder: nowhere.cpp");
}

TEST(Check, ListsTheFlagsItDropped) {
  Workshop here;
  here.project({{"race.cpp", kRace}}, "-fno-such-gcc-flag -fconserve-stack");
  Said said = here.deadheat({"check", "-p", "build"});
  EXPECT_EQ(said.exitCode, 2) << said.err;
  EXPECT_TRUE(has(said.err, "-fno-such-gcc-flag")) << said.err;
}

TEST(Check, LooksOnlyAtThePathsGiven) {
  Workshop here;
  here.project({{"a/race.cpp", kRace}, {"b/clean.cpp", kClean}});
  Said said = here.deadheat({"check", "-p", "build", "b"});
  EXPECT_EQ(said.exitCode, 0) << said.out;
  EXPECT_TRUE(has(said.err, "analysed 1 of 1 units")) << said.err;
  EXPECT_EQ(here.deadheat({"check", "-p", "build", "a/race.cpp"}).exitCode, 2);
}

TEST(Check, RunsOnlyTheChecksGiven) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  EXPECT_EQ(here.deadheat({"check", "--checks=*,-data-race"}).exitCode, 0);
  EXPECT_EQ(here.deadheat({"check", "--checks=data-*"}).exitCode, 2);
}

TEST(Check, WritesSeveralFormatsAtOnce) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  Said said = here.deadheat({"check", "--output=text", "--output=json:f.json", "--output=sarif:f.sarif", "-q"});
  EXPECT_TRUE(has(said.out, "[data-race]"));
  auto report = readFindings(here.path("f.json"));
  ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
  EXPECT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->analysis.unitsAnalysed, 1u);
  auto sarif = llvm::json::parse(readFile(here.path("f.sarif")));
  EXPECT_TRUE(static_cast<bool>(sarif));
}

TEST(Check, SaysWhatItCannotWriteBeforeItStarts) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  expectRefusal(here.deadheat({"check", "--output=json:no/such/folder/f.json"}), 1, "no/such/folder/f.json");
}

TEST(Check, WatchesABuildOrSaysWhatItNeedsForThat) {
  Workshop here;
  here.write("race.cpp", kRace);
  Said said = here.deadheat({"check", "--", "g++", "-c", "race.cpp"});
  if (has(said.err, "bear, which is not installed")) GTEST_SKIP() << "bear is not installed";
  EXPECT_EQ(said.exitCode, 2) << said.err;
  EXPECT_TRUE(has(said.out, "race.cpp:")) << said.out;
  Said nothing = here.deadheat({"check", "--", "true"});
  EXPECT_EQ(nothing.exitCode, 1);
  EXPECT_TRUE(has(nothing.err, "the build compiled nothing")) << nothing.err;
  expectRefusal(here.deadheat({"check", "--"}), 64, "no build command");
}

TEST(Check, SaysThatBearIsMissing) {
  Workshop here;
  Said said = here.run({"/usr/bin/env", "PATH=/nowhere", DEADHEAT_BINARY_DIR "/bin/deadheat", "check", "--", "make"});
  expectRefusal(said, 1, "install it (apt install bear)");
}

TEST(Report, RendersAFindingsFileAgain) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  Said first = here.deadheat({"check", "--output=text", "--output=json:f.json"});
  Said again = here.deadheat({"report", "f.json"});
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(again.exitCode, 2);
  EXPECT_TRUE(has(here.deadheat({"report", "f.json", "--output=table"}).out, "suspected"));
}

TEST(Report, ShowsSeveralFilesAsOneAndLosesNoneToABadOne) {
  Workshop here;
  here.project({{"race.cpp", kRace}});
  here.deadheat({"check", "--output=json:f.json"});
  EXPECT_EQ(lineCount(here.deadheat({"report", "f.json", "f.json", "--output=table"}).out), 3u);
  Said said = here.deadheat({"report", "f.json", "nowhere.json", "--output=table"});
  EXPECT_EQ(lineCount(said.out), 2u);
  EXPECT_EQ(said.exitCode, 1);
  EXPECT_TRUE(has(said.err, "nowhere.json")) << said.err;
}

TEST(Report, RefusesWhatItCannotRead) {
  Workshop here;
  expectRefusal(here.deadheat({"report", "nowhere.json"}), 1, "nowhere.json");
  here.write("other.json", "{\"format\": \"deadheat-findings\", \"version\": 99}");
  expectRefusal(here.deadheat({"report", "other.json"}), 1, "version 99");
  expectRefusal(here.deadheat({"confirm", "other.json", "--", "/bin/true"}), 1, "version 99");
  here.write("text.json", "hello");
  expectRefusal(here.deadheat({"report", "text.json"}), 1, "not a findings file");
}

TEST(Compiler, PassesOnOutputAndExitCode) {
  Workshop here;
  here.write("bad.cpp", "int f( {\n");
  Said said = here.deadheat({"c++", DEADHEAT_CXX, "-c", "bad.cpp"});
  EXPECT_NE(said.exitCode, 0);
  EXPECT_TRUE(has(said.err, "bad.cpp:1")) << said.err;
  EXPECT_TRUE(has(here.deadheat({"c++", "--version"}).out, "clang"));
  expectRefusal(here.deadheat({"c++", "-static", "a.o"}), 1, "-static cannot be combined");
}

TEST(Compiler, BuildsProgramsThatRun) {
  Workshop here;
  here.write("race.cpp", kRace);
  for (const char* compiler : {DEADHEAT_CXX, "g++"}) {
    Said oneStep = here.deadheat({"c++", compiler, "race.cpp", "-pthread", "-o", "one"});
    ASSERT_EQ(oneStep.exitCode, 0) << compiler << oneStep.err;
    ASSERT_EQ(here.deadheat({"c++", compiler, "-c", "race.cpp", "-o", "race.o"}).exitCode, 0);
    ASSERT_EQ(here.deadheat({"c++", compiler, "race.o", "-pthread", "-o", "two"}).exitCode, 0);
    for (const char* program : {"./one", "./two"})
      EXPECT_TRUE(has(here.run({"nm", program}).out, "__tsan_init")) << compiler << program;
  }
}

TEST(Compiler, AnswersToItsOneWordNames) {
  Workshop here;
  EXPECT_TRUE(has(here.run({DEADHEAT_BINARY_DIR "/bin/deadheat-c++", "--version"}).out, "clang"));
  EXPECT_TRUE(has(here.run({DEADHEAT_BINARY_DIR "/bin/deadheat-cc", "--version"}).out, "clang"));
}

}  // namespace
}  // namespace deadheat
