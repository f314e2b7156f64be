// The interning tables against naive twins, under random operations with fixed seeds.
#include "analyzers/link/tables.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace deadheat {
namespace {

TEST(IdIndex, NumbersThingsAsAMapDoes) {
  std::mt19937 random(7);
  IdIndex index;
  std::vector<std::uint32_t> things;
  std::map<std::uint32_t, std::uint32_t> twin;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t thing = random() % 5'000;
    const auto fresh = static_cast<std::uint32_t>(things.size());
    // A poor hash: many things share one.
    const std::uint32_t id = index.findOrAdd(thing % 512, fresh, [&](std::uint32_t known) { return things[known] == thing; });
    if (id == fresh) things.push_back(thing);
    EXPECT_EQ(id, twin.try_emplace(thing, fresh).first->second);
  }
}

TEST(PathSets, AreTheSetsTheySay) {
  std::mt19937 random(11);
  PathSets sets;
  std::vector<std::pair<PathSetId, std::set<PathId>>> known{{PathSetId::Empty, {}}};
  std::map<std::set<PathId>, PathSetId> twin{{{}, PathSetId::Empty}};
  for (int i = 0; i < 5'000; ++i) {
    const auto [a, aSet] = known[random() % known.size()];
    const auto [b, bSet] = known[random() % known.size()];
    const auto path = static_cast<PathId>(1 + random() % 12);
    PathSetId id = PathSetId::Empty;
    std::set<PathId> set = aSet;
    switch (random() % 4) {
      case 0: id = sets.with(a, path), set.insert(path); break;
      case 1: id = sets.without(a, path), set.erase(path); break;
      case 2: id = sets.united(a, b), set.insert(bSet.begin(), bSet.end()); break;
      default: id = sets.intersected(a, b), std::erase_if(set, [&](PathId p) { return !bSet.contains(p); }); break;
    }
    EXPECT_EQ(std::set<PathId>(sets[id].begin(), sets[id].end()), set);
    EXPECT_EQ(twin.try_emplace(set, id).first->second, id) << "equal sets have one id";
    known.emplace_back(id, set);
  }
}

TEST(Locksets, OfTheSameLocksAndModesHaveOneShapeWhereverTheyWereTaken) {
  Locksets sets;
  HeldLock lock;
  lock.lock = static_cast<PathId>(3);
  lock.since = static_cast<HoldSiteId>(1);
  const LocksetId one = sets.intern({lock});
  lock.since = static_cast<HoldSiteId>(2);
  const LocksetId other = sets.intern({lock});
  lock.hold = Hold::Shared;
  const LocksetId shared = sets.intern({lock});
  EXPECT_NE(one, other);
  EXPECT_EQ(sets.shape(one), sets.shape(other));
  EXPECT_NE(sets.shape(one), sets.shape(shared));
  EXPECT_EQ(sets.intern({lock}), shared);
}

TEST(Traces, GiveBackTheirSteps) {
  Traces traces;
  const auto f = static_cast<FunctionIndex>(1), g = static_cast<FunctionIndex>(2);
  const TraceId inner = traces.cons(Trace::Kind::Call, {1, 2, 3}, g, f, TraceId::Here);
  const TraceId outer = traces.cons(Trace::Kind::Spawn, {1, 9, 3}, f, g, inner);
  EXPECT_EQ(traces.cons(Trace::Kind::Spawn, {1, 9, 3}, f, g, inner), outer);
  EXPECT_EQ(traces[outer].kind, Trace::Kind::Spawn);
  EXPECT_EQ(traces[outer].rest, inner);
  EXPECT_EQ(traces[inner].location, (Location{1, 2, 3}));
  EXPECT_EQ(traces.length(outer), 2u);
  EXPECT_EQ(traces.length(TraceId::Here), 0u);
}

}  // namespace
}  // namespace deadheat
