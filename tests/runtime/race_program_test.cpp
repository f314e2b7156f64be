// Races in instrumented programs, built by both compilers: which are told, and that their recording is whole.
#include <gtest/gtest.h>

#include <algorithm>

#include <cstdio>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;
using Programs = testing::TestWithParam<std::tuple<std::pair<const char*, std::size_t>, const char*>>;

std::string nameOf(const testing::TestParamInfo<Programs::ParamType>& info) {
  return std::string(std::get<0>(info.param).first) + "_" + std::get<1>(info.param);
}

struct Side {
  protocol::RaceSide access;
  std::vector<std::uint64_t> stack;
};
struct Race {
  protocol::RaceRecord head;
  Side later;
  Side earlier;
};

Side takeSide(Record& record) {
  Side side{record.take<protocol::RaceSide>(), {}};
  for (std::uint32_t i = 0; i < side.access.heldCount; ++i) record.take<protocol::LockInfo>();
  side.stack = record.takeStack();
  return side;
}

std::vector<Race> racesOf(const Recording& recording) {
  std::vector<Race> races;
  for (Record record : recording.of(RecordType::Race)) {
    auto head = record.take<protocol::RaceRecord>();
    Side later = takeSide(record);
    races.push_back({head, later, takeSide(record)});
  }
  return races;
}

std::string hex(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%lx", static_cast<unsigned long>(number));
  return text;
}

/// Function names of a stack, as far as the program's own module goes.
std::string functionsOf(const Recording& recording, const std::string& program,
                        const std::vector<std::uint64_t>& stack) {
  std::string command = "addr2line -f -e '" + program + "'";
  for (Record record : recording.of(RecordType::Module)) {
    auto module = record.take<protocol::ModuleRecord>();
    if (module.instrumented == 0) continue;
    for (std::size_t i = 0; i < stack.size(); ++i)
      if (stack[i] >= module.begin && stack[i] < module.end)
        command += " " + hex(stack[i] - module.base - (i != 0 ? 1 : 0));
    break;
  }
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n; pipe != nullptr && (n = fread(buffer, 1, sizeof(buffer), pipe)) != 0;) output.append(buffer, n);
  if (pipe != nullptr) pclose(pipe);
  return output;
}

// ---- How many races a program has --------------------------------------------------------------------------------

class RaceProgram : public Programs {};

TEST_P(RaceProgram, HasThatManyRaces) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("race_stories", family), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race), story.second) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
  EXPECT_EQ(run.recording.header.dropped, 0u);
  for (const Race& race : racesOf(run.recording)) {
    EXPECT_GE(race.later.stack.size(), 1u);
    EXPECT_GE(race.earlier.stack.size(), 1u);
    EXPECT_NE(race.later.access.thread, race.earlier.access.thread);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stories, RaceProgram,
    testing::Combine(
        testing::Values(
            std::pair("plainRace", 1ul), std::pair("readersDoNotRace", 0ul), std::pair("joinOrders", 0ul),
            std::pair("creationOrders", 0ul), std::pair("lockOrders", 0ul), std::pair("neighboursDoNotRace", 0ul),
            std::pair("eightBytesOfOneThread", 1ul), std::pair("eightThreadsOneByteEach", 1ul),
            std::pair("oneReaderOfMany", 1ul), std::pair("fiveMillionReleasesLater", 1ul),
            std::pair("millionAccessesLater", 1ul), std::pair("atomicAgainstPlain", 1ul),
            std::pair("usedAfterFree", 1ul), std::pair("freedAfterUse", 1ul), std::pair("usedAfterLibraryFreed", 1ul), std::pair("textFreedAfterUse", 1ul),
            std::pair("allocatedAnew", 0ul),
            std::pair("threeRacesOnOneWord", 3ul), std::pair("raceInALoop", 1ul),
            std::pair("oneLineOnManyWays", 1ul), std::pair("oneLineTwoVariables", 2ul), std::pair("containerUsedByTwo", 1ul), std::pair("copiedWhileWritten", 1ul),
            std::pair("acrossWords", 1ul), std::pair("acrossWordsByCast", 1ul), std::pair("stacksAreReused", 0ul), std::pair("raceOnSmallStacks", 1ul),
            std::pair("raceDeepInRecursion", 1ul), std::pair("raceAfterLongjmp", 1ul), std::pair("manyThreads", 0ul),
            std::pair("manyAtOnce", 0ul), std::pair("raceWithThreadLongEnded", 1ul),
            std::pair("raceInForkedChild", 5ul), std::pair("childOwnsItsCopy", 0ul),
            std::pair("acrossGranulesByCast", 0ul)),
        testing::Values("clang", "gcc")),
    nameOf);

// ---- What atomics order ------------------------------------------------------------------------------------------

class AtomicProgram : public Programs {};

TEST_P(AtomicProgram, HasThatManyRaces) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("atomic_stories", family), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race), story.second) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(
    Stories, AtomicProgram,
    testing::Combine(
        testing::Values(std::pair("releaseAcquire", 0ul), std::pair("sequential", 0ul), std::pair("relaxedStore", 1ul),
                        std::pair("relaxedLoad", 1ul), std::pair("releaseFence", 0ul), std::pair("acquireFence", 0ul),
                        std::pair("twoFences", 0ul), std::pair("fenceThatPublishesByExchange", 0ul),
                        std::pair("fenceTooEarly", 1ul), std::pair("sequenceContinued", 0ul),
                        std::pair("sequenceCut", 1ul), std::pair("exchangeBothWays", 0ul),
                        std::pair("failedExchangeAcquires", 0ul), std::pair("failedExchangeRelaxed", 1ul),
                        std::pair("failedExchangeIsARead", 0ul), std::pair("doneExchangeIsAWrite", 1ul),
                        std::pair("spinLock", 0ul), std::pair("referenceCount", 0ul),
                        std::pair("clockOfAFormerObject", 1ul), std::pair("operations", 0ul),
                        std::pair("fetchMaxBothWays", 0ul), std::pair("fetchMaxRelaxed", 1ul)),
        testing::Values("clang", "gcc")),
    nameOf);

// ---- Accesses that compilers do not tell of by themselves --------------------------------------------------------

class WideProgram : public Programs {};

TEST_P(WideProgram, HasThatManyRaces) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("wide_stories", family), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race), story.second) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(
    Stories, WideProgram,
    testing::Combine(
        testing::Values(std::pair("vectors", 1ul), std::pair("vectorAgainstItsLastByte", 1ul),
                        std::pair("vectorNeighbours", 0ul), std::pair("vectorReaders", 0ul),
                        std::pair("longDoubles", 1ul), std::pair("longDoubleNeighbours", 0ul),
                        std::pair("maskedSameLanes", 1ul), std::pair("maskedOtherLanes", 0ul),
                        std::pair("readBeforeAcquire", 1ul), std::pair("readAfterAcquire", 0ul),
                        std::pair("packedOverlap", 1ul), std::pair("packedApart", 0ul),
                        std::pair("unpackedOverlap", 1ul), std::pair("unpackedApart", 0ul),
                        std::pair("memberOfALocal", 1ul), std::pair("membersOfALocal", 0ul)),
        testing::Values("clang", "gcc")),
    nameOf);

// ---- What the C library keeps for all threads --------------------------------------------------------------------

class SharedResultProgram : public Programs {};

TEST_P(SharedResultProgram, HasRaces) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("library_stories", family), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race) != 0, story.second != 0) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(
    Stories, SharedResultProgram,
    testing::Combine(testing::Values(std::pair("twoTimes", 1ul), std::pair("timesUnderALock", 0ul),
                                     std::pair("timesOfTheirOwn", 0ul), std::pair("timeReadByAnother", 1ul),
                                     std::pair("tokensOfTwo", 1ul), std::pair("tokensOfTheirOwn", 0ul)),
                     testing::Values("clang", "gcc")),
    nameOf);

class PromiseProgram : public Programs {};

TEST_P(PromiseProgram, IsToldOfWhereBroken) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("library_stories", family), story.first, {}, 60);
  std::vector<Record> misuses = run.recording.of(RecordType::Misuse);
  ASSERT_EQ(misuses.size(), story.second) << run.summary();
  EXPECT_EQ(run.recording.count(RecordType::Race), 0u) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
  if (misuses.empty()) return;
  auto head = misuses[0].take<protocol::MisuseRecord>();
  EXPECT_EQ(head.kind, protocol::MisuseKind::PromiseBroken);
  EXPECT_EQ(head.hasSecond, 1u);
  EXPECT_EQ(head.thread != head.detail, std::string(story.first) != "taskDropped") << "who asks and who destroyed it";
  misuses[0].take<protocol::LockInfo>();
  EXPECT_GE(misuses[0].takeStack().size(), 2u);
  EXPECT_GE(misuses[0].takeStack().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(
    Stories, PromiseProgram,
    testing::Combine(testing::Values(std::pair("promiseDroppedByAnother", 1ul),
                                     std::pair("promiseDroppedWhileAnotherAsks", 1ul), std::pair("taskDropped", 1ul),
                                     std::pair("droppedAndNobodyAsks", 0ul), std::pair("answeredByAnException", 0ul),
                                     std::pair("answeredByAnotherFutureError", 0ul),
                                     std::pair("answeredWhereABrokenOneLay", 0ul)),
                     testing::Values("clang", "gcc")),
    nameOf);

// ---- Checks that are left out or joined --------------------------------------------------------------------------

class LoopProgram : public Programs {};

TEST_P(LoopProgram, HasThatManyRaces) {
  auto [story, family] = GetParam();
  rt::ProgramRun run = runProgram(programPath("loop_stories", family), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race), story.second) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(
    Stories, LoopProgram,
    testing::Combine(
        testing::Values(std::pair("loopAgainstLoop", 1ul), std::pair("loopAgainstItsLast", 1ul),
                        std::pair("loopAgainstTheNext", 0ul), std::pair("backwardsAgainstItsFirst", 1ul),
                        std::pair("backwardsAgainstNeighbours", 0ul), std::pair("bytesSideBySide", 0ul),
                        std::pair("everySecondByte", 0ul), std::pair("loopLeftEarly", 0ul),
                        std::pair("loopThatSkips", 0ul), std::pair("loopWithoutRounds", 0ul),
                        std::pair("loopOfFewRounds", 1ul), std::pair("loopIntoOnePlace", 1ul),
                        std::pair("walkedList", 1ul), std::pair("repeatedRead", 1ul), std::pair("writeAfterRead", 1ul),
                        std::pair("repeatedAfterRelease", 1ul), std::pair("checkedOnOneWay", 1ul)),
        testing::Values("clang", "gcc")),
    nameOf);

/// As when a plan has to be told.
TEST(LoopChecks, TellsOfEachAccessWhereAccessesAreCounted) {
  rt::ProgramRun run =
      runProgram(programPath("loop_stories", "clang"), "alone", {"DEADHEAT_OPTIONS=count_accesses=1"}, 60);
  EXPECT_GE(run.recording.header.accesses, 200u + 2u) << run.summary();
}

// ---- Recordings --------------------------------------------------------------------------------------------------

class RecordingOf : public testing::TestWithParam<const char*> {
 protected:
  std::string program() const { return programPath("race_stories", GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Compilers, RecordingOf, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(RecordingOf, ARaceHasBothStacks) {
  for (const char* story : {"plainRace", "millionAccessesLater", "raceAfterLongjmp", "raceDeepInRecursion"}) {
    rt::ProgramRun run = runProgram(program(), story);
    auto races = racesOf(run.recording);
    ASSERT_EQ(races.size(), 1u) << story << run.summary();
    std::string later = functionsOf(run.recording, program(), races[0].later.stack);
    std::string earlier = functionsOf(run.recording, program(), races[0].earlier.stack);
    EXPECT_EQ(later.find("writeSecond"), 0u) << story << "\n" << later;
    EXPECT_EQ(earlier.find("writeFirst"), 0u) << story << "\n" << earlier;
    EXPECT_NE(earlier.find("callsFirst"), std::string::npos) << story << "\n" << earlier;
    EXPECT_EQ(later.find("JumpOut"), std::string::npos) << "a frame that longjmp left\n" << later;
    EXPECT_EQ(races[0].head.proof, protocol::RaceProof::Observed);
    EXPECT_EQ(races[0].later.access.size, 4u);
    EXPECT_EQ(races[0].later.access.address, races[0].earlier.access.address);
  }
}

TEST_P(RecordingOf, ThreadsThatEndedKeepsThoseOfReports) {
  rt::ProgramRun run = runProgram(program(), "raceAfterManyThreads", {}, 60);
  auto races = racesOf(run.recording);
  ASSERT_EQ(races.size(), 1u) << run.summary();
  std::vector<Record> threads = run.recording.of(RecordType::Thread);
  EXPECT_LT(threads.size(), 22000u);
  for (std::uint32_t id : {races[0].later.access.thread, races[0].earlier.access.thread})
    EXPECT_EQ(std::count_if(threads.begin(), threads.end(),
                            [=](const Record& record) { return record.peek<protocol::ThreadRecord>().id == id; }),
              1);
}

TEST_P(RecordingOf, ARaceOnTheHeapNamesItsBlock) {
  rt::ProgramRun run = runProgram(program(), "usedAfterFree");
  auto races = racesOf(run.recording);
  ASSERT_EQ(races.size(), 1u);
  EXPECT_EQ(races[0].head.place.place, protocol::Place::Heap);
  EXPECT_EQ(races[0].head.place.hasStack, 1u);
  EXPECT_EQ(races[0].head.place.size, 64u);
  EXPECT_EQ(races[0].head.place.thread, 0u);
  EXPECT_EQ(races[0].earlier.access.flags, protocol::kAccessFree | protocol::kAccessWrite);
}

TEST_P(RecordingOf, AKilledProgramIsWhole) {
  rt::ProgramRun run = runProgram(program(), "killed");
  EXPECT_EQ(run.recording.header.state, protocol::RunState::Running);
  EXPECT_EQ(run.recording.count(RecordType::Race), 1u);
  EXPECT_GE(run.recording.count(RecordType::Module), 3u);
  EXPECT_EQ(run.recording.count(RecordType::Thread), 2u);
}

TEST_P(RecordingOf, ACrashedProgramIsWholeAndDiesOfItsOwnSignal) {
  rt::ProgramRun run = runProgram(program(), "crashed");
  EXPECT_EQ(run.exitCode, 128 + 11);
  EXPECT_EQ(run.recording.count(RecordType::Race), 1u);
}

TEST_P(RecordingOf, AProgramThatExitsSaysSo) {
  rt::ProgramRun run = runProgram(program(), "endsWithOwnCode");
  EXPECT_EQ(run.exitCode, 3) << "a code of its own goes before ours";
  EXPECT_EQ(run.recording.header.state, protocol::RunState::Exited);
  EXPECT_EQ(run.recording.header.exitCode, 3);
  EXPECT_EQ(runProgram(program(), "plainRace").exitCode, protocol::kExitWithReports);
  EXPECT_EQ(runProgram(program(), "plainRace", {"DEADHEAT_OPTIONS=exitcode=7"}).exitCode, 7);
  EXPECT_EQ(runProgram(program(), "plainRace", {"DEADHEAT_OPTIONS=exitcode=0"}).exitCode, 0);
  EXPECT_EQ(runProgram(program(), "joinOrders").exitCode, 0);
}

TEST_P(RecordingOf, AnUnknownOptionIsNamed) {
  rt::ProgramRun run = runProgram(program(), "joinOrders", {"DEADHEAT_OPTIONS=exitcode=0:speed=9"});
  EXPECT_EQ(run.exitCode, 64);
  EXPECT_NE(run.output.find("speed=9"), std::string::npos) << run.output;
}

TEST_P(RecordingOf, AccessesAreCountedOnRequest) {
  auto accesses = [this](const char* options) {
    return runProgram(program(), "lockOrders", {std::string("DEADHEAT_OPTIONS=") + options}).recording.header.accesses;
  };
  EXPECT_EQ(accesses("count_accesses=0"), 0u);
  EXPECT_GE(accesses("count_accesses=1"), 4000u);
}

TEST_P(RecordingOf, WithoutAFileTheEndOfTheProgramTells) {
  rt::ProgramRun run = runProgram(program(), "usedAfterFree", {"DEADHEAT_RECORDING="});
  EXPECT_EQ(run.exitCode, protocol::kExitWithReports);
  EXPECT_NE(run.output.find("use of freed memory"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("allocated by the main thread"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("deadheat run"), std::string::npos) << run.output;
  EXPECT_EQ(runProgram(program(), "joinOrders", {"DEADHEAT_RECORDING="}).output, "finished\n");
}

}  // namespace
}  // namespace deadheat::rt
