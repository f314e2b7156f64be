// Fibers whose library is not instrumented and keeps its order to itself, end to end, built by both compilers.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;

class HiddenFiberProgram : public testing::TestWithParam<const char*> {
 protected:
  ProgramRun run(const char* story) { return runProgram(programPath("hidden_stories", GetParam()), story); }

  void expectClean(const char* story) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, 0) << result.summary();
    EXPECT_NE(result.output.find("finished"), std::string::npos) << result.summary();
    EXPECT_EQ(result.output.find("wrong"), std::string::npos) << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << result.summary();
  }
};
INSTANTIATE_TEST_SUITE_P(Compilers, HiddenFiberProgram, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(HiddenFiberProgram, IsSilentAboutDataUnderTheLibrarysLock) { expectClean("guarded"); }
TEST_P(HiddenFiberProgram, IsSilentAboutWhatIsHandedOverByStartAndJoin) { expectClean("startedInOrder"); }
TEST_P(HiddenFiberProgram, TakesALockOfAFiberForNoneOfItsCarriers) { expectClean("heldWhileOthersRun"); }
TEST_P(HiddenFiberProgram, IsSilentAboutOppositeOrdersOneAfterTheOther) { expectClean("oppositeOrders"); }

TEST_P(HiddenFiberProgram, TellsOfARaceOfFibersOnTwoThreads) {
  EXPECT_GE(run("unguarded").recording.count(RecordType::Race), 1u);
}
TEST_P(HiddenFiberProgram, TellsOfOppositeOrdersOfTheLibrarysLocks) {
  ProgramRun result = run("oppositeOrdersAtOnce");
  EXPECT_EQ(result.recording.count(RecordType::LockCycle), 1u) << result.summary();
}

}  // namespace
}  // namespace deadheat::rt
