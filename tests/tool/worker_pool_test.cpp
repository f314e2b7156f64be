// Jobs that misbehave in every way, among others that do not.
#include "tool/workers/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>

#include "tests/support/temporary_folder.h"

namespace deadheat {
namespace {

/// Runs `count` jobs and returns what became of each.
std::map<std::size_t, JobOutcome> outcomes(std::size_t count, const JobLimits& limits, const Job& job) {
  std::map<std::size_t, JobOutcome> all;
  EXPECT_EQ(runJobs(count, limits, job,
                    [&](std::size_t i, JobOutcome outcome) { EXPECT_TRUE(all.emplace(i, std::move(outcome)).second); }),
            0);
  EXPECT_EQ(all.size(), count);
  return all;
}

/// All jobs but `odd` gave their own number.
void expectOthersDone(const std::map<std::size_t, JobOutcome>& all, std::size_t odd) {
  for (const auto& [i, outcome] : all) {
    if (i == odd) continue;
    EXPECT_EQ(outcome.failure, "") << i;
    EXPECT_EQ(outcome.output, std::to_string(i));
  }
}

volatile int sink = 0;

TEST(WorkerPool, DoesEveryJobOnceInAFewProcesses) {
  auto all = outcomes(200, {.workers = 3}, [](std::size_t i) { return std::to_string(i) + " " + std::to_string(getpid()); });
  std::map<std::string, int> workers;
  for (const auto& [i, outcome] : all) {
    EXPECT_TRUE(outcome.output.starts_with(std::to_string(i) + " "));
    ++workers[outcome.output.substr(outcome.output.find(' ') + 1)];
  }
  EXPECT_LE(workers.size(), 3U);
  EXPECT_FALSE(workers.contains(std::to_string(getpid())));
}

TEST(WorkerPool, CarriesOutputsLargerThanAnyPipe) {
  auto all = outcomes(3, {.workers = 2}, [](std::size_t i) { return std::string(5'000'000, static_cast<char>('a' + i)); });
  for (const auto& [i, outcome] : all) EXPECT_EQ(outcome.output, std::string(5'000'000, static_cast<char>('a' + i)));
}

TEST(WorkerPool, ACrashCostsNobodyElse) {
  auto all = outcomes(20, {.workers = 2}, [](std::size_t i) {
    if (i == 7) raise(SIGSEGV);
    return std::to_string(i);
  });
  expectOthersDone(all, 7);
  EXPECT_TRUE(all[7].failure.starts_with("crashed (Segmentation fault)")) << all[7].failure;
}

TEST(WorkerPool, SaysTheLastWordsOfAJob) {
  auto all = outcomes(1, {.workers = 1}, [](std::size_t) -> std::string {
    std::fputs("\n----\nassertion 'x' failed\nmore\n", stderr);
    std::abort();
  });
  EXPECT_EQ(all[0].failure, "crashed (Aborted): assertion 'x' failed");
}

TEST(WorkerPool, AJobThatExitsIsAFailureNotASuccess) {
  auto all = outcomes(2, {.workers = 1}, [](std::size_t i) -> std::string {
    if (i == 0) _exit(0);
    return std::to_string(i);
  });
  expectOthersDone(all, 0);
  EXPECT_EQ(all[0].failure, "ended with exit code 0");
}

TEST(WorkerPool, CutsOffWhatComputesTooLong) {
  auto all = outcomes(4, {.workers = 2, .seconds = 0.3}, [](std::size_t i) {
    while (i == 1) sink = sink + 1;
    return std::to_string(i);
  });
  expectOthersDone(all, 1);
  EXPECT_EQ(all[1].failure, "cut off: took more than 0.3 s of processor time");
}

TEST(WorkerPool, CutsOffWhatWaitsTooLong) {
  auto all = outcomes(4, {.workers = 2, .seconds = 0.1}, [](std::size_t i) {
    if (i == 1) pause();
    return std::to_string(i);
  });
  expectOthersDone(all, 1);
  EXPECT_EQ(all[1].failure, "cut off: not done after 1 s");
}

#if !defined(__has_feature) || !__has_feature(address_sanitizer)
TEST(WorkerPool, CutsOffWhatEatsTheMemory) {
  auto all = outcomes(4, {.workers = 2, .memoryBytes = 256 << 20}, [](std::size_t i) {
    std::string eaten;
    for (int k = 0; i == 2 && k < 64; ++k) eaten += std::string(16 << 20, 'x');
    return std::to_string(i);
  });
  expectOthersDone(all, 2);
  EXPECT_EQ(all[2].failure, "cut off: needed more than 256 MB of memory");
}
#endif

TEST(WorkerPool, GivesAJobThatFailedAfterOthersAnotherTryOfItsOwn) {
  TemporaryFolder folder;
  const std::string mark = (folder.path() / "tried").string();
  auto all = outcomes(5, {.workers = 1}, [&](std::size_t i) {
    if (i == 3 && !std::ifstream(mark)) {
      std::ofstream(mark) << "once";
      std::abort();
    }
    return std::to_string(i);
  });
  expectOthersDone(all, 5);
}

TEST(WorkerPool, EndsAllWorkersWhenTheUserInterrupts) {
  const pid_t child = fork();
  if (child == 0) {
    const pid_t self = getpid();
    const int signal = runJobs(
        4, {.workers = 2},
        [&](std::size_t) {
          kill(self, SIGINT);
          pause();
          return std::string();
        },
        [](std::size_t, JobOutcome) {});
    const bool noChildren = waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
    _exit(signal == SIGINT && noChildren ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(WorkerPool, WorkersEndWithTheirCaller) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    runJobs(
        2, {.workers = 2},
        [&](std::size_t) {
          kill(getppid(), SIGKILL);
          pause();
          return std::string();
        },
        [](std::size_t, JobOutcome) {});
    _exit(0);
  }
  close(ends[1]);
  waitpid(child, nullptr, 0);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "the pipe is closed when nobody holds it";
  close(ends[0]);
}

}  // namespace
}  // namespace deadheat
