// Wait stories end to end: what can never go on is ended and told, what can is left alone.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;
using protocol::ResourceKind;

class WaitProgram : public testing::TestWithParam<const char*> {
 protected:
  /// Expects a deadlock in which somebody waits for a `kind`; `everyThread`: and no thread is left out.
  void expectStuck(const char* story, ResourceKind kind, bool everyThread = true) {
    ProgramRun run = runProgram(programPath("wait_stories", GetParam()), story);
    EXPECT_EQ(run.exitCode, protocol::kExitWithReports) << run.summary();
    EXPECT_EQ(run.recording.header.state, protocol::RunState::Deadlocked);
    std::vector<Record> records = run.recording.of(RecordType::Deadlock);
    ASSERT_EQ(records.size(), 1u) << run.summary();
    Deadlock deadlock = deadlockOf(records[0]);
    if (everyThread) EXPECT_TRUE(deadlock.everyThread);
    bool found = false;
    for (const StuckThread& stuck : deadlock.threads) found |= stuck.thread.wants == kind;
    EXPECT_TRUE(found);
  }

  void expectEnd(const char* story) {
    ProgramRun run = runProgram(programPath("wait_stories", GetParam()), story, {}, 60);
    EXPECT_EQ(run.exitCode, 0) << run.summary();
    EXPECT_NE(run.output.find("finished"), std::string::npos);
    EXPECT_EQ(run.recording.count(RecordType::Deadlock), 0u);
  }
};

INSTANTIATE_TEST_SUITE_P(Compilers, WaitProgram, testing::Values("clang", "gcc", "plain"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(WaitProgram, EndsALostWakeUp) { expectStuck("lostWakeUp", ResourceKind::Condition); }
TEST_P(WaitProgram, EndsAWakeUpTooFew) { expectStuck("oneWakeUpTooFew", ResourceKind::Condition); }
TEST_P(WaitProgram, EndsWhenTheLastLiveThreadLeaves) { expectStuck("lastThreadLeaves", ResourceKind::Condition); }
TEST_P(WaitProgram, EndsAJoinOfAThreadThatWantsTheJoinersLock) { expectStuck("joinWhileHolding", ResourceKind::Join); }
TEST_P(WaitProgram, EndsAWaitThatKeepsTheOtherLock) { expectStuck("waitHoldingAnother", ResourceKind::Mutex); }
TEST_P(WaitProgram, EndsAJoinOfAWokenThreadThatWantsTheMutex) { expectStuck("joinAfterNotify", ResourceKind::Mutex); }
TEST_P(WaitProgram, EndsASemaphoreNobodyPosts) { expectStuck("semaphoreNeverPosted", ResourceKind::Semaphore); }
TEST_P(WaitProgram, EndsABarrierNobodyFills) { expectStuck("barrierOfThree", ResourceKind::Barrier); }
TEST_P(WaitProgram, EndsAFutureNobodyKeeps) { expectStuck("promiseNeverKept", ResourceKind::Futex); }
TEST_P(WaitProgram, EndsALatchNobodyOpens) { expectStuck("latchNeverOpened", ResourceKind::Futex); }
TEST_P(WaitProgram, EndsAStaticThatNeedsItself) { expectStuck("recursiveStatic", ResourceKind::Once); }

TEST_P(WaitProgram, EndsReadersThatWantToWrite) { expectStuck("readersThatWantToWrite", ResourceKind::RwLockWrite, false); }
TEST_P(WaitProgram, EndsInitialisersThatNeedEachOther) { expectStuck("crossedInitialisers", ResourceKind::Once, false); }
TEST_P(WaitProgram, EndsAFutureWhoseMakerWantsTheLock) { expectStuck("asyncWantsTheLock", ResourceKind::Mutex); }
TEST_P(WaitProgram, EndsADestructorThatJoins) { expectStuck("destructorJoins", ResourceKind::Join); }
TEST_P(WaitProgram, EndsAnAtomicNobodyNotifies) { expectStuck("atomicNeverNotified", ResourceKind::Futex); }

TEST_P(WaitProgram, LeavesPingPongAlone) { expectEnd("pingPong"); }
TEST_P(WaitProgram, LeavesConditionPingPongAlone) { expectEnd("conditionPingPong"); }
TEST_P(WaitProgram, LeavesAQueueAlone) { expectEnd("queue"); }
TEST_P(WaitProgram, LeavesBarrierRoundsAlone) { expectEnd("barrierRounds"); }
TEST_P(WaitProgram, LeavesTimedWaitsAlone) { expectEnd("timedWait"); }
TEST_P(WaitProgram, LeavesAWaitForASignalHandlerAlone) { expectEnd("signalHandler"); }
TEST_P(WaitProgram, LeavesAReaderOfAPipeAlone) { expectEnd("readsAPipe"); }
TEST_P(WaitProgram, LeavesManyShortThreadsAlone) { expectEnd("manyShortThreads"); }
TEST_P(WaitProgram, SurvivesACancelledWait) { expectEnd("cancelled"); }
TEST_P(WaitProgram, SurvivesAFork) { expectEnd("forked"); }

}  // namespace
}  // namespace deadheat::rt
