// Lock stories end to end, built by both compilers: which cycles and misuses are told, and which are not.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;
using protocol::RecordType;

class LockProgram : public testing::TestWithParam<const char*> {
 protected:
  ProgramRun run(const char* story, int seconds = 20) {
    return runProgram(programPath("lock_stories", GetParam()), story, {}, seconds);
  }

  void expectClean(const char* story) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, 0) << story << ": " << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << story << ": " << result.summary();
  }

  void expectCycle(const char* story, std::uint32_t edges) {
    ProgramRun result = run(story);
    EXPECT_NE(result.output.find("finished"), std::string::npos) << result.summary();
    EXPECT_EQ(result.exitCode, protocol::kExitWithReports);
    std::vector<Record> cycles = result.recording.of(RecordType::LockCycle);
    ASSERT_EQ(cycles.size(), 1u) << result.summary();
    EXPECT_EQ(cycles[0].take<protocol::LockCycleRecord>().edgeCount, edges);
    for (std::uint32_t i = 0; i < edges; ++i) {
      auto edge = cycles[0].take<protocol::LockEdge>();
      EXPECT_NE(edge.held.address, edge.wanted.address);
      EXPECT_GT(cycles[0].takeStack().size(), 1u);
      EXPECT_GT(cycles[0].takeStack().size(), 1u);
    }
  }

  /// At least `threads` are stuck: main, which joins them, may not have come that far.
  Deadlock expectDeadlock(const char* story, std::size_t threads) {
    ProgramRun result = run(story);
    EXPECT_EQ(result.exitCode, protocol::kExitWithReports) << result.summary();
    EXPECT_EQ(result.recording.header.state, protocol::RunState::Deadlocked) << result.summary();
    std::vector<Record> records = result.recording.of(RecordType::Deadlock);
    EXPECT_EQ(records.size(), 1u) << result.summary();
    if (records.size() != 1) return {};
    Deadlock deadlock = deadlockOf(records[0]);
    EXPECT_GE(deadlock.threads.size(), threads);
    for (const StuckThread& thread : deadlock.threads) EXPECT_GE(thread.stackDepth, 1u);
    return deadlock;
  }

  void expectMisuse(const char* story, MisuseKind kind) {
    ProgramRun result = run(story);
    std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
    ASSERT_EQ(misuses.size(), 1u) << story << ": " << result.summary();
    EXPECT_EQ(misuses[0].take<protocol::MisuseRecord>().kind, kind);
    EXPECT_EQ(result.recording.count(RecordType::Race), 0u);
  }
};

INSTANTIATE_TEST_SUITE_P(Compilers, LockProgram, testing::Values("clang", "gcc", "plain"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(LockProgram, PredictsAnInversionThatDidNotHang) { expectCycle("inversion", 2); }
TEST_P(LockProgram, PredictsACycleOfThree) { expectCycle("threeCycle", 3); }
TEST_P(LockProgram, PredictsReadersThatWaitForWriters) { expectCycle("readerAndWriter", 2); }
TEST_P(LockProgram, FollowsSeventyLocksHeldAtOnce) { expectCycle("manyLocks", 2); }

TEST_P(LockProgram, IsSilentAboutAGateLock) { expectClean("gated"); }
TEST_P(LockProgram, IsSilentAboutOneThread) { expectClean("oneThread"); }
TEST_P(LockProgram, IsSilentAcrossJoin) { expectClean("joined"); }
TEST_P(LockProgram, IsSilentAcrossCreation) { expectClean("createdAfter"); }
TEST_P(LockProgram, IsSilentAboutReaders) { expectClean("readers"); }
TEST_P(LockProgram, IsSilentAboutTryLock) { expectClean("tryBackOff"); }
TEST_P(LockProgram, IsSilentAboutTimedLocks) { expectClean("timedBackOff"); }
TEST_P(LockProgram, IsSilentAboutScopedLock) { expectClean("scopedLock"); }
TEST_P(LockProgram, IsSilentAboutRecursion) { expectClean("recursive"); }
TEST_P(LockProgram, IsSilentAboutNewLocksAtOldAddresses) { expectClean("shortLived"); }
TEST_P(LockProgram, LetsErrorCheckingMutexesReturnTheirError) { expectClean("errorCheck"); }

TEST_P(LockProgram, CountsWhoWaitedForALockIfAsked) {
  ProgramRun result = runProgram(programPath("lock_stories", GetParam()), "contended", {"DEADHEAT_OPTIONS=contention=1"});
  EXPECT_EQ(result.exitCode, 0) << result.summary();
  std::vector<Record> rows = result.recording.of(RecordType::Contention);
  ASSERT_FALSE(rows.empty()) << result.summary();
  auto first = rows[0].take<protocol::ContentionRecord>();
  EXPECT_EQ(first.waits, 1u);
  constexpr std::uint64_t kMillisecond = 1000000;
  EXPECT_GE(first.waitedNanos, 100 * kMillisecond);
  EXPECT_EQ(first.waitedNanos, first.longestWaitNanos);
  EXPECT_GE(rows[0].takeStack().size(), 1u);
  EXPECT_GE(rows[0].takeStack().size(), 1u);
  std::uint64_t longestHold = 0;
  for (Record& row : result.recording.of(RecordType::Contention))
    longestHold = std::max(longestHold, row.take<protocol::ContentionRecord>().longestHoldNanos);
  EXPECT_GE(longestHold, 200 * kMillisecond);
}
TEST_P(LockProgram, CountsWaitsWithATimeLimitToo) {
  ProgramRun result = runProgram(programPath("lock_stories", GetParam()), "contendedForAWhile", {"DEADHEAT_OPTIONS=contention=1"});
  std::vector<Record> rows = result.recording.of(RecordType::Contention);
  ASSERT_FALSE(rows.empty()) << result.summary();
  auto first = rows[0].take<protocol::ContentionRecord>();
  EXPECT_EQ(first.waits, 2u);
  constexpr std::uint64_t kMillisecond = 1000000;
  EXPECT_GE(first.waitedNanos, 60 * kMillisecond);
}
TEST_P(LockProgram, CountsNothingUnlessAsked) {
  EXPECT_EQ(runProgram(programPath("lock_stories", GetParam()), "contended").recording.count(RecordType::Contention), 0u);
}

TEST_P(LockProgram, EndsADeadlockWithBothSides) {
  Deadlock deadlock = expectDeadlock("deadlock", 2);
  int holding = 0;
  for (const StuckThread& stuck : deadlock.threads) holding += stuck.held.size() == 1;
  EXPECT_EQ(holding, 2);
}
TEST_P(LockProgram, EndsADeadlockOfSomeThreads) {
  Deadlock deadlock = expectDeadlock("partialDeadlock", 2);
  EXPECT_FALSE(deadlock.everyThread);
}
TEST_P(LockProgram, EndsADeadlockOfSpinlocks) { expectDeadlock("spinDeadlock", 2); }
TEST_P(LockProgram, EndsASelfDeadlock) {
  Deadlock deadlock = expectDeadlock("selfDeadlock", 1);
  ASSERT_EQ(deadlock.threads.size(), 1u);
  EXPECT_EQ(deadlock.threads[0].thread.owner, deadlock.threads[0].thread.thread);
}
TEST_P(LockProgram, EndsAnUpgradeOfAReadLock) { expectDeadlock("upgrade", 1); }
TEST_P(LockProgram, EndsTheWaitForALockWhoseOwnerEnded) { expectDeadlock("orphaned", 1); }

TEST_P(LockProgram, TellsOfAnUnlockByAnotherThread) { expectMisuse("unlockByOther", MisuseKind::UnlockByOther); }
TEST_P(LockProgram, TellsOfAnUnlockOfAFreeLock) { expectMisuse("unlockNotHeld", MisuseKind::UnlockNotHeld); }
TEST_P(LockProgram, TellsOfDestroyingALockedMutex) { expectMisuse("destroyLocked", MisuseKind::DestroyLocked); }
TEST_P(LockProgram, TellsOfDeletingALockedMutex) { expectMisuse("deleteLocked", MisuseKind::DestroyLocked); }
TEST_P(LockProgram, TellsOfAThreadThatEndsWithALock) { expectMisuse("endHolding", MisuseKind::ExitHoldingLock); }

}  // namespace
}  // namespace deadheat::rt
