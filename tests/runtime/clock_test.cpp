// Clocks and slots against what they stand for.
#include "runtime/detect/clock.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "runtime/detect/slots.h"

namespace deadheat::rt {
namespace {

struct Twin {
  Clock clock;
  std::map<Slot, Epoch> entries;

  void expectEqual() const {
    for (Slot slot = 0; slot < 200; ++slot) {
      auto entry = entries.find(slot);
      ASSERT_EQ(clock.get(slot), entry == entries.end() ? 0 : entry->second) << "slot " << slot;
    }
  }
};

TEST(Clock, AgreesWithAMapUnderRandomOperations) {
  std::mt19937 draw(1);
  std::vector<Twin> twins(6);
  for (int step = 0; step < 20000; ++step) {
    Twin& a = twins[draw() % twins.size()];
    Twin& b = twins[draw() % twins.size()];
    switch (draw() % 8) {
      case 0:
        a.clock.assign(b.clock), a.entries = b.entries;
        break;
      case 1:
        a.clock.clear(), a.entries.clear();
        break;
      case 2:
        a.clock.release(), a.entries.clear();
        break;
      case 3:
      case 4:
        a.clock.join(b.clock);
        for (auto [slot, epoch] : b.entries) a.entries[slot] = std::max(a.entries[slot], epoch);
        break;
      default: {
        Slot slot = draw() % (draw() % 4 == 0 ? 200 : 8);
        Epoch epoch = draw() % 1000;
        a.clock.set(slot, epoch);
        a.entries[slot] = epoch;
      }
    }
    a.expectEqual();
  }
}

TEST(Slots, AreHandedOnOnlyToThreadsThatKnowTheirOwnersEnd) {
  std::mt19937 draw(2);
  struct Live {
    Slot slot;
    Epoch first;
    ThreadId id;
  };
  std::vector<Live> live;
  std::map<Slot, Epoch> lastOf;
  Clock knowsAll;
  Clock knowsNothing;
  ThreadId next = 1;
  for (int step = 0; step < 4000; ++step) {
    if (!live.empty() && draw() % 2 == 0) {
      Live ended = live[draw() % live.size()];
      std::erase_if(live, [&](const Live& other) { return other.slot == ended.slot; });
      Epoch last = ended.first + draw() % 5;
      giveSlot(ended.slot, last);
      lastOf[ended.slot] = last;
      knowsAll.set(ended.slot, last);
      ASSERT_EQ(threadOfSlot(ended.slot, last), ended.id);
      continue;
    }
    bool informed = draw() % 3 != 0;
    Live fresh{0, 0, next++};
    fresh.slot = takeSlot(informed ? knowsAll : knowsNothing, fresh.id, fresh.first);
    for (const Live& other : live) ASSERT_NE(other.slot, fresh.slot);
    if (lastOf.contains(fresh.slot)) {
      ASSERT_TRUE(informed) << "an owner nobody knows to have ended";
      ASSERT_GT(fresh.first, lastOf[fresh.slot]);
    }
    ASSERT_EQ(threadOfSlot(fresh.slot, fresh.first), fresh.id);
    live.push_back(fresh);
  }
  EXPECT_FALSE(slotsRanOut());
}

TEST(Slots, KnowTheirLastOwnersHoweverManyThereWere) {
  constexpr ThreadId kThreads = 400000, kLast = 64;
  Clock knows;
  std::vector<Epoch> firsts(kThreads);
  Slot slot = 0;
  for (ThreadId id = 0; id < kThreads; ++id) {
    slot = takeSlot(knows, id, firsts[id]);
    knows.set(slot, firsts[id]);
    giveSlot(slot, firsts[id]);
  }
  for (ThreadId id = kThreads - kLast; id < kThreads; ++id) EXPECT_EQ(threadOfSlot(slot, firsts[id]), id);
  EXPECT_EQ(threadOfSlot(slot, firsts[0]), kNoThread) << "and who it was long ago is not invented";
}

}  // namespace
}  // namespace deadheat::rt
