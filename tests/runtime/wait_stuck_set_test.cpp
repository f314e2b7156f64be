// Who can never go on, against the definition: a set is stuck if everyone in it waits for the set.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "runtime/detect/stuck_set.h"

namespace deadheat::rt {
namespace {

struct Wait {
  std::vector<std::uint32_t> blockers;
  bool anyone = false;
};

std::vector<bool> stuck(const std::vector<Wait>& waits, bool othersLive) {
  std::vector<Waiter> waiters;
  for (const Wait& wait : waits)
    waiters.push_back({wait.blockers.data(), static_cast<std::uint32_t>(wait.blockers.size()), wait.anyone, false});
  std::size_t count = markStuck(waiters.data(), waiters.size(), othersLive);
  std::vector<bool> result;
  for (const Waiter& waiter : waiters) result.push_back(waiter.stuck);
  EXPECT_EQ(count, static_cast<std::size_t>(std::count(result.begin(), result.end(), true)));
  return result;
}

const Wait kSignal{{}, true};
Wait on(std::vector<std::uint32_t> blockers) { return {blockers, false}; }

TEST(StuckSet, TwoThatWaitForEachOtherAreStuck) {
  EXPECT_EQ(stuck({on({1}), on({0})}, true), (std::vector<bool>{true, true}));
}

TEST(StuckSet, OneThatWaitsForItselfIsStuck) { EXPECT_EQ(stuck({on({0})}, true), (std::vector<bool>{true})); }

TEST(StuckSet, AChainThatEndsAtALiveThreadIsNot) {
  EXPECT_EQ(stuck({on({1}), on({})}, true), (std::vector<bool>{false, false}));
}

TEST(StuckSet, WhoWaitsForAStuckThreadIsStuckToo) {
  EXPECT_EQ(stuck({on({1}), on({0}), on({1})}, true), (std::vector<bool>{true, true, true}));
}

TEST(StuckSet, AWriterWaitsForAllReaders) {
  EXPECT_EQ(stuck({on({1, 2}), on({0}), on({})}, true), (std::vector<bool>{true, true, false}));
}

TEST(StuckSet, ALiveThreadMaySignal) {
  EXPECT_EQ(stuck({kSignal}, true), (std::vector<bool>{false}));
  EXPECT_EQ(stuck({kSignal}, false), (std::vector<bool>{true}));
}

TEST(StuckSet, ABlockedThreadThatGoesOnMaySignal) {
  EXPECT_EQ(stuck({kSignal, on({})}, false), (std::vector<bool>{false, false}));
}

TEST(StuckSet, WaitingForALostSignalKeepsTheJoinerToo) {
  EXPECT_EQ(stuck({kSignal, on({0})}, false), (std::vector<bool>{true, true}));
}

/// All subsets: the union of those in which everyone waits for the subset, and, if it waits for a signal, in which
/// nobody outside can go on, is the largest stuck set.
std::vector<bool> byDefinition(const std::vector<Wait>& waits, bool othersLive) {
  std::size_t n = waits.size();
  std::vector<bool> best(n, false);
  for (unsigned set = 1; set < 1u << n; ++set) {
    bool whole = set == (1u << n) - 1 && !othersLive;
    bool closed = true;
    for (std::size_t i = 0; i < n && closed; ++i) {
      if ((set >> i & 1) == 0) continue;
      bool waits_ = waits[i].anyone && whole;
      for (std::uint32_t blocker : waits[i].blockers) waits_ |= !waits[i].anyone && (set >> blocker & 1) != 0;
      closed = waits_;
    }
    for (std::size_t i = 0; i < n && closed; ++i)
      if ((set >> i & 1) != 0) best[i] = true;
  }
  return best;
}

TEST(StuckSetTwin, AgreesWithTheDefinition) {
  std::mt19937 random(1);
  int found = 0;
  for (int run = 0; run < 20000; ++run) {
    std::size_t n = 1 + random() % 6;
    std::vector<Wait> waits(n);
    for (Wait& wait : waits) {
      wait.anyone = random() % 4 == 0;
      for (std::uint32_t other = 0; other < n && !wait.anyone; ++other)
        if (random() % 4 == 0) wait.blockers.push_back(other);
    }
    bool live = random() % 2 == 0;
    std::vector<bool> expected = byDefinition(waits, live);
    ASSERT_EQ(stuck(waits, live), expected);
    found += std::count(expected.begin(), expected.end(), true) != 0;
  }
  EXPECT_GT(found, 1000);
}

}  // namespace
}  // namespace deadheat::rt
