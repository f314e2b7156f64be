// Controlled runs end to end: programs that were not written for it, one thread at a time.
#include <gtest/gtest.h>

#include <set>

#include "tests/runtime/program.h"
#include "tests/support/temporary_folder.h"

namespace deadheat::rt {
namespace {

using protocol::PlanMode;
using protocol::RecordType;
using protocol::RunState;
using protocol::SchedulePoints;
using protocol::ScheduleStrategy;

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

struct Settings {
  ScheduleStrategy strategy = ScheduleStrategy::Replay;
  std::uint64_t seed = 1;
  SchedulePoints points = SchedulePoints::All;
  bool strict = false;
  std::uint64_t mostSteps = 1000000;
  std::vector<protocol::PlanDeviation> deviations;
};

constexpr ScheduleStrategy kDrawing[] = {ScheduleStrategy::Random, ScheduleStrategy::Pct, ScheduleStrategy::Pos};

class Controlled : public testing::TestWithParam<const char*> {
 protected:
  /// No module is named by build id: deviations carry offsets into the program itself.
  std::string plan(const std::string& program, const Settings& settings) const {
    protocol::PlanHeader header{};
    std::memcpy(header.magic, protocol::kPlanMagic, sizeof(header.magic));
    header.version = protocol::kProtocolVersion;
    header.mode = PlanMode::Control;
    header.seed = settings.seed;
    header.moduleCount = 1;
    std::string bytes;
    append(bytes, header);
    protocol::PlanModule module{};
    std::strncpy(module.baseName, program.substr(program.rfind('/') + 1).c_str(), sizeof(module.baseName) - 1);
    append(bytes, module);
    protocol::PlanSchedule schedule{};
    schedule.strategy = settings.strategy;
    schedule.points = settings.points;
    schedule.depth = 3;
    schedule.strict = settings.strict;
    schedule.expectedSteps = 30;
    schedule.mostSteps = settings.mostSteps;
    schedule.startSeconds = 1700000000;
    schedule.deviationCount = settings.deviations.size();
    append(bytes, schedule);
    for (const protocol::PlanDeviation& deviation : settings.deviations) append(bytes, deviation);
    return bytes;
  }

  ProgramRun run(const std::string& name, const char* story, const Settings& settings) const {
    const std::string program = programPath(name, GetParam());
    TemporaryFolder folder;
    std::string file = folder.write("plan", plan(program, settings));
    return runProgram(program, story, {std::string(protocol::kPlanVariable) + "=" + file, "DEADHEAT_OPTIONS=exitcode=0"});
  }

  ProgramRun control(const char* story, const Settings& settings) const { return run("control_stories", story, settings); }

  /// The first of `seeds` seeds of the strategies under which the run ends by `signal`; none: 0.
  std::uint64_t seedThatKills(const char* story, ScheduleStrategy strategy, std::uint64_t seeds, int exitCode,
                              ProgramRun* last = nullptr) const {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      ProgramRun result = control(story, {strategy, seed});
      if (result.exitCode != exitCode) continue;
      if (last != nullptr) *last = std::move(result);
      return seed;
    }
    return 0;
  }

  void finishes(const std::string& name, const char* story) const {
    for (ScheduleStrategy strategy : kDrawing)
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        ProgramRun result = run(name, story, {strategy, seed});
        EXPECT_EQ(result.recording.count(RecordType::Deadlock), 0u) << story << ": " << result.summary();
        EXPECT_NE(result.output.find("finished"), std::string::npos)
            << story << ", strategy " << static_cast<int>(strategy) << ", seed " << seed << ": " << result.summary();
      }
  }

  void deadlocks(const std::string& name, const char* story) const {
    ProgramRun result = run(name, story, {ScheduleStrategy::Pos, 1});
    EXPECT_EQ(result.recording.header.state, RunState::Deadlocked) << story << ": " << result.summary();
    EXPECT_EQ(result.recording.count(RecordType::Deadlock), 1u) << story;
  }
};

INSTANTIATE_TEST_SUITE_P(Compilers, Controlled, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

protocol::ScheduleRecord scheduleOf(const ProgramRun& run) {
  auto records = run.recording.of(RecordType::Schedule);
  return records.empty() ? protocol::ScheduleRecord{} : records[0].peek<protocol::ScheduleRecord>();
}

TEST_P(Controlled, ProgramsThatSynchroniseInEveryWayFinish) {
  for (const char* story : {"pingPong", "conditionPingPong", "queue", "barrierRounds", "timedWait", "signalHandler",
                            "readsAPipe", "cancelled", "forked"})
    finishes("wait_stories", story);
}

TEST_P(Controlled, WhatWaitsForEverIsADeadlockAtOnce) {
  for (const char* story : {"lostWakeUp", "oneWakeUpTooFew", "lastThreadLeaves", "joinWhileHolding",
                            "semaphoreNeverPosted", "joinAfterNotify", "barrierOfThree", "promiseNeverKept", "latchNeverOpened",
                            "readersThatWantToWrite", "atomicNeverNotified"})
    deadlocks("wait_stories", story);
}

TEST_P(Controlled, FindsAnUpdateThatIsLostBetweenTwoAtomicOperations) {
  constexpr int kAborted = 128 + 6;
  for (ScheduleStrategy strategy : kDrawing)  // The rarest is pct: about once in thirty.
    EXPECT_NE(seedThatKills("lostUpdate", strategy, 300, kAborted), 0u) << static_cast<int>(strategy);
  EXPECT_EQ(control("lostUpdate", {}).exitCode, 0) << "the default schedule does not lose it";
}

TEST_P(Controlled, SwitchesAtPlainAccessesOnlyWhenAsked) {
  constexpr int kAborted = 128 + 6;
  EXPECT_NE(seedThatKills("plainLostUpdate", ScheduleStrategy::Pos, 40, kAborted), 0u);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ProgramRun result = control("plainLostUpdate", {ScheduleStrategy::Pos, seed, SchedulePoints::Synchronisation});
    EXPECT_EQ(result.exitCode, 0) << result.summary();
  }
}

TEST_P(Controlled, FindsWhatGoesWrongBetweenTwoLockedSections) {
  EXPECT_NE(seedThatKills("twoSections", ScheduleStrategy::Pct, 300, 128 + 6), 0u);
}

TEST_P(Controlled, SleepsAndLimitsTakeNoTime) {
  for (const char* story : {"hoursOfSleep", "timeIsOver", "waitsForAClock"}) finishes("control_stories", story);
}

TEST_P(Controlled, SpinningKeepsNobodyFromItsTurn) { finishes("control_stories", "spinners"); }

TEST_P(Controlled, ALoopThatGetsNowhereIsEndedAsALivelock) {
  ProgramRun result = control("neverGetsAnywhere", {ScheduleStrategy::Pct, 1, SchedulePoints::All, false, 500});
  EXPECT_EQ(result.recording.header.state, RunState::Livelocked) << result.summary();
}

TEST_P(Controlled, WhomASignalWakesIsAChoice) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 40 && outcomes.size() < 2; ++seed)
    outcomes.insert(control("whoIsWoken", {ScheduleStrategy::Random, seed}).output.substr(0, 7));
  EXPECT_TRUE(outcomes.count("first 1") && outcomes.count("first 2"));
}

TEST_P(Controlled, MainMayEndBeforeOrAfterTheOthers) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 40 && outcomes.size() < 2; ++seed) {
    std::string output = control("mainEndsFirst", {ScheduleStrategy::Pct, seed}).output;
    outcomes.insert(output.substr(output.find("done")));
  }
  EXPECT_EQ(outcomes.size(), 2u);
}

TEST_P(Controlled, ACrashLeavesItsSignalAndStack) {
  ProgramRun result{};
  ASSERT_NE(seedThatKills("crashes", ScheduleStrategy::Pos, 40, 128 + 11, &result), 0u);
  auto crashes = result.recording.of(RecordType::Crash);
  ASSERT_EQ(crashes.size(), 1u);
  EXPECT_EQ(crashes[0].take<protocol::CrashRecord>().signal, 11u);
  EXPECT_GE(crashes[0].takeStack().size(), 2u);
}

TEST_P(Controlled, TakesHundredsOfThreads) {
  ProgramRun result = control("manyThreads", {ScheduleStrategy::Pct, 1, SchedulePoints::Synchronisation});
  EXPECT_EQ(result.exitCode, 0) << result.summary();
  EXPECT_GT(scheduleOf(result).threads, 50u);
}

TEST_P(Controlled, TakesTheSameStepsForTheSameSeed) {
  for (ScheduleStrategy strategy : kDrawing) {
    ProgramRun first = control("whoIsWoken", {strategy, 5}), second = control("whoIsWoken", {strategy, 5});
    EXPECT_GT(scheduleOf(first).steps, 10u);
    EXPECT_EQ(scheduleOf(first).steps, scheduleOf(second).steps);
    EXPECT_EQ(scheduleOf(first).hash, scheduleOf(second).hash);
    EXPECT_NE(scheduleOf(first).hash, scheduleOf(control("whoIsWoken", {strategy, 6})).hash);
  }
}

/// The deviations of a run, in a plan's terms.
std::vector<protocol::PlanDeviation> deviationsOf(const ProgramRun& run) {
  std::vector<protocol::PlanDeviation> deviations;
  std::vector<protocol::ModuleRecord> modules;
  for (const Record& record : run.recording.of(RecordType::Module)) modules.push_back(record.peek<protocol::ModuleRecord>());
  for (Record record : run.recording.of(RecordType::Deviations)) {
    auto head = record.take<protocol::DeviationsRecord>();
    for (std::uint64_t i = 0; i < head.capacity; ++i) {
      auto entry = record.take<protocol::DeviationEntry>();
      if (entry.kind == protocol::DeviationKind::None) break;
      std::uint64_t base = 0;
      for (const protocol::ModuleRecord& module : modules)
        if (module.begin <= entry.pc && entry.pc < module.end) base = module.base;
      deviations.push_back({entry.kind, entry.thread, entry.chosen, entry.pc == 0 ? ~0u : 0u,
                            entry.pc == 0 ? 0 : entry.pc - base, entry.occurrence, entry.step, entry.hash});
    }
  }
  return deviations;
}

TEST_P(Controlled, ReplaysAFailureStepForStep) {
  ProgramRun found{};
  ASSERT_NE(seedThatKills("lostUpdate", ScheduleStrategy::Pos, 40, 128 + 6, &found), 0u);
  Settings replay;
  replay.strict = true;
  replay.deviations = deviationsOf(found);
  ASSERT_FALSE(replay.deviations.empty());
  for (int i = 0; i < 10; ++i) {
    ProgramRun again = control("lostUpdate", replay);
    EXPECT_EQ(again.exitCode, 128 + 6) << again.summary();
    EXPECT_EQ(scheduleOf(again).hash, scheduleOf(found).hash);
    EXPECT_EQ(scheduleOf(again).steps, scheduleOf(found).steps);
  }
}

TEST_P(Controlled, SaysWhereAStrictReplayDiverges) {
  ProgramRun found = control("whoIsWoken", {ScheduleStrategy::Random, 3});
  Settings replay;
  replay.strict = true;
  replay.deviations = deviationsOf(found);
  ASSERT_GT(replay.deviations.size(), 3u);
  replay.deviations[2].occurrence += 1000;
  ProgramRun again = control("whoIsWoken", replay);
  EXPECT_EQ(again.recording.header.state, RunState::Diverged) << again.summary();
  auto notes = again.recording.of(RecordType::Note);
  ASSERT_FALSE(notes.empty());
}

TEST_P(Controlled, AChoiceOfTheProgramIsTheFirstOutsideAControlledRun) {
  ProgramRun result = runProgram(programPath("choose_stories", GetParam()), "ordered");
  EXPECT_NE(result.output.find("order aabbcc"), std::string::npos) << result.summary();
}

TEST_P(Controlled, DrawsTheChoicesOfAProgramWithOneThread) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) orders.insert(run("choose_stories", "ordered", {ScheduleStrategy::Pos, seed}).output);
  EXPECT_GT(orders.size(), 10u) << "of 90";
}

TEST_P(Controlled, GivesTheChoicesOfARunAgain) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ProgramRun found = run("choose_stories", "ordered", {ScheduleStrategy::Random, seed});
    Settings replay;
    replay.strict = true;
    replay.deviations = deviationsOf(found);
    ProgramRun again = run("choose_stories", "ordered", replay);
    EXPECT_EQ(again.output, found.output);
    EXPECT_EQ(scheduleOf(again).hash, scheduleOf(found).hash);
    EXPECT_GT(scheduleOf(again).steps, 0u);
  }
}

}  // namespace
}  // namespace deadheat::rt
