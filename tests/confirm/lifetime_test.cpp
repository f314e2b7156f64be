// Uses of variables that are no more, and waits with a lock held, made to happen under the controlled scheduler.
#include "tests/confirm/under_control.h"

namespace deadheat {
namespace {

constexpr char kLent[] = R"(#include <atomic>
#include <chrono>
#include <thread>
std::atomic<int> sent{0};
__attribute__((noinline)) void upload(const int& samples) { sent += samples != 0 ? 1 : 2; }
__attribute__((noinline)) void send() {
  int samples = 1;
  std::thread([&samples] { upload(samples); }).detach();  // lend
}
int main() {
  send();
  while (sent == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
)";

constexpr char kWaitedFor[] = R"(#include <atomic>
#include <chrono>
#include <thread>
std::atomic<int> sent{0};
__attribute__((noinline)) void upload(const int& samples) { sent += samples != 0 ? 1 : 2; }
__attribute__((noinline)) void send() {
  int samples = 1;
  std::thread([&samples] { upload(samples); }).detach();  // lend
  while (sent == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
int main() { send(); }
)";

constexpr char kOwnOfThread[] = R"(#include <atomic>
#include <chrono>
#include <thread>
std::atomic<int> read{0};
thread_local int lines;
__attribute__((noinline)) void write(const int* all) { read += *all >= 0 ? 1 : 2; }
void work() {
  lines = 3;
  std::thread([all = &lines] { write(all); }).detach();  // lend
}
int main() {
  std::thread(work).join();
  while (read == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
)";

/// A thread that has been there since an earlier frame is given the address of a variable in a later one, in the same
/// place.
constexpr char kLaterFrames[] = R"(#include <condition_variable>
#include <mutex>
#include <thread>
std::mutex m;
std::condition_variable changed;
int* job;
bool over;
std::thread worker;
void serve() {
  std::unique_lock<std::mutex> lock(m);
  while (!over) {
    if (job) ++*job, job = nullptr, changed.notify_all();
    changed.wait(lock);
  }
}
__attribute__((noinline)) void start() {
  int unused[16] = {1};
  worker = std::thread(serve);
  std::unique_lock<std::mutex> lock(m);
  job = unused;
  changed.notify_all();
  while (job) changed.wait(lock);
}
__attribute__((noinline)) void request() {
  int answer[16] = {1};
  std::unique_lock<std::mutex> lock(m);
  job = answer;
  changed.notify_all();
  while (job) changed.wait(lock);
}
int main() {
  start();
  for (int i = 0; i < 5; ++i) request();
  {
    std::lock_guard<std::mutex> lock(m);
    over = true;
    changed.notify_all();
  }
  worker.join();
}
)";

constexpr char kSleeps[] = R"(#include <chrono>
#include <mutex>
#include <thread>
std::mutex m;
int celsius;
void measure() {
  std::lock_guard<std::mutex> lock(m);
  celsius = 20;
  std::this_thread::sleep_for(std::chrono::milliseconds(7));  // sleep
}
int last() {
  std::lock_guard<std::mutex> lock(m);
  return celsius;
}
int main() {
  std::thread t(measure);
  last();
  t.join();
}
)";

constexpr char kSleepsAlone[] = R"(#include <chrono>
#include <mutex>
#include <thread>
std::mutex m;
int celsius;
void measure() {
  std::lock_guard<std::mutex> lock(m);
  celsius = 20;
  std::this_thread::sleep_for(std::chrono::milliseconds(7));  // sleep
}
int last() {
  std::lock_guard<std::mutex> lock(m);
  return celsius;
}
int main() {
  std::thread t(measure);
  t.join();
  last();
}
)";

/// The wait gives back its own lock; the other one is held, and wanted by whoever is to end the wait.
constexpr char kWaitsForACondition[] = R"(#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
std::mutex table, m;
std::condition_variable changed;
bool served, eaten;
std::promise<void> seated;
void eat() {
  std::lock_guard<std::mutex> guest(table);
  std::unique_lock<std::mutex> lock(m);
  seated.set_value();
  while (!served) changed.wait(lock);  // wait
  eaten = true;
}
void serve() {
  std::lock_guard<std::mutex> lock(m);
  served = true;
  changed.notify_all();
}
int main() {
  std::thread guest(eat), next([] { std::lock_guard<std::mutex> guest(table); });
  seated.get_future().wait();
  serve();
  guest.join();
  next.join();
}
)";

class Lifetime : public UnderControl {
 protected:
  Verdict confirmLent(const char* text) {
    return confirm(build(text, "lent.cpp"),
                   finding("captured-reference", {site(Site::Kind::Lend, text, "lend", "send")}));
  }
  Verdict confirmWait(const char* text, const char* where) {
    return confirm(build(text, "waits.cpp"),
                   finding("blocking-under-lock", {site(Site::Kind::Block, text, where, "measure")}));
  }
};

INSTANTIATE_TEST_SUITE_P(Compilers, Lifetime, testing::Values("clang++-19", "g++"),
                         [](const auto& info) { return std::string(info.param[0] == 'c' ? "clang" : "gcc"); });

TEST_P(Lifetime, AVariableIsUsedAfterItsFrameWasLeft) {
  const Verdict verdict = confirmLent(kLent);
  EXPECT_EQ(verdict.kind, Verdict::Kind::Confirmed) << verdict.reason;
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught);
  EXPECT_LE(verdict.attempts, 2u);
  replaysTwenty(verdict);
}

TEST_P(Lifetime, AVariableWhoseFrameWaitsForItsUserIsNot) {
  const Verdict verdict = confirmLent(kWaitedFor);
  EXPECT_EQ(verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_NE(verdict.reason.find("was there whenever it was used"), std::string::npos) << verdict.reason;
}

TEST_P(Lifetime, AThreadLocalVariableIsUsedAfterItsThreadHasEnded) {
  const Verdict verdict = confirmLent(kOwnOfThread);
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught) << verdict.reason;
  replaysTwenty(verdict);
}

TEST_P(Lifetime, WhatAnOlderThreadIsGivenOfALaterFrameLives) {
  EXPECT_TRUE(confirmNothing(build(kLaterFrames, "later.cpp")).empty());
}

TEST_P(Lifetime, AnotherWaitsForTheLockOfOneThatSleeps) {
  const Verdict verdict = confirmWait(kSleeps, "sleep");
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught) << verdict.reason;
  EXPECT_NE(verdict.effect.find("for 7 ms"), std::string::npos) << verdict.effect;
  replaysTwenty(verdict);
}

TEST_P(Lifetime, AWaitWithALockHeldIsVerifiedAtItsNewPlace) {
  const std::string text = kSleeps;
  const Verdict verdict = confirmWait(text.c_str(), "sleep");
  ASSERT_EQ(verdict.kind, Verdict::Kind::Confirmed) << verdict.reason;
  const VerifyResult moved = verify(verdict, build("// A line more.\n" + text, "waits.cpp"));
  EXPECT_TRUE(moved.oldFails);
  EXPECT_FALSE(moved.sameProgram);
  std::string mended = text;
  const std::string lock = "  std::lock_guard<std::mutex> lock(m);\n  celsius = 20;\n";
  mended.replace(mended.find(lock), lock.size(), "  {\n" + lock + "  }\n");
  const VerifyResult fixed = verify(verdict, build(mended, "waits.cpp"));
  EXPECT_FALSE(fixed.failed());
  EXPECT_FALSE(fixed.cannotTell());
  EXPECT_TRUE(fixed.lostSites.empty());
  std::string without = text;
  without.erase(without.find("  std::this_thread"), text.find("// sleep") + 8 - text.find("  std::this_thread"));
  const VerifyResult gone = verify(verdict, build(without, "waits.cpp"));
  EXPECT_FALSE(gone.failed());
  EXPECT_TRUE(gone.cannotTell());
}

TEST_P(Lifetime, AnotherWaitsForTheLockOfOneThatWaitsForACondition) {
  const Verdict verdict = confirmWait(kWaitsForACondition, "wait");
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught) << verdict.reason;
  EXPECT_NE(verdict.effect.find("'table'"), std::string::npos) << verdict.effect;
}

TEST_P(Lifetime, NobodyWaitsForTheLockOfOneThatIsJoinedFirst) {
  const Verdict verdict = confirmWait(kSleepsAlone, "sleep");
  EXPECT_EQ(verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_NE(verdict.reason.find("no other came to want"), std::string::npos) << verdict.reason;
}

}  // namespace
}  // namespace deadheat
