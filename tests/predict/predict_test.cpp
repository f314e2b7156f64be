// Prediction on traces written by hand: what another order of critical sections can bring about, and what it cannot.
#include "tool/predict/predict.h"

#include <gtest/gtest.h>

#include "tests/predict/script.h"

namespace deadheat {
namespace {

constexpr std::uint64_t x = 1, y = 2, m = 1, n = 2, g = 3;

struct PredictionTest : testing::Test {
  Script script;
  Script::Thread main = script.thread(0), a = script.thread(1), b = script.thread(2), c = script.thread(3);

  std::vector<PredictedRace> races() { return predictRaces(TraceOrder(script.trace)); }
  std::vector<PredictedDeadlock> deadlocks() { return predictDeadlocks(TraceOrder(script.trace)); }
};

using PredictedRaces = PredictionTest;
using PredictedDeadlocks = PredictionTest;

TEST_F(PredictedRaces, ASectionThatRanInBetweenOrdersNothing) {
  const std::size_t first = a.write(x);
  a.lock(m), a.unlock(m);
  b.lock(m), b.unlock(m);
  const std::size_t second = b.write(x);
  EXPECT_EQ(races(), (std::vector<PredictedRace>{{first, second}}));
}

TEST_F(PredictedRaces, NotUnderTheSameLock) {
  a.lock(m), a.write(x), a.unlock(m);
  b.lock(m), b.write(x), b.unlock(m);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, ReadersOfOneLockDoNotKeepEachOtherOut) {
  a.lockShared(m);
  const std::size_t first = a.write(x);
  a.unlock(m);
  b.lockShared(m);
  const std::size_t second = b.write(x);
  b.unlock(m);
  EXPECT_EQ(races(), (std::vector<PredictedRace>{{first, second}}));
}

TEST_F(PredictedRaces, WhatWasReadUnderTheLockOrders) {
  a.write(x);
  a.lock(m), a.write(y), a.unlock(m);
  b.lock(m), b.read(y), b.unlock(m);
  b.write(x);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, ALaterSectionOfTheOtherThreadNeedNotCome) {
  // b's section with the read has to come after a's; its access before that section does not.
  a.lock(m), a.write(y), a.unlock(m);
  const std::size_t first = a.write(x);
  b.lock(m), b.unlock(m);
  const std::size_t second = b.write(x);
  b.lock(m), b.read(y), b.unlock(m);
  EXPECT_EQ(races(), (std::vector<PredictedRace>{{first, second}}));
}

TEST_F(PredictedRaces, ASectionThatMustComeFirstTakesThoseBeforeItAlong) {
  // For b to be at its access, a's second section has been, so the first has, and with it a's access in between.
  a.lock(m), a.unlock(m);
  a.write(x);
  a.lock(m), a.write(y), a.unlock(m);
  b.lock(m), b.read(y), b.unlock(m);
  b.write(x);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, TwoOpenSectionsOfOneLockAreNoRun) {
  // a's access is in a section of n that b, on its way to its own access, waited for.
  a.lock(n), a.write(x), a.unlock(n);
  b.lock(n), b.unlock(n);
  b.lock(m), b.write(x), b.unlock(m);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, CreatingAndJoiningOrder) {
  main.write(x);
  main.create(a), main.create(b);
  a.write(x);
  main.join(a);
  main.write(x);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, WhatWasSentOrders) {
  a.write(x), a.send(7);
  b.receive(7), b.write(x);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, ATryThatFailedComesAfterTheTaking) {
  a.write(x), a.lock(m);
  b.tryFails(m), b.write(x);
  a.unlock(m);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, MemoryThatIsAnotherObjectByThen) {
  a.write(x);
  a.lock(m), a.unlock(m);
  b.lock(m), b.fresh(x), b.unlock(m);
  b.write(x);
  EXPECT_TRUE(races().empty());
}

TEST_F(PredictedRaces, AtomicAccessesOnlyWithPlainOnes) {
  const std::size_t first = a.write(x), second = b.write(x);
  script.trace[first].atomic = script.trace[second].atomic = true;
  EXPECT_TRUE(races().empty());
  script.trace[second].atomic = false;
  EXPECT_EQ(races().size(), 1u);
}

TEST_F(PredictedRaces, EachPairOfPlacesOnce) {
  for (int i = 0; i < 3; ++i) {
    a.write(x, 10), a.lock(m), a.unlock(m);
    b.lock(m), b.unlock(m), b.write(x, 20);
  }
  EXPECT_EQ(races().size(), 1u);
}

TEST_F(PredictedDeadlocks, LocksInOppositeOrder) {
  a.lock(m);
  const std::size_t first = a.lock(n);
  a.unlock(n), a.unlock(m);
  b.lock(n);
  const std::size_t second = b.lock(m);
  b.unlock(m), b.unlock(n);
  EXPECT_EQ(deadlocks(), (std::vector<PredictedDeadlock>{{first, second}}));
}

TEST_F(PredictedDeadlocks, NotUnderAGate) {
  a.lock(g), a.lock(m), a.lock(n), a.unlock(n), a.unlock(m), a.unlock(g);
  b.lock(g), b.lock(n), b.lock(m), b.unlock(m), b.unlock(n), b.unlock(g);
  EXPECT_TRUE(deadlocks().empty());
}

TEST_F(PredictedDeadlocks, NotWhereAReadUnderALockOrders) {
  a.lock(m), a.lock(n), a.unlock(n), a.unlock(m);
  a.lock(g), a.write(x), a.unlock(g);
  b.lock(g), b.read(x), b.unlock(g);
  b.lock(n), b.lock(m), b.unlock(m), b.unlock(n);
  EXPECT_TRUE(deadlocks().empty());
}

TEST_F(PredictedDeadlocks, NotAcrossAJoin) {
  main.create(a);
  a.lock(m), a.lock(n), a.unlock(n), a.unlock(m);
  main.join(a);
  main.lock(n), main.lock(m), main.unlock(m), main.unlock(n);
  EXPECT_TRUE(deadlocks().empty());
}

TEST_F(PredictedDeadlocks, ALaterRoundWhereTheFirstIsOrdered) {
  // What a wrote in its first round, b read; its second round is free of that.
  a.lock(m, 1), a.lock(n, 2), a.unlock(n), a.unlock(m);
  a.write(x);
  b.read(x);
  a.lock(m, 1);
  const std::size_t first = a.lock(n, 2);
  a.unlock(n), a.unlock(m);
  b.lock(n, 3);
  const std::size_t second = b.lock(m, 4);
  b.unlock(m), b.unlock(n);
  EXPECT_EQ(deadlocks(), (std::vector<PredictedDeadlock>{{first, second}}));
}

TEST_F(PredictedDeadlocks, OfThreeThreads) {
  a.lock(m), a.lock(n), a.unlock(n), a.unlock(m);
  b.lock(n), b.lock(g), b.unlock(g), b.unlock(n);
  c.lock(g), c.lock(m), c.unlock(m), c.unlock(g);
  ASSERT_EQ(deadlocks().size(), 1u);
  EXPECT_EQ(deadlocks().front().size(), 3u);
}

TEST_F(PredictedDeadlocks, ReadersDoNotWaitForReaders) {
  a.lockShared(m), a.lockShared(n), a.unlock(n), a.unlock(m);
  b.lockShared(n), b.lockShared(m), b.unlock(m), b.unlock(n);
  EXPECT_TRUE(deadlocks().empty());
}

TEST_F(PredictedDeadlocks, WhoOnlyTriesDoesNotWait) {
  a.lock(m), a.tryLock(n), a.unlock(n), a.unlock(m);
  b.lock(n), b.lock(m), b.unlock(m), b.unlock(n);
  EXPECT_TRUE(deadlocks().empty());
}

}  // namespace
}  // namespace deadheat
