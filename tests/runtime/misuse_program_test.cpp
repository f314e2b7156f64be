// Misuse stories end to end, built by both compilers: each is told as what it is, its correct twin is not.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;
using protocol::RecordType;

class MisuseProgram : public testing::TestWithParam<const char*> {
 protected:
  ProgramRun run(const char* story) { return runProgram(programPath("misuse_stories", GetParam()), story); }

  ProgramRun expectMisuse(const char* story, MisuseKind kind) {
    ProgramRun result = run(story);
    std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
    EXPECT_EQ(misuses.size(), 1u) << result.summary();
    if (misuses.empty()) return result;
    auto head = misuses[0].take<protocol::MisuseRecord>();
    EXPECT_EQ(head.kind, kind) << result.summary();
    misuses[0].take<protocol::LockInfo>();
    EXPECT_GE(misuses[0].takeStack().size(), 1u);
    return result;
  }

  /// The misuse leaves somebody waiting for good.
  void expectHang(const char* story, MisuseKind kind) {
    ProgramRun result = expectMisuse(story, kind);
    EXPECT_EQ(result.recording.count(RecordType::Deadlock), 1u) << result.summary();
    EXPECT_EQ(result.exitCode, protocol::kExitWithReports) << result.summary();
  }

  void expectEnd(const char* story, MisuseKind kind) {
    ProgramRun result = expectMisuse(story, kind);
    EXPECT_NE(result.output.find("finished"), std::string::npos) << result.summary();
    EXPECT_EQ(result.recording.count(RecordType::Deadlock), 0u) << result.summary();
  }

  void expectClean(const char* story) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, 0) << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << result.summary();
  }
};

INSTANTIATE_TEST_SUITE_P(Compilers, MisuseProgram, testing::Values("clang", "gcc", "plain"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(MisuseProgram, TellsOfDestroyingAConditionWaitedFor) {
  expectHang("conditionDestroyed", MisuseKind::DestroyWaited);
}
TEST_P(MisuseProgram, TellsOfFreeingAConditionWaitedFor) { expectEnd("conditionFreed", MisuseKind::DestroyWaited); }
TEST_P(MisuseProgram, TellsOfDestroyingASemaphoreWaitedFor) {
  expectEnd("semaphoreDestroyed", MisuseKind::DestroyWaited);
}
TEST_P(MisuseProgram, TellsOfDestroyingABarrierWaitedFor) { expectHang("barrierDestroyed", MisuseKind::DestroyWaited); }
TEST_P(MisuseProgram, IsSilentAboutDestroyingAConditionWhoseWaitersWereWoken) { expectClean("destroyedOnceWoken"); }

TEST_P(MisuseProgram, TellsOfAWaitWithoutTheLock) { expectEnd("waitUnlocked", MisuseKind::WaitWithoutLock); }
TEST_P(MisuseProgram, TellsOfAWaitWithALockOfAnotherThread) {
  expectEnd("waitWithAnothersLock", MisuseKind::WaitWithoutLock);
}
TEST_P(MisuseProgram, TellsOfAConditionWithTwoMutexes) { expectEnd("twoMutexes", MisuseKind::ConditionTwoMutexes); }
TEST_P(MisuseProgram, IsSilentAboutTwoMutexesInTurn) { expectClean("twoMutexesInTurn"); }

TEST_P(MisuseProgram, TellsOfAMutexCopiedWhileLocked) { expectHang("copiedWhileLocked", MisuseKind::TakenByNobody); }
TEST_P(MisuseProgram, TellsOfAMutexCopiedFromAThreadThatEnded) {
  expectHang("copiedFromEndedThread", MisuseKind::TakenByNobody);
}
TEST_P(MisuseProgram, TellsOfAMutexNeverInitialised) { expectEnd("neverInitialised", MisuseKind::NeverMade); }
TEST_P(MisuseProgram, TellsOfAMutexThatOnlySeemsLocked) { expectHang("onlyItsWordSet", MisuseKind::TakenByNobody); }
TEST_P(MisuseProgram, TellsOfAMutexUsedAfterItsDestruction) {
  expectEnd("usedAfterDestruction", MisuseKind::UseAfterDestroy);
}

TEST_P(MisuseProgram, IsSilentAboutAHandleThatIsUsedAgain) { expectClean("joinedByMany"); }
TEST_P(MisuseProgram, TellsOfASecondJoin) { expectEnd("joinTwice", MisuseKind::JoinTwice); }
TEST_P(MisuseProgram, TellsOfTwoJoinersAtOnce) { expectEnd("joinedByTwo", MisuseKind::JoinTwice); }
TEST_P(MisuseProgram, TellsOfAJoinOfADetachedThread) { expectEnd("joinDetached", MisuseKind::JoinTwice); }
TEST_P(MisuseProgram, TellsOfALeakedThread) { expectEnd("leaked", MisuseKind::ThreadLeaked); }
TEST_P(MisuseProgram, IsSilentAboutThreadsBornDetached) { expectClean("bornDetached"); }

TEST_P(MisuseProgram, TellsOfALockHeldAcrossFork) {
  ProgramRun result = run("heldAcrossFork");
  EXPECT_NE(result.output.find("child " + std::to_string(protocol::kExitWithReports)), std::string::npos)
      << result.summary();
  EXPECT_NE(result.output.find("finished"), std::string::npos) << result.summary();
  ASSERT_EQ(result.recording.count(RecordType::Misuse), 1u) << result.summary();
  EXPECT_EQ(result.recording.of(RecordType::Misuse)[0].take<protocol::MisuseRecord>().kind, MisuseKind::HeldAcrossFork);
  EXPECT_EQ(result.recording.count(RecordType::Deadlock), 1u) << result.summary();
}
TEST_P(MisuseProgram, IsSilentAboutOnesOwnLocksAcrossFork) { expectClean("ownLockAcrossFork"); }

/// What calls tell that are seen in instrumented programs only.
class InstrumentedMisuse : public MisuseProgram {};
INSTANTIATE_TEST_SUITE_P(Compilers, InstrumentedMisuse, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(InstrumentedMisuse, TellsOfAMutexHeldWhenItsFrameReturns) {
  expectEnd("frameEndsHolding", MisuseKind::DestroyLocked);
}
TEST_P(InstrumentedMisuse, TellsOfAMutexMadeWhereOneIsHeld) {
  expectEnd("framesAfterEachOther", MisuseKind::DestroyLocked);
}
TEST_P(InstrumentedMisuse, IsSilentAboutALockOfACallersFrame) { expectClean("callerHoldsItsOwn"); }
TEST_P(InstrumentedMisuse, TellsOfALockThatMainReturnsWith) {
  expectEnd("mainReturnsHolding", MisuseKind::ExitHoldingLock);
}

}  // namespace
}  // namespace deadheat::rt
