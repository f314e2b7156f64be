// Confirmation under the controlled scheduler, end to end: from a finding's places to a schedule that shows it every time,
// or to the reason why none does; and whether the mended program still has it.
#include <gtest/gtest.h>

#include "tests/confirm/under_control.h"

namespace deadheat {
namespace {

/// Main has long ended its part when the thread comes to its own, and the lock in between orders the two.
constexpr char kRace[] = R"(#include <mutex>
#include <thread>
std::mutex m;
int shared, turns;
void turn() {
  std::lock_guard<std::mutex> lock(m);
  ++turns;
}
void early() {
  shared = 1;  // early
  for (int i = 0; i < 20; ++i) turn();
}
void late() {
  for (int i = 0; i < 20; ++i) turn();
  shared = 2;  // late
}
int main() {
  std::thread t(late);
  early();
  t.join();
}
)";

/// The same, and nothing is seen under the lock that fixes whose section comes first.
constexpr char kHiddenRace[] = R"(#include <mutex>
#include <thread>
std::mutex m;
int shared, turns[2];
void turn(int own) {
  std::lock_guard<std::mutex> lock(m);
  ++turns[own];
}
int main() {
  std::thread t([] {
    for (int i = 0; i < 20; ++i) turn(1);
    shared = 2;
  });
  shared = 1;
  for (int i = 0; i < 20; ++i) turn(0);
  t.join();
}
)";

constexpr char kGate[] = R"(#include <mutex>
#include <thread>
std::mutex gate, first, second;
void one() {
  std::lock_guard<std::mutex> g(gate);
  std::lock_guard<std::mutex> a(first);
  std::lock_guard<std::mutex> b(second);  // one
}
void other() {
  std::lock_guard<std::mutex> g(gate);
  std::lock_guard<std::mutex> b(second);
  std::lock_guard<std::mutex> a(first);  // other
}
int main() {
  std::thread t(one);
  other();
  t.join();
}
)";

constexpr char kJoined[] = R"(#include <mutex>
#include <thread>
std::mutex first, second;
void one() {
  std::lock_guard<std::mutex> a(first);
  std::lock_guard<std::mutex> b(second);  // one
}
void other() {
  std::lock_guard<std::mutex> b(second);
  std::lock_guard<std::mutex> a(first);  // other
}
int main() {
  std::thread t(one);
  t.join();
  std::thread u(other);
  u.join();
}
)";

constexpr char kOrders[] = R"(#include <mutex>
#include <thread>
std::mutex first, second;
void one() {
  std::lock_guard<std::mutex> a(first);
  std::lock_guard<std::mutex> b(second);  // one
}
void other() {
  std::lock_guard<std::mutex> b(second);
  std::lock_guard<std::mutex> a(first);  // other
}
int main() {
  std::thread t(one);
  other();
  t.join();
}
)";

constexpr char kCheckThenAct[] = R"(#include <cstdlib>
#include <mutex>
#include <thread>
std::mutex m;
int seats = 1;
int left() {
  std::lock_guard<std::mutex> lock(m);
  return seats;
}
void book() {
  std::lock_guard<std::mutex> lock(m);
  --seats;
}
void sell() {
  if (left() == 0) return;  // look
  book();  // act
}
int main() {
  std::thread t(sell);
  sell();
  t.join();
  return seats < 0 ? 1 : 0;
}
)";

INSTANTIATE_TEST_SUITE_P(Compilers, UnderControl, testing::Values("clang++-19", "g++"),
                         [](const auto& info) { return std::string(info.param[0] == 'c' ? "clang" : "gcc"); });

TEST_P(UnderControl, ARaceIsCaughtToldAndReplayed) {
  const std::string program = build(kRace, "race.cpp");
  const Verdict verdict = confirm(program, finding("data-race", {site(Site::Kind::Write, kRace, "early", "early"),
                                                                 site(Site::Kind::Write, kRace, "late", "late")}));
  EXPECT_EQ(verdict.kind, Verdict::Kind::Confirmed);
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught);
  EXPECT_LE(verdict.attempts, 2u);
  EXPECT_NE(verdict.effect.find("both orders end well"), std::string::npos) << verdict.effect;
  EXPECT_FALSE(verdict.interleaving.empty());
  EXPECT_FALSE(verdict.lanes.empty());
  replaysTwenty(verdict);
}

TEST_P(UnderControl, WhatNobodySuspectedIsPredictedAndCaught) {
  for (const auto& [text, check] : {std::pair(kHiddenRace, "data-race"), std::pair(kOrders, "lock-order")}) {
    const std::vector<Finding> found = confirmNothing(build(text, "unsuspected.cpp"));
    ASSERT_EQ(found.size(), 1u) << check;
    EXPECT_EQ(found[0].check, check);
    EXPECT_EQ(found[0].verdict.kind, Verdict::Kind::Confirmed);
    EXPECT_EQ(found[0].verdict.proof, Verdict::Proof::Caught);
    replaysTwenty(found[0].verdict);
  }
}

TEST_P(UnderControl, NothingIsPredictedThatAGateOrAJoinRulesOut) {
  EXPECT_TRUE(confirmNothing(build(kGate, "gate.cpp")).empty());
  EXPECT_TRUE(confirmNothing(build(kJoined, "joined.cpp")).empty());
}

TEST_P(UnderControl, ADeadlockIsClosedAndReplayed) {
  const std::string program = build(kOrders, "orders.cpp");
  const Verdict verdict = confirm(program, finding("lock-order", {site(Site::Kind::Acquire, kOrders, "one", "one"),
                                                                  site(Site::Kind::Acquire, kOrders, "other", "other")}));
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught);
  EXPECT_LE(verdict.attempts, 2u);
  replaysTwenty(verdict);
}

TEST_P(UnderControl, ACycleBehindAGateIsRefutedByItsName) {
  const std::string program = build(kGate, "gate.cpp");
  const Verdict verdict = confirm(program, finding("lock-order", {site(Site::Kind::Acquire, kGate, "one", "one"),
                                                                  site(Site::Kind::Acquire, kGate, "other", "other")}));
  EXPECT_EQ(verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_NE(verdict.reason.find("gate lock 'gate'"), std::string::npos) << verdict.reason;
}

TEST_P(UnderControl, ACycleWhoseSidesAJoinOrdersIsRefuted) {
  const std::string program = build(kJoined, "joined.cpp");
  const Verdict verdict = confirm(program, finding("lock-order", {site(Site::Kind::Acquire, kJoined, "one", "one"),
                                                                  site(Site::Kind::Acquire, kJoined, "other", "other")}));
  EXPECT_EQ(verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_NE(verdict.reason.find("create and join"), std::string::npos) << verdict.reason;
}

TEST_P(UnderControl, WhatComesBetweenLookAndActIsMadeTo) {
  const std::string program = build(kCheckThenAct, "seats.cpp");
  const Verdict verdict = confirm(program, finding("check-then-act", {site(Site::Kind::Look, kCheckThenAct, "look", "sell"),
                                                                      site(Site::Kind::Act, kCheckThenAct, "act", "sell")}));
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught);
  EXPECT_LE(verdict.attempts, 2u);
  EXPECT_NE(verdict.effect.find("exited with code 1"), std::string::npos) << verdict.effect;
  replaysTwenty(verdict);
  // By its places, and by how it ends.
  const VerifyResult moved = verify(verdict, build("// A line more.\n" + std::string(kCheckThenAct), "seats.cpp"));
  EXPECT_TRUE(moved.failed());
  EXPECT_FALSE(moved.cannotTell());
}

TEST_P(UnderControl, WhatRunsCannotBeDirectedAtIsToldByCheckOnly) {
  const Verdict verdict = confirm(build(kJoined, "undirected.cpp"), finding("coroutine-dangling", {}));
  EXPECT_EQ(verdict.kind, Verdict::Kind::Suspected);
  EXPECT_EQ(verdict.reason.find("told by `check` only"), 0u) << verdict.reason;
}

TEST_P(UnderControl, AFixIsVerifiedAndWhatIsNoneIsNot) {
  const std::string text = kOrders;
  const Verdict verdict =
      confirm(build(text, "fix.cpp"), finding("lock-order", {site(Site::Kind::Acquire, text, "one", "one"),
                                                             site(Site::Kind::Acquire, text, "other", "other")}));
  ASSERT_FALSE(verdict.schedule.empty());
  const VerifyResult moved = verify(verdict, build("// A line more.\n" + text, "fix.cpp"));
  EXPECT_TRUE(moved.couldApply());
  EXPECT_TRUE(moved.oldFails);
  std::string mended = text;
  const std::string wrong = "  std::lock_guard<std::mutex> b(second);\n  std::lock_guard<std::mutex> a(first);  // other\n";
  mended.replace(mended.find(wrong), wrong.size(), "  std::scoped_lock both(first, second);\n");
  const VerifyResult fixed = verify(verdict, build(mended, "fix.cpp"));
  EXPECT_FALSE(fixed.failed());
  EXPECT_GT(fixed.explored, 0u);
  EXPECT_TRUE(fixed.others.empty());
}

}  // namespace
}  // namespace deadheat
