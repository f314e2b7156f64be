#include "tool/run/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "tests/support/temporary_folder.h"
#include "tool/run/launch.h"

namespace deadheat {
namespace {

using std::chrono::milliseconds;

ProcessRequest shell(const std::string& script) {
  ProcessRequest request;
  request.program = "/bin/sh";
  request.arguments = {"sh", "-c", script};
  return request;
}

ProcessOutcome outcomeOf(const ProcessRequest& request) {
  auto outcome = runProcess(request);
  if (outcome) return *outcome;
  ADD_FAILURE() << llvm::toString(outcome.takeError());
  return {};
}

TEST(Process, PassesOnTheExitCode) { EXPECT_EQ(outcomeOf(shell("exit 7")).exitCode, 7); }

TEST(Process, TellsTheSignalThatEndedIt) {
  const ProcessOutcome outcome = outcomeOf(shell("kill -SEGV $$"));
  EXPECT_EQ(outcome.signal, SIGSEGV);
  EXPECT_FALSE(outcome.timedOut);
  EXPECT_EQ(describe(outcome), "killed by SIGSEGV (segmentation fault)");
}

TEST(Process, StopsAtTheTimeLimit) {
  ProcessRequest request = shell("sleep 30");
  request.timeLimit = milliseconds(100);
  const ProcessOutcome outcome = outcomeOf(request);
  EXPECT_TRUE(outcome.timedOut);
  EXPECT_LT(outcome.elapsed, milliseconds(10'000));
}

TEST(Process, KillsWhatIgnoresTheFirstSignal) {
  ProcessRequest request = shell("trap '' TERM; while :; do sleep 0.05; done");
  request.timeLimit = milliseconds(100);
  request.grace = milliseconds(100);
  const ProcessOutcome outcome = outcomeOf(request);
  EXPECT_TRUE(outcome.timedOut);
  EXPECT_EQ(outcome.signal, SIGKILL);
}

TEST(Process, EndsTheWholeGroup) {
  TemporaryFolder folder;
  const std::string file = (folder.path() / "grandchild").string();
  outcomeOf(shell("(sleep 60 & echo $! >'" + file + "')"));
  const std::string grandchild = std::to_string(std::stoi(readFile(file)));
  const auto asleep = [&] { return readFile("/proc/" + grandchild + "/cmdline").starts_with("sleep"); };
  for (int i = 0; i < 200 && asleep(); ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_FALSE(asleep());
}

TEST(Process, AddsReplacesAndRemovesEnvironment) {
  setenv("DEADHEAT_TEST_OLD", "old", 1);
  setenv("DEADHEAT_TEST_GONE", "gone", 1);
  ProcessRequest request = shell("test \"$DEADHEAT_TEST_OLD$DEADHEAT_TEST_NEW${DEADHEAT_TEST_GONE-none}\" = xynone");
  request.environment = {{"DEADHEAT_TEST_OLD", "x"}, {"DEADHEAT_TEST_NEW", "y"}, {"DEADHEAT_TEST_GONE", ""}};
  EXPECT_EQ(outcomeOf(request).exitCode, 0);
}

TEST(Process, SaysWhatCannotBeStarted) {
  ProcessRequest request;
  request.program = "/nowhere/program";
  request.arguments = {"program"};
  auto outcome = runProcess(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(llvm::toString(outcome.takeError()), "cannot start '/nowhere/program': No such file or directory");
}

TEST(ProcessPool, RunsEveryJobAndNoMoreThanItsWidthAtATime) {
  TemporaryFolder folder;
  const std::string lock = (folder.path() / "slot").string();
  std::size_t given = 0;
  std::vector<int> codes(6, -1);
  // Two slots as directories: a job that finds both taken has seen a third at work.
  const std::string script = "mkdir '" + lock + "1' 2>/dev/null && { sleep 0.05; rmdir '" + lock +
                             "1'; exit 0; }; mkdir '" + lock + "2' 2>/dev/null && { sleep 0.05; rmdir '" + lock +
                             "2'; exit 0; }; exit 1";
  runPool(
      2, [&]() -> std::optional<PoolJob> {
        if (given == codes.size()) return std::nullopt;
        return PoolJob{given++, shell(script)};
      },
      [&](std::size_t id, llvm::Expected<ProcessOutcome> outcome) {
        ASSERT_TRUE(static_cast<bool>(outcome));
        codes[id] = outcome->exitCode;
      });
  EXPECT_EQ(codes, std::vector<int>(6, 0));
}

TEST(ProcessPool, LetsAResultEndTheWork) {
  bool found = false;
  std::size_t given = 0;
  runPool(
      1, [&]() -> std::optional<PoolJob> { return found ? std::nullopt : std::optional(PoolJob{given++, shell(":")}); },
      [&](std::size_t id, llvm::Expected<ProcessOutcome> outcome) {
        llvm::consumeError(outcome.takeError());
        found = id == 2;
      });
  EXPECT_EQ(given, 3u);
}

TEST(ProcessPool, ReportsAJobThatCannotStart) {
  int failures = 0;
  bool given = false;
  runPool(
      2, [&]() -> std::optional<PoolJob> {
        if (given) return std::nullopt;
        given = true;
        PoolJob job;
        job.request.program = "/nowhere";
        return job;
      },
      [&](std::size_t, llvm::Expected<ProcessOutcome> outcome) { failures += llvm::errorToBool(outcome.takeError()); });
  EXPECT_EQ(failures, 1);
}

TEST(Target, IsRefusedInOneLineUnlessItCanBeRunAndRecorded) {
  auto messageFor = [](std::vector<std::string> command) {
    auto target = openTarget(command);
    return target ? std::string() : llvm::toString(target.takeError());
  };
  TemporaryFolder folder;
  const std::string text = folder.write("notes.txt", "hello");
  EXPECT_EQ(messageFor({}), "no program to run: name it after '--'");
  EXPECT_EQ(messageFor({"no-such-program-anywhere"}), "no program 'no-such-program-anywhere' in PATH");
  EXPECT_EQ(messageFor({text}), "'" + text + "' is not executable");
  EXPECT_EQ(messageFor({folder.path().string()}), "'" + folder.path().string() + "' is a directory, not a program");
  const std::string copy = (folder.path() / "ls").string();
  std::filesystem::copy_file("/bin/ls", copy);
  EXPECT_EQ(messageFor({copy}),
            "'" + copy + "' is not instrumented; build it with 'deadheat cc' or 'deadheat c++' as the compiler");
  EXPECT_EQ(messageFor({"sh", "-c", "./tests"}), "") << "what it starts may be instrumented";
}

}  // namespace
}  // namespace deadheat
