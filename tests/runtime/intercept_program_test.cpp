// Correct programs on the C++ and C11 libraries: no finding of any kind, whatever of the library is not instrumented.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;

std::string nameOf(const testing::TestParamInfo<std::tuple<const char*, const char*>>& info) {
  return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
}

void expectNothing(const std::string& program, const char* story) {
  ProgramRun run = runProgram(program, story, {}, 60);
  EXPECT_EQ(run.exitCode, 0) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
  EXPECT_EQ(run.recording.header.state, protocol::RunState::Exited);
  for (RecordType type : {RecordType::Race, RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse})
    EXPECT_EQ(run.recording.count(type), 0u) << run.summary();
}

class LibraryProgram : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(LibraryProgram, HasNoFinding) {
  expectNothing(programPath("std_stories", std::get<1>(GetParam())), std::get<0>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Stories, LibraryProgram,
    testing::Combine(testing::Values("async", "promise", "sharedFuture", "packagedTask", "callOnce", "callOnceThrows",
                                     "localStatic", "sharedPointer", "weakPointer", "exceptionPointer",
                                     "exceptionInAsync", "streams", "conditionQueue", "conditionAny", "stopToken",
                                     "latchAndBarrier", "semaphores", "atomicWait", "sharedMutex", "threadLocal",
                                     "detached", "locales", "lastOwnerOfText", "lastOwnerOfLocale",
                                     "exceptionCaughtByBase", "detachedWithText"),
                     testing::Values("clang", "gcc")),
    nameOf);

class C11Program : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Compilers, C11Program, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(C11Program, HasNoFindingWhenCorrect) { expectNothing(programPath("c11_stories", GetParam()), "ordered"); }

TEST_P(C11Program, HasItsInversionTold) {
  ProgramRun run = runProgram(programPath("c11_stories", GetParam()), "inversion");
  EXPECT_EQ(run.exitCode, protocol::kExitWithReports);
  EXPECT_EQ(run.recording.count(RecordType::LockCycle), 1u) << run.summary();
  EXPECT_EQ(run.recording.count(RecordType::Race), 0u);
}

}  // namespace
}  // namespace deadheat::rt
