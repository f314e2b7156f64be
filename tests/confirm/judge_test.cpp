// Verdicts from recordings written by hand over a program really compiled, so that symbols and lines are real.
#include "tool/confirm/judge.h"

#include <gtest/gtest.h>

#include "llvm/Object/ObjectFile.h"
#include "tests/confirm/compiled.h"
#include "tests/confirm/recording_builder.h"
#include "tool/symbols/binary.h"

namespace deadheat {
namespace {

using Builder = RecordingBuilder;

constexpr char kProgram[] = R"(namespace bank {
int balance;
int other;
struct Lock { char state[40]; } first_lock, second_lock;
__attribute__((noinline)) void deposit(int n) {
  balance += n;
}
__attribute__((noinline)) int audit() {
  return balance;
}
__attribute__((noinline)) void lockBoth() {
  first_lock.state[0] = 1;
  second_lock.state[0] = 1;
}
__attribute__((noinline)) void lockBothTheOtherWay() {
  second_lock.state[1] = 1;
  first_lock.state[1] = 1;
}
void teller() {
  deposit(1);
}
}
int main() { bank::teller(); bank::lockBoth(); bank::lockBothTheOtherWay(); return bank::audit(); }
)";

constexpr std::uint64_t kBase = 0x55550000000;

/// The compiled program as a loaded module, and addresses in it by line.
class Bank : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    binary_ = compileIn(*folder_, "bank.cpp", kProgram, DEADHEAT_CXX, "-O0");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  void SetUp() override { ASSERT_FALSE(binary_.empty()); }

  static SourcePoint point(std::uint32_t line) { return {(folder_->path() / "bank.cpp").string(), line, 0}; }

  static std::uint64_t at(std::uint32_t line) {
    auto mapped = mapSites(binary_, {point(line)});
    if (!mapped || mapped->front().line.empty()) return ADD_FAILURE() << "no code on line " << line, 0;
    return kBase + mapped->front().line.front().begin;
  }
  static std::uint64_t returnTo(std::uint32_t line) { return at(line) + 1; }

  static std::uint64_t addressOf(const std::string& symbol) {
    auto object = llvm::object::ObjectFile::createObjectFile(binary_);
    for (const auto& entry : object->getBinary()->symbols())
      if (llvm::cantFail(entry.getName()) == symbol) return kBase + llvm::cantFail(entry.getAddress());
    return ADD_FAILURE() << "no symbol " << symbol, 0;
  }

  static Builder started() {
    Builder builder;
    auto info = inspectBinary(binary_);
    builder.module(binary_, kBase, 0x100000, info ? info->buildId : std::vector<std::uint8_t>());
    builder.thread(0, 0).thread(1, 0, {returnTo(23)}).thread(2, 0, {returnTo(23)});
    return builder;
  }

  static std::vector<Recording> recordingOf(const Builder& builder) {
    auto recording = parseRecording(builder.file(), "test.rec");
    if (recording) return {*recording};
    ADD_FAILURE() << llvm::toString(recording.takeError());
    return {};
  }

  static Finding suspectedRace() {
    Finding finding;
    finding.check = "data-race";
    finding.subjects = {"bank::balance"};
    finding.functions = {"bank::audit", "bank::deposit"};
    finding.sites = {{Site::Kind::Write, point(6), "bank::deposit", {}}, {Site::Kind::Read, point(9), "bank::audit", {}}};
    return finding;
  }

  static Finding suspectedInversion() {
    Finding finding;
    finding.check = "lock-order";
    finding.subjects = {"bank::first_lock", "bank::second_lock"};
    finding.sites = {{Site::Kind::Acquire, point(13), "bank::lockBoth", point(12)},
                     {Site::Kind::Acquire, point(17), "bank::lockBothTheOtherWay", point(16)}};
    return finding;
  }

  static std::vector<Recording> raceSeen(protocol::RaceProof proof = protocol::RaceProof::Observed, std::uint32_t readLine = 9,
                            const std::string& variable = "_ZN4bank7balanceE") {
    Builder builder = started();
    builder.race(proof, Builder::side(0, 0, addressOf(variable), {at(readLine), returnTo(23)}),
                 Builder::side(1, protocol::kAccessWrite, addressOf(variable), {at(6), returnTo(20)}));
    return recordingOf(builder);
  }

  static Judge::Kept keepNothing(const Finding&, const Finding&) { return {"kept.rec", {}}; }

  static TemporaryFolder* folder_;
  static std::string binary_;
};

TemporaryFolder* Bank::folder_ = nullptr;
std::string Bank::binary_;


TEST_F(Bank, AnObservedRaceAtTheSitesConfirms) {
  Judge judge({suspectedRace()});
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  auto findings = std::move(judge).conclude(std::vector<SteeringTarget>(1));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_EQ(findings[0].verdict.proof, Verdict::Proof::Observed);
  EXPECT_EQ(findings[0].verdict.recording, "kept.rec");
  EXPECT_EQ(findings[0].origin, Finding::Origin::Both);
}

TEST_F(Bank, ACaughtRaceOutranksAnObservedOne) {
  Judge judge({suspectedRace()});
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  judge.hear(raceSeen(protocol::RaceProof::Caught), std::nullopt, [](const Finding&, const Finding&) { return Judge::Kept{"better.rec", {}}; });
  judge.hear(raceSeen(), std::nullopt, [](const Finding&, const Finding&) { return Judge::Kept{"worse.rec", {}}; });
  EXPECT_EQ(judge.findings()[0].verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(judge.findings()[0].verdict.recording, "better.rec");
}

TEST_F(Bank, ARaceElsewhereIsAFindingOfItsOwn) {
  Judge judge({suspectedRace()});
  judge.hear(raceSeen(protocol::RaceProof::Observed, 12, "_ZN4bank5otherE"), std::nullopt, keepNothing);
  auto findings = std::move(judge).conclude(std::vector<SteeringTarget>(1));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].verdict.kind, Verdict::Kind::Suspected);
  EXPECT_EQ(findings[1].origin, Finding::Origin::Dynamic);
  EXPECT_EQ(findings[1].subjects, (std::vector<std::string>{"bank::other"}));
  EXPECT_EQ(findings[1].functions, (std::vector<std::string>{"bank::deposit", "bank::lockBoth"}));
}

TEST_F(Bank, AnotherPairOnAConfirmedVariableIsNothingNew) {
  Judge judge({suspectedRace()});
  judge.hear(raceSeen(protocol::RaceProof::Observed, 12), std::nullopt, keepNothing);
  EXPECT_FALSE(judge.proved(0));
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  EXPECT_TRUE(judge.proved(0));
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 1u);
}

TEST_F(Bank, TellsTheStoryOfARaceFromThreadStartToAccess) {
  Judge judge({});
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  auto findings = std::move(judge).conclude({});
  ASSERT_EQ(findings.size(), 1u);
  const Finding& race = findings[0];
  EXPECT_EQ(race.check, "data-race");
  EXPECT_EQ(race.subjects, (std::vector<std::string>{"bank::balance"}));
  ASSERT_EQ(race.witness.size(), 2u);
  EXPECT_EQ(race.witness[0].name, "thread 'bank::teller'");
  ASSERT_EQ(race.witness[0].steps.size(), 3u);
  EXPECT_EQ(race.witness[0].steps[0].kind, WitnessStep::Kind::Spawn);
  EXPECT_EQ(race.witness[0].steps[1].text, "calls 'bank::deposit'");
  EXPECT_EQ(race.witness[0].steps[2].kind, WitnessStep::Kind::Write);
  EXPECT_EQ(race.witness[0].steps[2].point.line, 6u);
  EXPECT_EQ(race.witness[1].name, "main");
  EXPECT_EQ(race.location.line, 6u);
}

TEST_F(Bank, ARaceBetweenPlannedSitesNeedsNoMatchingLines) {
  Finding suspected = suspectedRace();
  suspected.subjects = {"Account::sum"};
  suspected.sites[0].point.line = 40;
  Judge judge({suspected});
  Builder builder = started();
  builder.race(protocol::RaceProof::Caught, Builder::side(0, 0, 0x100, {at(9)}, 1),
               Builder::side(1, protocol::kAccessWrite, 0x100, {at(6)}, 0));
  PlanShape shape;
  shape.sites.resize(2);
  shape.points.resize(2);
  judge.hear(recordingOf(builder), SteeredBy{0, &shape}, keepNothing);
  EXPECT_EQ(judge.findings()[0].verdict.proof, Verdict::Proof::Caught);
}

TEST_F(Bank, ALockCycleThatDidNotCloseIsOnlyPredicted) {
  Judge judge({suspectedInversion()});
  Builder builder = started();
  const std::uint64_t a = addressOf("_ZN4bank10first_lockE"), b = addressOf("_ZN4bank11second_lockE");
  builder.lockCycle({Builder::edge(1, a, b, {at(12)}, {at(13)}), Builder::edge(2, b, a, {at(16)}, {at(17)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_EQ(judge.findings()[0].verdict.kind, Verdict::Kind::Predicted);
  EXPECT_FALSE(judge.proved(0));
}

TEST_F(Bank, ADeadlockAtTheAcquisitionsConfirmsAndMainsWaitForTheThreadsIsNoPartOfIt) {
  Judge judge({suspectedInversion()});
  Builder builder = started();
  const std::uint64_t a = addressOf("_ZN4bank10first_lockE"), b = addressOf("_ZN4bank11second_lockE");
  builder.deadlock({Builder::stuck(0, protocol::ResourceKind::Join, 0, 1, {at(23)}),
                    Builder::stuck(1, protocol::ResourceKind::Mutex, b, 2, {at(13)}, a, {at(12)}),
                    Builder::stuck(2, protocol::ResourceKind::Mutex, a, 1, {at(17)}, b, {at(16)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_EQ(judge.findings()[0].verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 1u);
}

TEST_F(Bank, ADeadlockElsewhereIsTold) {
  Judge judge({});
  Builder builder = started();
  const std::uint64_t a = addressOf("_ZN4bank10first_lockE"), b = addressOf("_ZN4bank11second_lockE");
  builder.lockCycle({Builder::edge(1, a, b, {at(12)}, {at(13)}), Builder::edge(2, b, a, {at(16)}, {at(17)})});
  builder.deadlock({Builder::stuck(1, protocol::ResourceKind::Mutex, b, 2, {at(13)}, a, {at(12)}),
                    Builder::stuck(2, protocol::ResourceKind::Mutex, a, 1, {at(17)}, b, {at(16)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  auto findings = std::move(judge).conclude({});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].check, "lock-order");
  EXPECT_EQ(findings[0].verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_EQ(findings[0].subjects, (std::vector<std::string>{"bank::first_lock.state[0]", "bank::second_lock.state[0]"}));
}

TEST_F(Bank, ARingIsFoundThroughWhatIsHeldWhereNoOwnerIsKnown) {
  Judge judge({suspectedInversion()});
  Builder builder = started();
  const std::uint64_t a = addressOf("_ZN4bank10first_lockE"), b = addressOf("_ZN4bank11second_lockE");
  builder.deadlock({Builder::stuck(0, protocol::ResourceKind::Join, 0, 1, {at(23)}),
                    Builder::stuck(1, protocol::ResourceKind::RwLockWrite, b, ~0u, {at(13)}, a, {at(12)}),
                    Builder::stuck(2, protocol::ResourceKind::Mutex, a, 1, {at(17)}, b, {at(16)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_EQ(judge.findings()[0].verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 1u);
}

TEST_F(Bank, AThreadWaitingForItselfIsADoubleLock) {
  Judge judge({});
  Builder builder = started();
  const std::uint64_t a = addressOf("_ZN4bank10first_lockE");
  builder.deadlock({Builder::stuck(1, protocol::ResourceKind::Mutex, a, 1, {at(17)}, a, {at(12)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  auto findings = std::move(judge).conclude({});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].check, "double-lock");
}

/// Lines 13 and 17 are where the stuck threads of these tests wait.
Finding suspectedLostWakeup(SourcePoint waiting) {
  Finding finding;
  finding.check = "lost-wakeup";
  finding.subjects = {"bank::opened"};
  finding.places = {{Site::Kind::Acquire, std::move(waiting), "bank::lockBoth", {}}};
  return finding;
}

TEST_F(Bank, AWaitForGoodAtThePlaceConfirmsTheLostWakeup) {
  Judge judge({suspectedLostWakeup(point(13))});
  Builder builder = started();
  builder.deadlock({Builder::stuck(0, protocol::ResourceKind::Join, 0, 1, {at(23)}),
                    Builder::stuck(1, protocol::ResourceKind::Condition, 0x1000, ~0u, {at(13)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_EQ(judge.findings()[0].verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 1u);
}

TEST_F(Bank, AWaitForGoodElsewhereIsAFindingOfItsOwn) {
  Judge judge({suspectedLostWakeup(point(13))});
  Builder builder = started();
  builder.deadlock({Builder::stuck(1, protocol::ResourceKind::Condition, 0x1000, ~0u, {at(17)})});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_FALSE(judge.proved(0));
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 2u);
}

/// A second unlock in lockBoth, which no run can be steered to.
Finding suspectedUnlock(SourcePoint where) {
  Finding finding;
  finding.check = "bad-unlock";
  finding.subjects = {"bank::Desk::mutex"};
  finding.location = std::move(where);
  return finding;
}

TEST_F(Bank, WhatComesOfAFindingAtItsPlaceConfirmsIt) {
  Judge judge({suspectedUnlock(point(13))});
  Builder builder = started();
  builder.misuse(protocol::MisuseKind::UnlockNotHeld, addressOf("_ZN4bank10first_lockE"), {at(13), returnTo(23)});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_TRUE(judge.proved(0));
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 1u);
}

TEST_F(Bank, WhatComesOfSomethingElsewhereIsAFindingOfItsOwn) {
  Judge judge({suspectedUnlock(point(17))});
  Builder builder = started();
  builder.misuse(protocol::MisuseKind::UnlockNotHeld, addressOf("_ZN4bank10first_lockE"), {at(13), returnTo(23)});
  judge.hear(recordingOf(builder), std::nullopt, keepNothing);
  EXPECT_FALSE(judge.proved(0));
  EXPECT_EQ(std::move(judge).conclude(std::vector<SteeringTarget>(1)).size(), 2u);
}

TEST_F(Bank, ARaceComesOfAFindingOnlyIfBothSidesPassIt) {
  Finding call;
  call.check = "thread-unsafe-call";
  call.location = point(6);
  Judge judge({call});
  judge.hear(raceSeen(), std::nullopt, keepNothing);
  EXPECT_FALSE(judge.proved(0));
  judge.hear(raceSeen(protocol::RaceProof::Observed, 6), std::nullopt, keepNothing);
  EXPECT_TRUE(judge.proved(0));
}

TEST_F(Bank, SaysWhichSiteNoRunReached) {
  std::vector<SteeringTarget> targets = findTargets({suspectedRace()}, {{binary_, {}}});
  ASSERT_TRUE(targets[0].obstacle.empty()) << targets[0].obstacle;
  Judge judge({suspectedRace()});
  Builder builder = started();
  builder.siteReached(0, 1, false);
  judge.hear(recordingOf(builder), SteeredBy{0, &targets[0].lines}, keepNothing);
  auto findings = std::move(judge).conclude(targets);
  EXPECT_EQ(findings[0].verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_EQ(findings[0].verdict.reason, "no run reached bank.cpp:9");
  EXPECT_EQ(findings[0].verdict.attempts, 1u);
  EXPECT_EQ(findings[0].verdict.reached, 0u);
}

TEST_F(Bank, SaysThatReachedSitesNeverMet) {
  std::vector<SteeringTarget> targets = findTargets({suspectedRace()}, {{binary_, {}}});
  Judge judge({suspectedRace()});
  Builder builder = started();
  builder.siteReached(0, 1, true).siteReached(1, 2, false);
  judge.hear(recordingOf(builder), SteeredBy{0, &targets[0].lines}, keepNothing);
  auto findings = std::move(judge).conclude(targets);
  EXPECT_EQ(findings[0].verdict.reached, 1u);
  EXPECT_NE(findings[0].verdict.reason.find("no thread came to the other access"), std::string::npos);
}

TEST_F(Bank, ASiteWithoutCodeIsNotInTheBinary) {
  Finding finding = suspectedRace();
  finding.sites[1].point.line = 3000;
  EXPECT_EQ(findTargets({finding}, {{binary_, {}}})[0].obstacle, "site not in the binary (bank.cpp:3000)");
  finding.sites.clear();
  EXPECT_FALSE(findTargets({finding}, {{binary_, {}}})[0].obstacle.empty());
}

TEST_F(Bank, TwoAccessesOnOneLineAreOneSiteOfTheLineShape) {
  Finding finding = suspectedRace();
  finding.sites[1] = {Site::Kind::Read, point(6), "bank::deposit", {}};
  const SteeringTarget target = findTargets({finding}, {{binary_, {}}})[0];
  ASSERT_EQ(target.lines.sites.size(), 1u);
  EXPECT_EQ(target.lines.sites[0].kind, protocol::SiteKind::Write);
}

}  // namespace
}  // namespace deadheat
