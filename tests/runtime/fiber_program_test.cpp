// Fibers end to end, built by both compilers: each has its own stack in reports, and who carries it orders nothing.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;

class FiberProgram : public testing::TestWithParam<const char*> {
 protected:
  ProgramRun run(const char* story) { return runProgram(programPath("fiber_stories", GetParam()), story); }

  void expectClean(const char* story) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, 0) << result.summary();
    EXPECT_EQ(result.output.find("wrong"), std::string::npos) << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << result.summary();
  }
};
INSTANTIATE_TEST_SUITE_P(Compilers, FiberProgram, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(FiberProgram, IsSilentAboutFibersThatChangeTheirThread) { expectClean("wandering"); }
TEST_P(FiberProgram, IsSilentAboutFibersOnOneThread) { expectClean("onOneThread"); }
TEST_P(FiberProgram, IsSilentAboutFibersThatShareTheirThreadAndData) { expectClean("notRacingOnOneThread"); }
TEST_P(FiberProgram, IsSilentAboutSwitchingByJumps) { expectClean("byJumps"); }
TEST_P(FiberProgram, IsSilentAboutFibersThatReturnToTheirLink) { expectClean("linked"); }

TEST_P(FiberProgram, TellsOfARaceInTheFibersOwnStack) {
  ProgramRun result = run("racing");
  std::vector<Record> races = result.recording.of(RecordType::Race);
  ASSERT_GE(races.size(), 1u) << result.summary();
  races[0].take<protocol::RaceRecord>();
  EXPECT_EQ(races[0].take<protocol::RaceSide>().heldCount, 0u);
  EXPECT_EQ(races[0].takeStack().size(), 3u) << "bump, bumps, Scheduler::enter and not who carries them";
  std::vector<Record> tasks = result.recording.of(RecordType::Task);
  ASSERT_GE(tasks.size(), 1u) << result.summary();
  EXPECT_NE(tasks[0].take<protocol::TaskRecord>().entry, 0u);
  EXPECT_GE(tasks[0].takeStack().size(), 3u) << "Scheduler::add, racing, main";
}

TEST_P(FiberProgram, TellsOfAFiberThatBlocksItsOnlyCarrier) {
  ProgramRun result = run("blocksItsCarrier");
  EXPECT_EQ(result.recording.header.state, protocol::RunState::Deadlocked) << result.summary();
  ASSERT_EQ(result.recording.count(RecordType::Deadlock), 1u) << result.summary();
  EXPECT_EQ(deadlockOf(result.recording.of(RecordType::Deadlock)[0]).threads.size(), 1u);
  ASSERT_GE(result.recording.count(RecordType::TaskStack), 1u) << result.summary();
}

}  // namespace
}  // namespace deadheat::rt
