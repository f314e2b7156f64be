// Explore and replay end to end, on programs built by the compiler wrapper with both compilers.
#include "tool/explore/explore.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "tests/confirm/compiled.h"
#include "tool/explore/exploration_file.h"
#include "tool/explore/replay.h"
#include "tool/explore/schedule_runner.h"
#include "tool/explore/stored_schedule.h"
#include "tool/explore/verify_fix.h"

namespace deadheat {
namespace {

constexpr char kLostUpdate[] = R"(#include <atomic>
#include <cassert>
#include <thread>
std::atomic<int> hits;
void hit() { hits.store(hits.load() + 1); }
int main() {
  std::thread t(hit);
  hit();
  t.join();
  assert(hits.load() == 2);
}
)";

constexpr char kOppositeOrders[] = R"(#include <mutex>
#include <thread>
std::mutex first, second;
int main() {
  std::thread t([] {
    std::lock_guard<std::mutex> a(first);
    std::lock_guard<std::mutex> b(second);
  });
  {
    std::lock_guard<std::mutex> b(second);
    std::lock_guard<std::mutex> a(first);
  }
  t.join();
}
)";

constexpr char kFine[] = R"(#include <condition_variable>
#include <mutex>
#include <thread>
std::mutex m;
std::condition_variable ready;
int value;
int main() {
  std::thread t([] {
    std::lock_guard<std::mutex> lock(m);
    value = 1;
    ready.notify_one();
  });
  std::unique_lock<std::mutex> lock(m);
  ready.wait(lock, [] { return value == 1; });
  lock.unlock();
  t.join();
}
)";

/// Eleven threads must stand between two stores of one of them: hardly ever by a random walk.
constexpr char kReordered[] = R"(#include <atomic>
#include <cassert>
#include <thread>
#include <vector>
std::atomic<int> a, b;
int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([] { a.store(1); b.store(-1); });
  threads.emplace_back([] {
    int seenA = a.load(), seenB = b.load();
    assert((seenA == 0 && seenB == 0) || (seenA == 1 && seenB == -1) || seenA == 0);
  });
  for (std::thread& t : threads) t.join();
}
)";

class Explored : public testing::TestWithParam<const char*> {
 protected:
  std::string build(const char* text, const char* name, const char* level = "-O1") {
    const std::string wrapper = std::string("DEADHEAT_CXX=") + GetParam() + " " DEADHEAT_BINARY_DIR "/bin/deadheat c++";
    return compileIn(folder_, name, text, wrapper, std::string("-std=c++17 ") + level);
  }
  static ExploreResult mustExplore(const ExploreOptions& options) {
    auto result = explore(options);
    EXPECT_TRUE(static_cast<bool>(result)) << llvm::toString(result.takeError());
    return std::move(*result);
  }
  ExploreResult run(const std::string& program, std::size_t runs, const std::string& strategy = "portfolio") {
    ExploreOptions options;
    options.command = {program};
    options.runs = runs;
    options.strategy = strategy;
    options.outputDirectory = (folder_.path() / "out").string();
    return mustExplore(options);
  }
  static const ExploredFailure* find(const ExploreResult& result, const std::string& check, Verdict::Kind kind) {
    for (const ExploredFailure& failure : result.failures)
      if (failure.finding.check == check && failure.finding.verdict.kind == kind) return &failure;
    return nullptr;
  }
  ReplayResult replayTen(const ExploredFailure& failure) {
    ReplayOptions options;
    options.file = failure.finding.verdict.recording;
    options.times = 10;
    auto result = replay(options);
    EXPECT_TRUE(static_cast<bool>(result)) << llvm::toString(result.takeError());
    return std::move(*result);
  }
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Compilers, Explored, testing::Values("clang++-19", "g++"),
                         [](const auto& info) { return std::string(info.param[0] == 'c' ? "clang" : "gcc"); });

TEST_P(Explored, FindsShortensAndReplaysAnAssertion) {
  ExploreResult result = run(build(kLostUpdate, "lost.cpp"), 60);
  const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_NE(failure->finding.message.find("hits.load() == 2"), std::string::npos);
  EXPECT_LE(failure->deviationsLeft, 2u);
  EXPECT_EQ(failure->story.size(), failure->deviationsLeft);
  ReplayResult again = replayTen(*failure);
  EXPECT_EQ(again.reproduced, 10u) << (again.notes.empty() ? "" : again.notes[0]);
}

TEST_P(Explored, ADeadlockTakesThePlaceOfTheCycleThatForetoldIt) {
  ExploreResult result = run(build(kOppositeOrders, "orders.cpp"), 60);
  const ExploredFailure* failure = find(result, "lock-order", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(find(result, "lock-order", Verdict::Kind::Predicted), nullptr);
  EXPECT_EQ(replayTen(*failure).reproduced, 10u);
}

/// Main has long ended its part when the thread comes to its own, and the lock in between orders the two; but nothing that
/// the thread sees there.
constexpr char kHiddenByALock[] = R"(#include <mutex>
#include <thread>
std::mutex m;
int shared, turns[2];
void turn(int own) {
  std::lock_guard<std::mutex> lock(m);
  ++turns[own];
}
int main() {
  std::thread t([] {
    for (int i = 0; i < 50; ++i) turn(1);
    shared = 2;
  });
  shared = 1;
  for (int i = 0; i < 50; ++i) turn(0);
  t.join();
}
)";

TEST_P(Explored, WhatTheFirstRunPredictsTheSecondForces) {
  ExploreResult race = run(build(kHiddenByALock, "hidden.cpp"), 2);
  const ExploredFailure* shown = find(race, "data-race", Verdict::Kind::Confirmed);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->strategy, "race");
  EXPECT_EQ(shown->finding.verdict.proof, Verdict::Proof::Caught);
  EXPECT_EQ(find(race, "data-race", Verdict::Kind::Predicted), nullptr);
  EXPECT_EQ(replayTen(*shown).reproduced, 10u);
  ExploreResult deadlock = run(build(kOppositeOrders, "orders.cpp"), 2);
  shown = find(deadlock, "lock-order", Verdict::Kind::Confirmed);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->strategy, "deadlock");
}

/// What orders the two writes is kept where nobody looks: in the C library.
constexpr char kOrderedOutOfSight[] = R"(#include <cstdlib>
#include <mutex>
#include <thread>
std::mutex m;
int shared;
int main() {
  std::thread t([] {
    m.lock();
    const bool written = std::getenv("WRITTEN") != nullptr;
    m.unlock();
    if (written) shared = 2;
  });
  shared = 1;
  m.lock();
  setenv("WRITTEN", "1", 1);
  m.unlock();
  t.join();
}
)";

TEST_P(Explored, WhatIsPredictedAndCannotBeForcedIsKeptApart) {
  ExploreResult result = run(build(kOrderedOutOfSight, "out_of_sight.cpp"), 40);
  EXPECT_EQ(find(result, "data-race", Verdict::Kind::Confirmed), nullptr);
  const ExploredFailure* predicted = find(result, "data-race", Verdict::Kind::Predicted);
  ASSERT_NE(predicted, nullptr);
  EXPECT_TRUE(predicted->finding.verdict.recording.empty());
  EXPECT_NE(predicted->finding.verdict.reason.find("runs directed at it did not show it"), std::string::npos);
  EXPECT_EQ(predicted->finding.confidence, Confidence::Medium);
}

TEST_P(Explored, WhatIsPredictedIsHeldAgainstTheSuppressions) {
  const auto predicted = [&](const std::string& suppression, const char* name) {
    const std::string text = std::string(kOrderedOutOfSight) +
                             "extern \"C\" const char* __tsan_default_suppressions() { return \"" + suppression + "\"; }\n";
    ExploreResult result = run(build(text.c_str(), name), 40);
    return find(result, "data-race", Verdict::Kind::Predicted) != nullptr;
  };
  EXPECT_FALSE(predicted("race:^shared$", "by_variable.cpp"));
  EXPECT_FALSE(predicted("race_top:^main", "by_top.cpp"));
  EXPECT_TRUE(predicted("race:elsewhere\\nrace:^hared\\ndeadlock:main", "by_none.cpp"));
}

TEST_P(Explored, AReplayStopsAtTheFirstStepThatIsAnother) {
  ExploreResult result = run(build(kLostUpdate, "lost.cpp"), 60);
  const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  const std::string file = failure->finding.verdict.recording;
  auto stored = readStoredSchedule(file);
  ASSERT_TRUE(static_cast<bool>(stored)) << llvm::toString(stored.takeError());
  ASSERT_GT(stored->trail.steps.size(), 4u);
  stored->trail.steps[3].hash ^= 1;
  ASSERT_FALSE(llvm::errorToBool(writeStoredSchedule(*stored, file)));
  const ReplayResult again = replayTen(*failure);
  EXPECT_EQ(again.reproduced, 0u);
  ASSERT_EQ(again.notes.size(), 1u);
  EXPECT_NE(again.notes[0].find("diverged at step 4: expected "), std::string::npos) << again.notes[0];
  EXPECT_TRUE(again.findings.empty()) << "it ran on to the assertion";
}

/// Without optimisation the operations lie in functions of the library's headers.
TEST_P(Explored, WhatItFoundIsVerifiedInANewBuild) {
  const std::string text = kLostUpdate;
  for (const char* level : {"-O1", "-O0"}) {
    ExploreResult result = run(build(text.c_str(), "lost.cpp", level), 60);
    const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
    ASSERT_NE(failure, nullptr) << level;
    VerifyOptions options;
    options.file = failure->finding.verdict.recording;
    options.explored = 0;
    options.command = {build(("// A line more.\n" + text).c_str(), "lost.cpp", level)};
    auto moved = verifyFix(options);
    ASSERT_TRUE(static_cast<bool>(moved)) << llvm::toString(moved.takeError());
    EXPECT_TRUE(moved->couldApply()) << level;
    EXPECT_TRUE(moved->oldFails) << level;
  }
}

TEST_P(Explored, ARunWhosePlanIsRefusedIsAnErrorThatSaysWhy) {
  for (const bool forks : {true, false}) {
    auto target = openTarget({build(kFine, "fine.cpp")});
    ASSERT_TRUE(static_cast<bool>(target)) << llvm::toString(target.takeError());
    auto runner = ScheduleRunner::create(std::move(*target), std::chrono::seconds(10), "", {false, forks});
    ASSERT_TRUE(static_cast<bool>(runner)) << llvm::toString(runner.takeError());
    Plan plan;
    plan.mode = protocol::PlanMode::Control;
    plan.schedule.emplace();
    plan.ranges = {{7, 0, {0, 1}}};
    auto run = runner->runOne(plan);
    ASSERT_FALSE(static_cast<bool>(run));
    EXPECT_NE(llvm::toString(run.takeError()).find("names a module or site it does not have"), std::string::npos);
  }
}

/// The lock lies in memory that something else was written to; whoever locks it waits for ever.
constexpr char kOverwrittenLock[] = R"(#include <cstring>
#include <mutex>
#include <thread>
std::mutex lock;
int main() {
  std::thread t([] {
    const int other = 7;
    std::memcpy(static_cast<void*>(&lock), &other, sizeof(other));
    lock.lock();
  });
  t.join();
}
)";

TEST_P(Explored, WhoLocksWhatIsNoLockAnyMoreIsDeadlocked) {
  ExploreResult result = run(build(kOverwrittenLock, "overwritten.cpp"), 3);
  EXPECT_EQ(find(result, "hang", Verdict::Kind::Confirmed), nullptr);
  const ExploredFailure* failure = find(result, "deadlock", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(replayTen(*failure).reproduced, 10u);
}

TEST_P(Explored, SaysWhenAllInterleavingsAreDone) {
  ExploreResult fine = run(build(kFine, "fine.cpp"), 5000, "dfs");
  EXPECT_TRUE(fine.failures.empty());
  EXPECT_EQ(fine.coverage, "all interleavings done: " + std::to_string(fine.runs));
  ExploreResult lost = run(build(kLostUpdate, "lost.cpp"), 5000, "dfs");
  const ExploredFailure* failure = find(lost, "assertion", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(replayTen(*failure).reproduced, 10u);
}

TEST_P(Explored, SaysWhichInterleavingsAreDoneWhenRunsAreFew) {
  EXPECT_EQ(run(build(kFine, "fine.cpp"), 1, "dfs").coverage,
            "all interleavings with at most 0 preemptions done, those with at most 2 not: 1 so far");
}

/// Right but for a wake-up that nobody asked for.
constexpr char kTrustsWakeUps[] = R"(#include <cassert>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
std::mutex m;
std::condition_variable ready;
bool there;
int main() {
  std::thread t([] {
    std::lock_guard<std::mutex> lock(m);
    there = true;
    ready.notify_one();
  });
  {
    std::unique_lock<std::mutex> lock(m);
    if (!there) ready.wait(lock);
    assert(there);
  }
  t.join();
  std::puts("done");
}
)";

TEST_P(Explored, WakesWhoWaitsForNoReasonOnRequestOnly) {
  ExploreOptions options;
  options.command = {build(kTrustsWakeUps, "trusts.cpp")};
  options.outputDirectory = (folder_.path() / "out").string();
  for (const char* strategy : {"portfolio", "dfs"}) {
    options.strategy = strategy;
    options.runs = 300;
    options.spurious = 0;
    EXPECT_TRUE(mustExplore(options).failures.empty()) << strategy;
    options.spurious = 1;
    ExploreResult result = mustExplore(options);
    const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
    ASSERT_NE(failure, nullptr) << strategy;
    EXPECT_EQ(replayTen(*failure).reproduced, 10u);
  }
}

TEST_P(Explored, ComparesWhatIsPrinted) {
  ExploreOptions options;
  options.command = {build(kTrustsWakeUps, "trusts.cpp")};
  options.outputDirectory = (folder_.path() / "out").string();
  options.runs = 20;
  options.expectedOutput = folder_.write("good", "done\n");
  EXPECT_TRUE(mustExplore(options).failures.empty());
  options.expectedOutput = folder_.write("bad", "gone\n");
  ExploreResult result = mustExplore(options);
  const ExploredFailure* failure = find(result, "wrong-output", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_NE(failure->finding.message.find("line 1 is 'done', expected 'gone'"), std::string::npos);
  EXPECT_EQ(replayTen(*failure).reproduced, 10u);
}

TEST_P(Explored, ShardsTogetherMakeTheRunsOfOne) {
  ExploreOptions options;
  options.command = {build(kLostUpdate, "lost.cpp")};
  options.outputDirectory = (folder_.path() / "out").string();
  options.shortens = false;
  options.runs = 94;
  options.shard.count = 3;
  std::vector<ExplorationFile> parts;
  for (options.shard.index = 0; options.shard.index < 3; ++options.shard.index) {
    mustExplore(options);
    auto part = readExploration(explorationPath(options.outputDirectory, options.shard));
    ASSERT_TRUE(static_cast<bool>(part)) << llvm::toString(part.takeError());
    EXPECT_EQ(part->result.runs, 34u);  // The first four are everybody's.
    parts.push_back(std::move(*part));
  }
  auto merged = mergeExplorations(parts);
  std::reverse(parts.begin(), parts.end());
  auto reversed = mergeExplorations(parts);
  ASSERT_TRUE(merged && reversed);
  ASSERT_EQ(merged->result.failures.size(), reversed->result.failures.size());
  ASSERT_NE(find(merged->result, "assertion", Verdict::Kind::Confirmed), nullptr);
  for (std::size_t i = 0; i < merged->result.failures.size(); ++i)
    EXPECT_EQ(merged->result.failures[i].finding, reversed->result.failures[i].finding);
  EXPECT_EQ(merged->result.runs, 102u);
}

TEST_P(Explored, GoesOnWhereItEnded) {
  ExploreOptions options;
  options.command = {build(kFine, "fine.cpp")};
  options.outputDirectory = (folder_.path() / "out").string();
  options.runs = 30;
  EXPECT_EQ(mustExplore(options).runs, 30u);
  options.resumes = true;
  options.runs = 50;
  EXPECT_EQ(mustExplore(options).runs, 50u);
  options.seed = 2;
  auto refused = explore(options);
  EXPECT_FALSE(static_cast<bool>(refused));
  llvm::consumeError(refused.takeError());
}

constexpr char kSpinsForEver[] = R"(#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
std::atomic<bool> never;
std::mutex m;
std::condition_variable c;
int main(int count, char**) {
  std::thread t([] {
    std::unique_lock<std::mutex> lock(m);
    c.wait(lock, [] { return never.load(); });
  });
  if (count > 1) t.detach();
  while (!never.load()) {
  }
}
)";

TEST_P(Explored, WhoSpinsForEverIsALivelockNotAHang) {
  ExploreOptions options;
  options.command = {build(kSpinsForEver, "spins.cpp")};
  options.outputDirectory = (folder_.path() / "out").string();
  options.runs = 3;
  ExploreResult result = mustExplore(options);
  const ExploredFailure* failure = find(result, "livelock", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(find(result, "hang", Verdict::Kind::Confirmed), nullptr);
  ASSERT_FALSE(failure->finding.witness.empty());
  EXPECT_NE(failure->finding.message.find("main"), std::string::npos);
}

/// Each of them makes a step, then all wait for the rest.
constexpr char kMakesManyThreads[] = R"(#include <atomic>
#include <cassert>
#include <thread>
#include <vector>
std::atomic<int> a, b;
int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 60; ++i)
    threads.emplace_back([] { a.store(1); b.store(1); });
  threads.emplace_back([] { assert(a.load() == 0 || b.load() == 1); });
  for (std::thread& t : threads) t.join();
}
)";

TEST_P(Explored, StallingFindsWhatNeedsManyThreadsAtOnePlace) {
  // Half a dozen places, of which one counts: missed 100 times with a chance below 1 in 10,000.
  ExploreResult result = run(build(kMakesManyThreads, "many.cpp"), 100, "stall");
  EXPECT_NE(find(result, "assertion", Verdict::Kind::Confirmed), nullptr);
}

/// It has a thread before its constructors, so it cannot be copied once it is up.
constexpr char kEarlyThread[] = R"(#include <pthread.h>
#include <atomic>
#include <cassert>
#include <thread>
std::atomic<int> hits;
void* early(void*) { return nullptr; }
void beforeAll(int, char**, char**) {
  pthread_t thread;
  pthread_create(&thread, nullptr, early, nullptr);
  pthread_detach(thread);
}
__attribute__((section(".preinit_array"), used)) void (*begin)(int, char**, char**) = beforeAll;
void hit() { hits.store(hits.load() + 1); }
int main() {
  std::thread t(hit);
  hit();
  t.join();
  assert(hits.load() == 2);
}
)";

TEST_P(Explored, ExecutesWhatCannotBeForked) {
  ExploreResult result = run(build(kEarlyThread, "early.cpp"), 60);
  const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(replayTen(*failure).reproduced, 10u);
}

/// Each run must be the first: nothing that another left behind is there.
constexpr char kCountsItsRuns[] = R"(#include <cstdlib>
#include <thread>
struct Counted {
  Counted() { ++made; }
  int made = 0;
};
Counted counted;
int value;
int main() {
  if (counted.made != 1 || value != 0) std::abort();
  std::thread t([] { value = 1; });
  t.join();
}
)";

TEST_P(Explored, EveryRunBeginsAnew) {
  ExploreResult result = run(build(kCountsItsRuns, "counts.cpp"), 100);
  EXPECT_TRUE(result.failures.empty()) << result.failures[0].finding.message;
}

constexpr char kEndsInEveryWay[] = R"(#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <thread>
std::atomic<int> turn;
int main() {
  std::thread t([] { turn.exchange(1); });
  bool first = turn.exchange(2) == 0;
  t.join();
  if (!first) {
    raise(SIGKILL);
  } else if (fork() == 0) {
    pause();  // Left behind: ended with the run.
  }
}
)";

TEST_P(Explored, GoesOnAfterRunsThatAreKilledOrLeaveProcessesBehind) {
  ExploreResult result = run(build(kEndsInEveryWay, "ends.cpp"), 200);
  EXPECT_EQ(result.runs, 200u);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].finding.check, "crash");
}

TEST_P(Explored, HasNothingToSayOfACorrectProgram) {
  ExploreResult result = run(build(kFine, "fine.cpp"), 200);
  EXPECT_TRUE(result.failures.empty()) << result.failures[0].finding.message;
  EXPECT_EQ(result.runs, 200u);
  EXPECT_TRUE(result.notes.empty());
}

// Odds a run: one in two for the object, one in nine for the place; 200 runs miss with less than one in 10,000.
TEST_P(Explored, SurwOrdersManyThreadsAtOneObject) {
  ExploreResult result = run(build(kReordered, "reordered.cpp"), 200, "surw");
  EXPECT_NE(find(result, "assertion", Verdict::Kind::Confirmed), nullptr);
}

TEST_P(Explored, TheSameSeedTriesTheSameSchedules) {
  const std::string program = build(kLostUpdate, "lost.cpp");
  const ExploreResult first = run(program, 40, "pos"), second = run(program, 40, "pos");
  ASSERT_FALSE(first.failures.empty());
  ASSERT_EQ(first.failures.size(), second.failures.size());
  EXPECT_EQ(first.failures[0].finding.verdict.attempts, second.failures[0].finding.verdict.attempts);
}

/// What standard input is, for as long as it lives.
class InputFrom {
 public:
  explicit InputFrom(const std::string& path) : before_(dup(STDIN_FILENO)) {
    const int file = open(path.c_str(), O_RDONLY);
    dup2(file, STDIN_FILENO);
    close(file);
  }
  ~InputFrom() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }

 private:
  int before_;
};

TEST_P(Explored, EveryRunReadsAFileFromItsBeginning) {
  const std::string program = build(R"(#include <cstdio>
#include <thread>
int main() {
  char word[8] = "";
  std::thread t([&] { if (scanf("%7s", word) != 1) word[0] = 0; });
  t.join();
  return word[0] == 'w' ? 0 : 3;
}
)", "reads.cpp");
  folder_.write("input", "word\n");
  InputFrom input((folder_.path() / "input").string());
  EXPECT_TRUE(run(program, 20).failures.empty());
}

TEST_P(Explored, WhoEndsUnjoinedIsNoFailureOfASchedule) {
  const std::string program = build(R"(#include <pthread.h>
void* nothing(void*) { return nullptr; }
int main() {
  pthread_t t;
  return pthread_create(&t, nullptr, nothing, nullptr);
}
)", "unjoined.cpp");
  EXPECT_TRUE(run(program, 40).failures.empty());
}

TEST_P(Explored, ReplaysLookForWhatTheExplorationLookedFor) {
  ExploreOptions options;
  options.command = {build(R"(#include <cassert>
#include <thread>
int hits;
int main() {
  std::thread t([] { hits = hits + 1; });
  hits = hits + 1;
  t.join();
  assert(hits == 2);
}
)", "lost_plain.cpp")};
  options.runs = 100;
  options.runtimeOptions = "races=0";
  options.outputDirectory = (folder_.path() / "out").string();
  ExploreResult result = mustExplore(options);
  const ExploredFailure* failure = find(result, "assertion", Verdict::Kind::Confirmed);
  ASSERT_NE(failure, nullptr);
  ReplayResult replayed = replayTen(*failure);
  EXPECT_EQ(replayed.reproduced, 10u);
  EXPECT_EQ(replayed.findings.size(), 1u) << "the race, too, which nobody asked for";
}

TEST_P(Explored, AProgramBuiltAnewIsRefused) {
  const std::string program = build(kLostUpdate, "lost.cpp");
  ExploreResult result = run(program, 60);
  ASSERT_FALSE(result.failures.empty());
  std::string changed = kLostUpdate;
  changed.insert(changed.find("int main"), "int another() { return hits.load(); }\n");
  ASSERT_EQ(build(changed.c_str(), "lost.cpp"), program);
  ReplayOptions options;
  options.file = result.failures[0].finding.verdict.recording;
  auto refused = replay(options);
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_NE(llvm::toString(refused.takeError()).find("another build id"), std::string::npos);
}

}  // namespace
}  // namespace deadheat
