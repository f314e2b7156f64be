// The whole of confirm against fake targets: scripts that answer a plan with recordings made beforehand.
#include "tool/confirm/confirm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/confirm/compiled.h"
#include "tests/confirm/recording_builder.h"
#include "tool/run/run.h"
#include "tool/symbols/site_map.h"

namespace deadheat {
namespace {

namespace fs = std::filesystem;
using Builder = RecordingBuilder;

constexpr char kProgram[] = R"(int counter;
__attribute__((noinline)) void add() {
  ++counter;
}
__attribute__((noinline)) int get() {
  return counter;
}
int main() { add(); return get(); }
)";
constexpr std::uint64_t kBase = 0x7000000000;

class FakeTarget : public ::testing::Test {
 protected:
  void SetUp() override {
    binary_ = compileIn(folder_, "app.cpp", kProgram, DEADHEAT_CXX, "-O0 -Wl,--build-id=none");
    ASSERT_FALSE(binary_.empty());
    folder_.write("quiet.rec", started().file());
    folder_.write("reached.rec", started().siteReached(0, 1, true).siteReached(1, 2, false).file());
    folder_.write("race.rec", raced().file());
  }

  Builder started() const {
    Builder builder;
    builder.module(binary_, kBase, 0x100000).thread(0, 0).thread(1, 0).thread(2, 0);
    return builder;
  }

  Builder raced() const {
    Builder builder = started();
    builder.race(protocol::RaceProof::Caught, Builder::side(1, protocol::kAccessWrite, 0x10, {at(3)}, 0),
                 Builder::side(2, 0, 0x10, {at(6)}, 1));
    return builder;
  }

  std::string source() const { return (folder_.path() / "app.cpp").string(); }

  std::uint64_t at(std::uint32_t line) const {
    auto mapped = mapSites(binary_, {{source(), line, 0}});
    if (!mapped || mapped->front().line.empty()) return ADD_FAILURE() << "no code on line " << line, 0;
    return kBase + mapped->front().line.front().begin;
  }

  Finding suspected() const {
    Finding finding;
    finding.check = "data-race";
    finding.subjects = {"counter"};
    finding.functions = {"add", "get"};
    finding.sites = {{Site::Kind::Write, {source(), 3, 0}, "add", {}}, {Site::Kind::Read, {source(), 6, 0}, "get", {}}};
    return finding;
  }

  /// A program that does `script`, with $R the recording to make, $P the plan or empty, and `take NAME` to record.
  ConfirmOptions target(const std::string& script) {
    const std::string path = folder_.write(
        "target.sh", "#!/bin/sh\nR=\"$DEADHEAT_RECORDING\"; P=\"$DEADHEAT_PLAN\"\ncd '" + folder_.path().string() +
                         "'\ntake() { cp \"$1.rec\" \"$R\"; }\n" + script + "\n");
    fs::permissions(path, fs::perms::owner_all);
    ConfirmOptions options;
    options.command = {path};
    options.attempts = 4;
    options.controls = false;
    options.jobs = 1;
    options.outputDirectory = (folder_.path() / "out").string();
    return options;
  }

  static ConfirmResult confirmed(std::vector<Finding> findings, const ConfirmOptions& options) {
    auto result = confirmFindings(std::move(findings), options);
    if (result) return std::move(*result);
    ADD_FAILURE() << llvm::toString(result.takeError());
    return {};
  }

  static std::string errorOf(const ConfirmOptions& options) {
    auto result = confirmFindings({}, options);
    return result ? std::string() : llvm::toString(result.takeError());
  }

  TemporaryFolder folder_;
  std::string binary_;
};

TEST_F(FakeTarget, IsTriedUntilTheFirstProofWhichIsKept) {
  const auto result = confirmed(
      {suspected()}, target("if [ -z \"$P\" ]; then take quiet; elif [ -e once ]; then take race; else touch once; take "
                            "reached; fi"));
  ASSERT_EQ(result.findings.size(), 1u);
  const Verdict& verdict = result.findings[0].verdict;
  EXPECT_EQ(verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(verdict.attempts, 2u);
  EXPECT_EQ(verdict.reached, 1u);
  EXPECT_EQ(readFile(verdict.recording), readFile(folder_.path() / "race.rec"));
  EXPECT_TRUE(fs::exists(fs::path(verdict.recording).replace_extension(".plan")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path() / "out"), fs::directory_iterator()), 2);
  EXPECT_FALSE(result.incomplete);
}

TEST_F(FakeTarget, ThatShowsItByItselfNeedsNoSteering) {
  const auto result = confirmed({suspected()}, target("[ -z \"$P\" ] || touch steered; take race"));
  EXPECT_EQ(result.findings.at(0).verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_EQ(result.findings.at(0).verdict.attempts, 0u);
  EXPECT_FALSE(fs::exists(folder_.path() / "steered"));
}

TEST_F(FakeTarget, ThatNeverShowsItIsNotReproduced) {
  const auto result = confirmed({suspected()}, target("[ -z \"$P\" ] && take quiet || take reached"));
  const Verdict& verdict = result.findings.at(0).verdict;
  EXPECT_EQ(verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_EQ(verdict.attempts, 4u);
  EXPECT_EQ(verdict.reached, 4u);
  EXPECT_TRUE(verdict.recording.empty());
}

TEST_F(FakeTarget, WhoseSitesAreNeverReachedIsGivenUpEarly) {
  const auto result = confirmed({suspected()}, target("take quiet"));
  EXPECT_EQ(result.findings.at(0).verdict.attempts, 3u);
  EXPECT_EQ(result.findings.at(0).verdict.reason, "no run reached app.cpp:3 and app.cpp:6");
}

TEST_F(FakeTarget, GetsPlansThatDifferFromAttemptToAttempt) {
  confirmed({suspected()}, target("[ -z \"$P\" ] || cp \"$P\" plan-$$; [ -z \"$P\" ] && take quiet || take reached"));
  std::vector<std::string> plans;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    if (entry.path().filename().string().starts_with("plan-")) plans.push_back(readFile(entry.path()));
  ASSERT_EQ(plans.size(), 4u);
  std::sort(plans.begin(), plans.end());
  EXPECT_EQ(std::unique(plans.begin(), plans.end()), plans.end());
}

TEST_F(FakeTarget, ThatCrashesIsToldAndItsRecordingJudged) {
  const auto result = confirmed({suspected()}, target("[ -z \"$P\" ] && take quiet && exit; take race; kill -SEGV $$"));
  EXPECT_EQ(result.findings.at(0).verdict.proof, Verdict::Proof::Caught);
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_EQ(result.notes[0], "the program was killed by SIGSEGV (segmentation fault) in 1 of 1 steered runs");
}

TEST_F(FakeTarget, ThatHangsIsStoppedAndCostsOnlyItsRun) {
  ConfirmOptions options = target("[ -z \"$P\" ] && take quiet && exit; take reached; sleep 60");
  options.attemptLimit = std::chrono::milliseconds(100);
  options.attempts = 2;
  const auto result = confirmed({suspected()}, options);
  EXPECT_EQ(result.findings.at(0).verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_EQ(result.findings.at(0).verdict.reason, "every steered run hit the time limit");
}

TEST_F(FakeTarget, WhoseFreeRunHangsIsStillSteered) {
  ConfirmOptions options = target("if [ -z \"$P\" ]; then take quiet; sleep 60; fi; take race");
  options.freeRunLimit = std::chrono::milliseconds(2000);
  const auto result = confirmed({suspected()}, options);
  EXPECT_EQ(result.findings.at(0).verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_TRUE(result.incomplete);
  EXPECT_NE(result.notes.at(0).find("time limit"), std::string::npos);
}

TEST_F(FakeTarget, ThatRunsFurtherProgramsHasAllTheirRecordingsRead) {
  const auto result = confirmed({suspected()}, target("take quiet; cp race.rec \"$R.4711\""));
  EXPECT_EQ(result.findings.at(0).verdict.kind, Verdict::Kind::Confirmed);
}

TEST_F(FakeTarget, WithoutTheSitesIsNotRunForThem) {
  Finding elsewhere = suspected();
  elsewhere.sites[1].point.line = 700;
  const auto result = confirmed({elsewhere, suspected()}, target("[ -z \"$P\" ] && take quiet || take race"));
  EXPECT_EQ(result.findings.at(0).verdict.kind, Verdict::Kind::NotRun);
  EXPECT_EQ(result.findings.at(0).verdict.reason, "site not in the binary (app.cpp:700)");
  EXPECT_EQ(result.findings.at(1).verdict.kind, Verdict::Kind::Confirmed);
}

TEST_F(FakeTarget, OverTheTimeBudgetLeavesTheRestUntriedAndSaysSo) {
  ConfirmOptions options = target("[ -z \"$P\" ] && take quiet && exit; sleep 0.1; take reached");
  options.budget = std::chrono::milliseconds(20);
  Finding other = suspected();
  other.subjects = {"other"};
  const auto result = confirmed({suspected(), other}, options);
  EXPECT_EQ(result.findings.at(0).verdict.attempts, 1u);
  EXPECT_EQ(result.findings.at(1).verdict.kind, Verdict::Kind::NotRun);
  EXPECT_TRUE(result.incomplete);
}

TEST_F(FakeTarget, AddsWhatOnlyTheRunShowed) {
  const auto result = confirmed({}, target("take race"));
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].origin, Finding::Origin::Dynamic);
  EXPECT_TRUE(fs::exists(result.findings[0].verdict.recording));
}

TEST_F(FakeTarget, ThatMakesNoRecordingIsAnErrorOfOneLine) {
  const std::string error = errorOf(target(":"));
  EXPECT_NE(error.find("made no recording"), std::string::npos);
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST_F(FakeTarget, OutputThatCannotBeWrittenIsAnErrorOfOneLine) {
  ConfirmOptions options = target("take quiet");
  options.outputDirectory = source() + "/out";
  EXPECT_NE(errorOf(options).find("cannot write to the output directory '" + options.outputDirectory),
            std::string::npos);
}

TEST_F(FakeTarget, RunsThroughWithItsOwnExitCode) {
  RunOptions options;
  options.command = target("take quiet; exit 5").command;
  auto report = runProgram(options);
  ASSERT_TRUE(static_cast<bool>(report));
  EXPECT_EQ(report->exitCode, 5);
  EXPECT_TRUE(report->findings.empty());
}

TEST_F(FakeTarget, IsReportedEvenWhenKilled) {
  RunOptions options;
  options.command = target("take race; kill -ABRT $$").command;
  options.recordingPath = (folder_.path() / "kept.rec").string();
  auto report = runProgram(options);
  ASSERT_TRUE(static_cast<bool>(report));
  EXPECT_EQ(report->exitCode, 128 + 6);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].verdict.recording, options.recordingPath);
  EXPECT_NE(report->notes.at(0).find("killed by SIGABRT"), std::string::npos);
}

TEST_F(FakeTarget, IsGivenTheExitCodeForReports) {
  RunOptions options;
  options.command = target("take quiet; echo \"$DEADHEAT_OPTIONS\" >options").command;
  options.exitCode = 9;
  options.runtimeOptions = "races=0";
  ASSERT_TRUE(static_cast<bool>(runProgram(options)));
  EXPECT_EQ(readFile(folder_.path() / "options"), "races=0:exitcode=9\n");
}

}  // namespace
}  // namespace deadheat
