// The shadow of 8 bytes against a twin that remembers every access there ever was.
#include "runtime/detect/granule.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "runtime/detect/granule_row.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

/// One granule, with the region it needs around it.
class Cells {
 public:
  ~Cells() { unmapPages(region_, kBytes); }
  GranuleRef granule() { return {region_, 5}; }
  Key key(unsigned column = 0) { return *granule().key(column); }

 private:
  static constexpr std::size_t kBytes = (sizeof(Region) + 4095) / 4096 * 4096;
  Region* region_ = static_cast<Region*>(mapPages(kBytes));
};

struct Past {
  Key key;
  Slot slot;
  Epoch epoch;
};

/// Threads that access one granule and, now and then, synchronise through a few objects.
class World {
 public:
  /// With `sites` places of code, or, when 0, as many as there are accesses.
  World(unsigned threads, std::uint32_t sites, std::uint32_t seed)
      : draw_(seed), clocks_(threads), objects_(2), sites_(sites) {
    for (Slot slot = 0; slot < threads; ++slot) clocks_[slot].set(slot, 1);
  }
  ~World() {
    clearGranule(granule(), kKeyMask);
    for (Clock& clock : clocks_) clock.release();
    for (Clock& clock : objects_) clock.release();
  }

  void step() {
    Slot self = draw_() % clocks_.size();
    unsigned what = draw_() % 16;
    if (what == 0) {
      objects_[draw_() % objects_.size()].join(clocks_[self]);
      clocks_[self].set(self, clocks_[self].get(self) + 1);
    } else if (what == 1) {
      clocks_[self].join(objects_[draw_() % objects_.size()]);
    } else {
      access(self);
    }
  }

 private:
  GranuleRef granule() { return cells_.granule(); }

  void access(Slot self) {
    static constexpr Key kMasks[] = {0xff, 0x0f, 0xf0, 0x03, 0x0c, 0x30, 0xc0, 0x01, 0x80, 0x3c};
    Epoch epoch = clocks_[self].get(self);
    Key fresh = makeKey(self, epoch) | kMasks[draw_() % std::size(kMasks)] | (draw_() % 2 ? kKeyWrite : 0) |
                (draw_() % 4 == 0 ? kKeyAtomic : 0);
    Key expected = 0;
    bool covered = false;
    Key said = 0;  // By this thread in this epoch; the cells of one place of code count together.
    for (const Past& past : past_) {
      bool before = past.slot == self || clocks_[self].get(past.slot) >= past.epoch;
      if (!before && conflicts(past.key, fresh)) expected |= past.key & fresh & kKeyMask;
      if (past.slot != self || past.epoch != epoch || !atLeastAsStrong(past.key, fresh)) continue;
      covered |= (fresh & ~past.key & kKeyMask) == 0;
      said |= past.key;
    }
    covered |= sites_ != 0 && (fresh & ~said & kKeyMask) == 0;
    Key found = check(self, fresh);
    ASSERT_EQ(found & ~expected, 0u) << "a race that is none";
    if (!covered && !full_) {
      // Races with the same code are told once, so of some bytes only.
      if (sites_ == 0)
        ASSERT_EQ(found, expected) << "a race lost";
      else
        ASSERT_EQ(found != 0, expected != 0) << "a race lost";
    }
    past_.push_back({fresh, self, epoch});
  }

  /// True if that was all: the simple ways of shadow.cpp.
  bool enteredAtOnce(Slot self, Key fresh, StackWord stack) {
    Key first = cells_.key();
    if (takesOnlyPlace(fresh, first, clocks_[self]) && replaceOnly(granule(), first, fresh, stack)) return true;
    Entering outcome = Entering::NotSimple;
    if ((fresh & kKeyAtomic) == 0 && (first & kKeyMore) != 0) {
      bool write = (fresh & kKeyWrite) != 0, whole = (fresh & kKeyMask) == kKeyMask;
      if (((first ^ fresh) & kKeySlot) == 0)
        outcome = whole ? write ? replaceOneOfTwo<8, true>(granule(), first, fresh, stack)
                                : replaceOneOfTwo<8, false>(granule(), first, fresh, stack)
                        : write ? replaceOneOfTwo<4, true>(granule(), first, fresh, stack)
                                : replaceOneOfTwo<4, false>(granule(), first, fresh, stack);
      if (outcome == Entering::NotSimple) outcome = OwnRow().enter(granule(), first, fresh, stack);
    }
    if (outcome == Entering::NotSimple)
      outcome = SharedRow().enter(granule(), first, fresh, stack, clocks_[self]);
    EXPECT_NE(outcome, Entering::Changed);
    return outcome != Entering::NotSimple;
  }

  /// Bytes on which the granule sees a race.
  Key check(Slot self, Key fresh) {
    StackWord stack = StackWord{nextSite()} << 32;
    if (draw_() % 4 != 0 && enteredAtOnce(self, fresh, stack)) return 0;
    if (bool early; remembers(granule(), fresh, early)) {
      if (!early) bringForward(granule(), fresh, draw_());
      EXPECT_TRUE(remembers(granule(), fresh));
      return 0;
    }
    RacingCells racing;
    racing.count = 0;
    recordAccess(granule(), fresh, stack, clocks_[self], racing);
    full_ = racing.count == RacingCells::kMost;  // Every access here is other code; no program races like that.
    Key bytes = 0;
    for (std::uint32_t i = 0; i < racing.count; ++i) bytes |= racing.cells[i].key & fresh & kKeyMask;
    return bytes;
  }

  std::uint32_t nextSite() { return sites_ != 0 ? draw_() % sites_ : ++site_; }

  std::mt19937 draw_;
  std::vector<Clock> clocks_;
  std::vector<Clock> objects_;
  std::vector<Past> past_;
  Cells cells_;
  std::uint32_t sites_;
  std::uint32_t site_ = 0;
  bool full_ = false;
};

void runWorlds(std::uint32_t worlds, unsigned threads, std::uint32_t sites, int steps) {
  for (std::uint32_t seed = 0; seed < worlds; ++seed) {
    World world(threads, sites, seed);
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) world.step();
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed;
  }
}

TEST(Granule, SeesEveryRaceOfFewThreads) { runWorlds(400, 3, 0, 300); }
TEST(Granule, SeesEveryRaceOfManyThreads) { runWorlds(60, 12, 0, 600); }
TEST(Granule, SeesEveryRaceWhenLittleCodeMakesThemAll) {
  runWorlds(400, 3, 3, 300);
  runWorlds(60, 12, 3, 600);
}

TEST(Granule, MergesTheBytesOfALoop) {
  Cells cells;
  Clock clock;
  clock.set(3, 7);
  RacingCells racing;
  racing.count = 0;
  for (Key byte = 1; byte <= 0x80; byte <<= 1) recordAccess(cells.granule(), makeKey(3, 7) | byte, 42, clock, racing);
  EXPECT_EQ(cells.key(), makeKey(3, 7) | 0xff);
  EXPECT_EQ(cells.key() & kKeyMore, 0u);
  recordAccess(cells.granule(), makeKey(3, 7) | 0x0f | kKeyWrite, 43, clock, racing);
  EXPECT_TRUE(remembers(cells.granule(), makeKey(3, 7) | 0x0f));
  EXPECT_TRUE(remembers(cells.granule(), makeKey(3, 7) | 0xf0));
  clock.release();
}

TEST(Granule, RemembersARepeatedAccessWithoutALock) {
  Cells cells;
  Clock clock;
  clock.set(3, 7);
  RacingCells racing;
  racing.count = 0;
  Key read = makeKey(3, 7) | 0x0f;
  recordAccess(cells.granule(), read | kKeyWrite, 0, clock, racing);
  EXPECT_TRUE(remembers(cells.granule(), read | kKeyWrite));
  EXPECT_TRUE(remembers(cells.granule(), read)) << "a write covers a read";
  EXPECT_FALSE(remembers(cells.granule(), (read & ~kKeyMask) | 0xf0));
  EXPECT_FALSE(remembers(cells.granule(), makeKey(3, 8) | 0x0f));
  clock.release();
}

TEST(Granule, GivesItsChunksBackWhenAWriteCoversThem) {
  Cells cells;
  Clock all;
  RacingCells racing;
  racing.count = 0;
  for (Slot reader = 1; reader <= 40; ++reader) {
    Clock own;
    own.set(reader, 1);
    all.set(reader, 1);
    recordAccess(cells.granule(), makeKey(reader, 1) | 0xff, 0, own, racing);
    own.release();
  }
  EXPECT_TRUE(hasList(cells.granule()));
  all.set(0, 1);
  recordAccess(cells.granule(), makeKey(0, 1) | 0xff | kKeyWrite, 0, all, racing);
  EXPECT_EQ(racing.count, 0u);
  EXPECT_EQ(cells.key() & kKeyMore, 0u);
  all.release();
}

TEST(Granule, BringsForwardWhatIsLookedFor) {
  Cells cells;
  Clock clock;
  RacingCells racing;
  racing.count = 0;
  for (Slot reader = 1; reader <= 9; ++reader)
    recordAccess(cells.granule(), makeKey(reader, 1) | 0xff, 0, clock, racing);
  Key want = makeKey(9, 1) | 0xff;
  bool early = true;
  EXPECT_TRUE(remembers(cells.granule(), want, early));
  EXPECT_FALSE(early);
  bringForward(cells.granule(), want, 0);
  EXPECT_TRUE(remembers(cells.granule(), want, early));
  EXPECT_TRUE(early);
  for (Slot reader = 1; reader <= 9; ++reader) EXPECT_TRUE(remembers(cells.granule(), makeKey(reader, 1) | 0xff));
  clearGranule(cells.granule(), kKeyMask);
}

/// Each comes back to a cell of its own, one to read and one to write by turns, ordered after the other's; now they are
/// not ordered. Only who reads and is first enters without the lock, and on one processor the same is always first.
// The key that one expects is there half of the time; the other takes the lock and gives it back with either key.
TEST(Granule, AKeyThatIsNotReplacedStaysAsItIs) {
  Cells cells;
  const Key one = makeKey(1, 1) | kKeyMask | kKeyWrite, other = makeKey(1, 2) | kKeyMask | kKeyWrite;
  std::atomic<bool> begun = false, over = false;
  std::thread replacing([&] {
    for (; !over; begun = true) replaceOnly(cells.granule(), one, one, 0);
  });
  while (!begun) std::this_thread::yield();
  for (int round = 0; round < 20'000'000 && (cells.key() & kKeyLocked) == 0; ++round)
    if (tryLockGranule(cells.granule(), cells.key())) unlockGranule(cells.granule(), round % 2 == 0 ? one : other);
  over = true;
  replacing.join();
  EXPECT_EQ(cells.key() & kKeyLocked, 0u);
}

TEST(Granule, OneOfTwoThatEnterAtOnceSeesTheOther) {
  constexpr int kRounds = 3000;
  Cells cells;
  std::atomic<int> arrived{0}, unseen{0}, entered{0};
  auto enter = [&](Slot self, Slot other) {
    Clock clock;
    for (int round = 1; round <= kRounds; ++round) {
      Epoch epoch = 2 * static_cast<Epoch>(round);
      Slot writer = 1 + round % 2;
      clock.set(self, epoch);
      clock.set(other, epoch - 1);
      if (self == 1) {
        clearGranule(cells.granule(), kKeyMask);
        RacingCells racing;
        racing.count = 0;
        recordAccess(cells.granule(), makeKey(writer, epoch - 1) | kKeyMask | kKeyWrite, 0, clock, racing);
        recordAccess(cells.granule(), makeKey(3 - writer, epoch - 1) | kKeyMask, 0, clock, racing);
      }
      arrived.fetch_add(1);
      while (arrived.load() < 4 * round - 2) std::this_thread::yield();
      Key fresh = makeKey(self, epoch) | kKeyMask | (self == writer ? kKeyWrite : 0);
      Entering outcome = SharedRow().enter(cells.granule(), cells.key(), fresh, self, clock);
      if (outcome == Entering::NotSimple) {
        RacingCells racing;
        racing.count = 0;
        recordAccess(cells.granule(), fresh, self, clock, racing);
        if (racing.count == 0) unseen.fetch_add(1);
      } else if (outcome == Entering::Entered) {
        entered.fetch_add(1);
        unseen.fetch_add(1);
      }
      arrived.fetch_add(1);
      while (arrived.load() < 4 * round) std::this_thread::yield();
      if (self == 1) {
        EXPECT_LE(unseen.load(), 1) << "round " << round;
        unseen = 0;
      }
    }
    clock.release();
  };
  std::thread second(enter, 2, 1);
  enter(1, 2);
  second.join();
  EXPECT_GT(entered.load(), 0);
  clearGranule(cells.granule(), kKeyMask);
}

}  // namespace
}  // namespace deadheat::rt
