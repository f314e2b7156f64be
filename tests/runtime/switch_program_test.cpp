// Fibers of Boost.Context's interface end to end, built by both compilers, on the runtime's own switch.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;

class SwitchProgram : public testing::TestWithParam<const char*> {
 protected:
  ProgramRun run(const char* story) { return runProgram(programPath("switch_stories", GetParam()), story); }

  void expectClean(const char* story) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, 0) << result.summary();
    EXPECT_NE(result.output.find("finished"), std::string::npos) << result.summary();
    EXPECT_EQ(result.output.find("wrong"), std::string::npos) << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << result.summary();
  }
};
INSTANTIATE_TEST_SUITE_P(Compilers, SwitchProgram, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(SwitchProgram, IsSilentAboutFibersThatChangeTheirThread) { expectClean("wandering"); }
TEST_P(SwitchProgram, IsSilentAboutFibersThatShareTheirThreadAndData) { expectClean("notRacingOnOneThread"); }
TEST_P(SwitchProgram, IsSilentAboutExceptionsThrownOnTopOfASuspendedFiber) { expectClean("cancelled"); }
TEST_P(SwitchProgram, IsSilentAboutStacksThatBecomeThoseOfThreads) { expectClean("stackBecomesAThreads"); }
TEST_P(SwitchProgram, LooksForCallersNoFurtherThanTheStackReaches) { expectClean("atTheEndOfItsStack"); }

TEST_P(SwitchProgram, TellsOfARaceInTheFibersOwnStack) {
  ProgramRun result = run("racing");
  std::vector<Record> races = result.recording.of(RecordType::Race);
  ASSERT_GE(races.size(), 1u) << result.summary();
  races[0].take<protocol::RaceRecord>();
  races[0].take<protocol::RaceSide>();
  EXPECT_EQ(races[0].takeStack().size(), 4u) << "bump, bumps, std::function, Fiber::enter and not who carries them";
  std::vector<Record> tasks = result.recording.of(RecordType::Task);
  ASSERT_GE(tasks.size(), 1u) << result.summary();
  EXPECT_NE(tasks[0].take<protocol::TaskRecord>().entry, 0u);
  EXPECT_GE(tasks[0].takeStack().size(), 2u) << "runAlone and who called it";
}

TEST_P(SwitchProgram, TellsOfAFiberHandedToAnotherThreadWithoutOrder) {
  EXPECT_GE(run("handedOverWithoutOrder").recording.count(RecordType::Race), 1u);
}

TEST_P(SwitchProgram, TellsOfAUseOfTheStackOfAFiberThatEnded) {
  ProgramRun result = run("usesTheStackOfTheDead");
  ASSERT_EQ(result.recording.count(RecordType::Race), 1u) << result.summary();
}

}  // namespace
}  // namespace deadheat::rt
