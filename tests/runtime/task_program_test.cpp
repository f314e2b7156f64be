// Coroutines end to end: what is done against their rules is told, with what they are; what follows the rules is not.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;
using protocol::RecordType;

ProgramRun run(const char* story, const char* family = "clang") {
  return runProgram(programPath("task_stories", family), story);
}

struct ToldTask {
  protocol::TaskRecord head;
  std::size_t created, suspended, resumed;  ///< Depths of its stacks.
};

ToldTask taskOf(Record record) {
  ToldTask task{record.take<protocol::TaskRecord>(), 0, 0, 0};
  task.created = record.takeStack().size();
  task.suspended = record.takeStack().size();
  task.resumed = record.takeStack().size();
  return task;
}

/// The first misuse is of this kind and names a task; returns the task as the report has it.
ToldTask expectMisuse(const ProgramRun& result, MisuseKind kind) {
  std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
  std::vector<Record> tasks = result.recording.of(RecordType::Task);
  EXPECT_GE(misuses.size(), 1u) << result.summary();
  EXPECT_GE(tasks.size(), 1u) << result.summary();
  if (misuses.empty() || tasks.empty()) return {};
  auto head = misuses[0].take<protocol::MisuseRecord>();
  EXPECT_EQ(head.kind, kind) << result.summary();
  EXPECT_NE(head.hasSecond, 0u);
  ToldTask task = taskOf(tasks[0]);
  EXPECT_EQ(head.detail, task.head.task);
  EXPECT_GE(task.created, 3u) << "the coroutine, its caller, main";
  return task;
}

TEST(TaskProgram, TellsOfAResumptionWhileItRuns) {
  ToldTask task = expectMisuse(run("resumedWhileRunning"), MisuseKind::TaskResumedRunning);
  EXPECT_EQ(task.head.state, protocol::TaskState::Running);
}
TEST(TaskProgram, TellsOfAResumptionAfterItsEnd) {
  ToldTask task = expectMisuse(run("resumedAfterEnd"), MisuseKind::TaskResumedEnded);
  EXPECT_EQ(task.head.state, protocol::TaskState::Ended);
  EXPECT_EQ(task.suspended, 1u);
}
TEST(TaskProgram, TellsOfADestructionWhileItRuns) {
  expectMisuse(run("destroyedWhileRunning"), MisuseKind::TaskDestroyedRunning);
}
TEST(TaskProgram, TellsOfASecondDestruction) {
  ToldTask task = expectMisuse(run("destroyedTwice"), MisuseKind::TaskDestroyedTwice);
  EXPECT_EQ(task.head.state, protocol::TaskState::Destroyed);
}
TEST(TaskProgram, NamesAFrameThatIsUsedAfterItsDestruction) {
  ProgramRun result = run("resumedAfterDestruction");
  ToldTask task = expectMisuse(result, MisuseKind::TaskResumedDestroyed);
  std::vector<Record> races = result.recording.of(RecordType::Race);
  ASSERT_GE(races.size(), 1u) << result.summary();
  auto race = races[0].take<protocol::RaceRecord>();
  EXPECT_EQ(race.place.place, protocol::Place::Heap);
  EXPECT_EQ(race.place.task, task.head.task);
}

TEST(TaskProgram, KnowsAFrameThatWasManyTasks) {
  ToldTask task = expectMisuse(run("resumedAfterManyLives"), MisuseKind::TaskResumedDestroyed);
  EXPECT_EQ(task.head.task, 10000u);
}
TEST(TaskProgram, KnowsADestroyedFrameAmongThoseDestroyedSince) {
  ToldTask task = expectMisuse(run("resumedAfterOthersEnded"), MisuseKind::TaskResumedDestroyed);
  EXPECT_EQ(task.head.task, 1u);
}
TEST(TaskProgram, TellsOfResumptionsThatNothingOrdersThoughAllItHasIsPrivate) {
  ProgramRun result = run("resumedByTwoInTurn");
  std::vector<Record> races = result.recording.of(RecordType::Race);
  ASSERT_GE(races.size(), 1u) << result.summary();
  EXPECT_NE(races[0].take<protocol::RaceRecord>().place.task, 0u);
}
TEST(TaskProgram, TellsOfARaceOnATasksVariable) {
  ProgramRun result = run("variableOfATaskIsShared");
  ASSERT_EQ(result.recording.count(RecordType::Race), 1u) << result.summary();
  EXPECT_NE(result.recording.of(RecordType::Race)[0].take<protocol::RaceRecord>().place.task, 0u);
}

TEST(TaskProgram, TellsWhichTasksAThreadIsInWhenItRaces) {
  ProgramRun result = run("racingTasks");
  ASSERT_EQ(result.recording.count(RecordType::Race), 1u) << result.summary();
  std::vector<Record> stacks = result.recording.of(RecordType::TaskStack);
  ASSERT_EQ(stacks.size(), 1u) << result.summary();
  auto stack = stacks[0].take<protocol::TaskStackRecord>();
  EXPECT_EQ(stack.count, 1u);
  Record race = result.recording.of(RecordType::Race)[0];
  race.take<protocol::RaceRecord>();
  EXPECT_EQ(stack.thread, race.take<protocol::RaceSide>().thread);
}
TEST(TaskProgram, FollowsTheAwaitingTasksOfARace) {
  ProgramRun result = run("racingLeaves");
  ASSERT_EQ(result.recording.count(RecordType::Race), 1u) << result.summary();
  std::vector<Record> stacks = result.recording.of(RecordType::TaskStack);
  ASSERT_EQ(stacks.size(), 1u) << result.summary();
  EXPECT_EQ(stacks[0].take<protocol::TaskStackRecord>().count, 3u) << "leaf, middle, detached";
}
TEST(TaskProgram, NamesTheTaskThatGivesBackAnotherThreadsLock) {
  ProgramRun result = run("lockCarriedOver");
  std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
  ASSERT_EQ(misuses.size(), 1u) << result.summary();
  EXPECT_EQ(misuses[0].take<protocol::MisuseRecord>().kind, MisuseKind::UnlockByOther);
  ASSERT_EQ(result.recording.count(RecordType::TaskStack), 1u) << result.summary();
  EXPECT_GE(taskOf(result.recording.of(RecordType::Task)[0]).resumed, 2u) << "where the thread resumed it";
}

TEST(TaskProgram, TellsOfASuspendedTaskThatNothingHolds) {
  ProgramRun result = run("droppedWhileSuspended");
  std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
  ASSERT_EQ(misuses.size(), 1u) << result.summary();
  EXPECT_EQ(misuses[0].take<protocol::MisuseRecord>().kind, MisuseKind::TaskStranded);
  misuses[0].take<protocol::LockInfo>();
  EXPECT_EQ(misuses[0].takeStack().size(), 1u) << "where it is suspended";
  EXPECT_EQ(result.exitCode, protocol::kExitWithReports);
}
TEST(TaskProgram, TellsOfTasksThatAwaitEachOther) {
  ProgramRun result = run("awaitingEachOther");
  std::vector<Record> misuses = result.recording.of(RecordType::Misuse);
  ASSERT_EQ(misuses.size(), 1u) << result.summary();
  EXPECT_EQ(misuses[0].take<protocol::MisuseRecord>().kind, MisuseKind::TaskCycle);
  std::vector<Record> stacks = result.recording.of(RecordType::TaskStack);
  ASSERT_EQ(stacks.size(), 1u) << result.summary();
  EXPECT_EQ(stacks[0].take<protocol::TaskStackRecord>().count, 2u);
}

class TaskProgramOfBoth : public testing::TestWithParam<const char*> {
 protected:
  void expectClean(const char* story) {
    ProgramRun result = run(story, GetParam());
    EXPECT_EQ(result.exitCode, 0) << result.summary();
    for (RecordType type : {RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse, RecordType::Race})
      EXPECT_EQ(result.recording.count(type), 0u) << result.summary();
  }
};
INSTANTIATE_TEST_SUITE_P(Compilers, TaskProgramOfBoth, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(TaskProgramOfBoth, IsSilentAboutAGenerator) { expectClean("generated"); }
TEST_P(TaskProgramOfBoth, IsSilentAboutAnAbandonedGenerator) { expectClean("abandoned"); }
TEST_P(TaskProgramOfBoth, IsSilentAboutTasksThatWander) { expectClean("wandering"); }
TEST_P(TaskProgramOfBoth, IsSilentAboutASuspendedTaskThatIsKept) { expectClean("keptWhileSuspended"); }
TEST_P(TaskProgramOfBoth, IsSilentAboutGuardedTasks) { expectClean("guardedTasks"); }
TEST_P(TaskProgramOfBoth, IsSilentAboutAwaitingThatDoesNotSuspend) { expectClean("notSuspendedAfterAll"); }

}  // namespace
}  // namespace deadheat::rt
