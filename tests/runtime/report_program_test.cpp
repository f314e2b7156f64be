// What a program without `deadheat run` prints, and how its user steers that; descriptors, handlers of signals and the
// rest of libc that races and is misused like memory and locks.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/runtime/program.h"
#include "tests/support/temporary_folder.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;
using protocol::Place;
using protocol::RecordType;

class Family : public testing::TestWithParam<const char*> {
 protected:
  /// A run that prints.
  ProgramRun printed(const char* program, const char* story, std::vector<std::string> variables = {}) {
    variables.push_back("DEADHEAT_RECORDING=");
    return runProgram(programPath(program, GetParam()), story, variables);
  }
  ProgramRun recorded(const char* program, const char* story) { return runProgram(programPath(program, GetParam()), story); }
};

bool has(const ProgramRun& run, const std::string& text) { return run.output.find(text) != std::string::npos; }

std::size_t findings(const ProgramRun& run) {
  std::size_t count = 0;
  for (RecordType type : {RecordType::Race, RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse})
    count += run.recording.count(type);
  return count;
}

Place placeOfOnlyRace(const ProgramRun& run) {
  auto races = run.recording.of(RecordType::Race);
  EXPECT_EQ(races.size(), 1u) << run.summary();
  return races.empty() ? Place::Unknown : races[0].peek<protocol::RaceRecord>().place.place;
}

std::vector<MisuseKind> misusesOf(const ProgramRun& run) {
  std::vector<MisuseKind> kinds;
  for (const Record& record : run.recording.of(RecordType::Misuse))
    kinds.push_back(record.peek<protocol::MisuseRecord>().kind);
  return kinds;
}

#define DEADHEAT_FAMILIES(suite)                                              \
  INSTANTIATE_TEST_SUITE_P(Compilers, suite, testing::Values("clang", "gcc"), \
                           [](const auto& info) { return std::string(info.param); })

// ---- Text ------------------------------------------------------------------------------------------------------------

class Report : public Family {};
DEADHEAT_FAMILIES(Report);

TEST_P(Report, IsPrintedWhenItIsFound) {
  ProgramRun run = printed("report_stories", "race");
  EXPECT_EQ(run.exitCode, protocol::kExitWithReports);
  EXPECT_LT(run.output.find("deadheat: data race"), run.output.find("finished")) << run.output;
  EXPECT_TRUE(has(run, "in global 'racyCounter' of 4 bytes")) << run.output;
  EXPECT_TRUE(has(run, "only a sleep comes between them")) << run.output;
  EXPECT_FALSE(has(run, "__tsan_") || has(run, "__deadheat_")) << "a hook is no call of the program\n" << run.output;
  EXPECT_TRUE(has(run, "deadheat: 1 report;")) << run.output;
}

TEST_P(Report, NamesTheLocksOfBothAccessesAndTheThread) {
  ProgramRun run = printed("report_stories", "raceUnderLocks");
  EXPECT_TRUE(has(run, "by thread 1 'careful', holding lock 0, lock 1\n")) << run.output;
  EXPECT_TRUE(has(run, "  lock 1 at 0x")) << run.output;
  EXPECT_TRUE(has(run, "    #0 pthread_mutex_lock\n")) << run.output;
}

TEST_P(Report, NamesWhatTheOperationCalls) {
  EXPECT_TRUE(has(printed("descriptor_stories", "closedWhileRead"), "    #0 close\n"));
  EXPECT_TRUE(has(printed("report_stories", "handsOverFreshMemory"), "    #0 malloc\n"));
}

TEST_P(Report, TellsHowCodeAtTheEndCameToBeCalled) {
  ProgramRun run = printed("report_stories", "raceAtExit");
  EXPECT_TRUE(has(run, "destroyedAtExit")) << run.output;
  EXPECT_LT(run.output.find("destroyedAtExit"), run.output.find("raceAtExit")) << run.output;
}

TEST_P(Report, IsHandedToTheProgram) {
  EXPECT_TRUE(has(printed("report_stories", "race"), "told of data-race with 2 accesses"));
  EXPECT_TRUE(has(printed("report_stories", "leaksThreads"), "told of thread-leak with 0 accesses"));
}

TEST_P(Report, PlacesCanBeAskedFor) {
  EXPECT_TRUE(has(printed("report_stories", "locate"), "global of 4\nstack of 0\nheap of 20\n"));
}

// ---- Options and suppressions ----------------------------------------------------------------------------------------

class Options : public Family {
 protected:
  int exitCode(const char* options) { return printed("report_stories", "race", {options}).exitCode; }
};
DEADHEAT_FAMILIES(Options);

TEST_P(Options, SetTheExitCode) {
  EXPECT_EQ(exitCode("DEADHEAT_OPTIONS=exitcode=7"), 7);
  EXPECT_EQ(exitCode("DEADHEAT_OPTIONS=exitcode=0"), 0);
}

TEST_P(Options, OfThreadSanitizerAreUnderstood) {
  EXPECT_EQ(exitCode("TSAN_OPTIONS=exitcode=7:history_size=3"), 7);
  EXPECT_EQ(exitCode("TSAN_OPTIONS=report_bugs=0"), 0);
}

TEST_P(Options, ThatDoNotExistAreNamed) {
  for (const char* wrong : {"DEADHEAT_OPTIONS=exitcod=7", "DEADHEAT_OPTIONS=exitcode=high", "TSAN_OPTIONS=exitcod=7"}) {
    ProgramRun run = printed("report_stories", "race", {wrong});
    EXPECT_EQ(run.exitCode, 64);
    EXPECT_TRUE(has(run, std::string(wrong).substr(std::string(wrong).find('=') + 1))) << run.output;
    EXPECT_FALSE(has(run, "finished"));
  }
}

TEST_P(Options, EndTheProgramWithTheFirstReport) {
  ProgramRun run = printed("report_stories", "race", {"DEADHEAT_OPTIONS=halt_on_error=1"});
  EXPECT_EQ(run.exitCode, protocol::kExitWithReports);
  EXPECT_TRUE(has(run, "data race"));
  EXPECT_FALSE(has(run, "finished")) << run.output;
}

TEST_P(Options, SendReportsToAFile) {
  TemporaryFolder folder;
  std::string path = (folder.path() / "log").string();
  ProgramRun run = printed("report_stories", "race", {"DEADHEAT_OPTIONS=log_path=" + path});
  EXPECT_FALSE(has(run, "data race")) << run.output;
  std::string text;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) text += readFile(file.path().string());
  EXPECT_NE(text.find("deadheat: data race"), std::string::npos) << text;
}

TEST_P(Options, SuppressByFunctionVariableAndModule) {
  TemporaryFolder folder;
  auto run = [&](const std::string& lines) {
    std::string path = folder.write("quiet", lines);
    return printed("report_stories", "race", {"DEADHEAT_OPTIONS=print_suppressions=1:suppressions='" + path + "'"});
  };
  for (const char* match : {"race:bumpFirst", "race:^bumpSecond$", "race:racyCounter", "race:report_stories",
                            "race_top:bump*ond", "# a comment\n\nrace:bump"}) {
    ProgramRun quiet = run(match);
    EXPECT_EQ(quiet.exitCode, 0) << match << "\n" << quiet.output;
    EXPECT_TRUE(has(quiet, "suppressions used: 1")) << quiet.output;
  }
  for (const char* other : {"race:^bump$", "thread:bumpFirst", "race_top:main", "race:nowhere"})
    EXPECT_EQ(run(other).exitCode, protocol::kExitWithReports) << other;
  ProgramRun wrong = run("rase:bumpFirst");
  EXPECT_EQ(wrong.exitCode, 64);
  EXPECT_TRUE(has(wrong, "rase:bumpFirst")) << wrong.output;
  EXPECT_EQ(exitCode("DEADHEAT_OPTIONS=suppressions=/nowhere/at/all"), 64);
}

// ---- Descriptors -----------------------------------------------------------------------------------------------------

class Descriptors : public Family {};
DEADHEAT_FAMILIES(Descriptors);

TEST_P(Descriptors, ClosedInUseAreARace) {
  Place place = placeOfOnlyRace(recorded("descriptor_stories", "closedWhileRead"));
  EXPECT_TRUE(place == Place::OpenedFile || place == Place::ClosedFile);
}

TEST_P(Descriptors, FillMemory) {
  EXPECT_EQ(placeOfOnlyRace(recorded("descriptor_stories", "readIntoSharedBuffer")), Place::Unknown);
}

TEST_P(Descriptors, OrderNothingByTheirEndAlone) {
  placeOfOnlyRace(recorded("descriptor_stories", "tableByNumberNotInUse"));
}

TEST_P(Descriptors, OrderThoseWhoPassThingsThrough) {
  for (const char* story : {"closedAfterJoin", "pipeOrders", "socketsOrder", "epollOrders", "switchedOver",
                            "numbersAreReused", "tableByNumberInUse"}) {
    ProgramRun run = recorded("descriptor_stories", story);
    EXPECT_EQ(findings(run), 0u) << story << " " << run.summary();
    EXPECT_EQ(run.exitCode, 0) << story << " " << run.output;
  }
}

// ---- Handlers of signals ---------------------------------------------------------------------------------------------

class Handlers : public Family {};
DEADHEAT_FAMILIES(Handlers);

TEST_P(Handlers, MustNotAllocateNorSpoilErrno) {
  EXPECT_EQ(misusesOf(recorded("signal_stories", "allocates")), std::vector<MisuseKind>{MisuseKind::UnsafeInHandler});
  EXPECT_EQ(misusesOf(recorded("signal_stories", "spoilsErrno")), std::vector<MisuseKind>{MisuseKind::ErrnoChanged});
}

TEST_P(Handlers, ThatBehaveAreSilent) {
  for (const char* story : {"keepsErrno", "installingOrders", "timerWakes", "jumpsOut", "handlerReadsBack"}) {
    ProgramRun run = recorded("signal_stories", story);
    EXPECT_EQ(findings(run), 0u) << story << " " << run.summary();
    EXPECT_EQ(run.exitCode, 0) << story << " " << run.output;
  }
}

// ---- Threads, memory and objects of libc -----------------------------------------------------------------------------

class Lifetimes : public Family {};
DEADHEAT_FAMILIES(Lifetimes);

TEST_P(Lifetimes, ThreadsAreJoinedOrDetached) {
  ProgramRun leaks = recorded("report_stories", "leaksThreads");
  ASSERT_EQ(misusesOf(leaks), std::vector<MisuseKind>{MisuseKind::ThreadLeaked}) << leaks.summary();
  EXPECT_EQ(leaks.recording.of(RecordType::Misuse)[0].peek<protocol::MisuseRecord>().detail, 2u);
  EXPECT_EQ(findings(recorded("report_stories", "detachesThreads")), 0u);
}

TEST_P(Lifetimes, RequestsToIgnoreEndWithTheThread) {
  EXPECT_EQ(misusesOf(recorded("report_stories", "endsIgnoring")), std::vector<MisuseKind>{MisuseKind::EndedIgnoring});
}

TEST_P(Lifetimes, DestroyedLocksAreNotLocked) {
  EXPECT_EQ(misusesOf(recorded("report_stories", "locksDestroyed")),
            std::vector<MisuseKind>{MisuseKind::UseAfterDestroy});
}

TEST_P(Lifetimes, FreedMemoryIsNobodysHoweverOrdered) {
  ProgramRun run = printed("report_stories", "usedAfterOrderedFree");
  EXPECT_TRUE(has(run, "deadheat: use of freed memory")) << run.output;
}

TEST_P(Lifetimes, FreshMemoryIsHandedOverInOrder) {
  EXPECT_EQ(placeOfOnlyRace(recorded("report_stories", "handsOverFreshMemory")), Place::Heap);
  EXPECT_EQ(findings(recorded("report_stories", "handsOverFreshMemoryInOrder")), 0u);
}

TEST_P(Lifetimes, ConditionsOutliveTheirSignals) {
  EXPECT_EQ(placeOfOnlyRace(recorded("report_stories", "conditionEndsInUse")), Place::Heap);
}

TEST_P(Lifetimes, ChildrenMadeByOtherMeansRun) {
  ProgramRun run = recorded("report_stories", "clones");
  EXPECT_EQ(run.exitCode, 0) << run.output;
  EXPECT_EQ(findings(run), 0u) << run.summary();
}

}  // namespace
}  // namespace deadheat::rt
