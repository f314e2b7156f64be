// Strategies on modelled programs: threads are lists of operations that can always go on. Each test states the odds.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/replay.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

constexpr Address kX = 0x1000, kY = 0x2000;
constexpr Address kCode = 0x400000;

struct Step {
  ThreadId thread;
  std::size_t index;
  auto operator<=>(const Step&) const = default;
};

using Order = std::vector<Step>;

/// Runs threads of operations under a strategy, as the engine does.
class Model {
 public:
  ThreadId addThread(const std::vector<Address>& objects) {
    auto thread = static_cast<ThreadId>(threads_.size());
    std::vector<Event> events;
    for (std::size_t i = 0; i < objects.size(); ++i)
      events.push_back({thread, Operation::Write, true, objects[i], 4, kCode + thread * 0x100 + i});
    threads_.push_back(std::move(events));
    return thread;
  }

  std::vector<protocol::PlanFocus> usesOf(Address object) const {
    std::vector<protocol::PlanFocus> uses;
    for (const auto& events : threads_) {
      std::uint64_t count = 0;
      for (const Event& event : events) count += event.object == object;
      uses.push_back({static_cast<ThreadId>(uses.size()), 0, count});
    }
    return uses;
  }

  std::uint64_t stepCount() const {
    std::uint64_t count = 0;
    for (const auto& events : threads_) count += events.size();
    return count;
  }

  Order run(const Strategy& strategy, std::uint64_t seed, std::uint32_t depth = 0) {
    const std::vector<protocol::PlanFocus> uses = usesOf(kX);
    strategy.begin({seed, depth, stepCount(), focus, uses.data(), uses.size()});
    std::vector<std::size_t> next(threads_.size());
    Order order;
    deviations.clear();
    std::uint64_t step = 0, hash = 0;
    ThreadId current = 0;
    Event executed{};
    for (;;) {
      std::vector<const Event*> enabled;
      bool canStay = false;
      for (std::size_t t = 0; t < threads_.size(); ++t) {
        if (next[t] == threads_[t].size()) continue;
        enabled.push_back(&threads_[t][next[t]]);
        canStay = canStay || t == current;
      }
      if (enabled.empty()) return order;
      ThreadId standing = canStay ? current : enabled[0]->thread;
      ThreadId chosen = standing;
      if (enabled.size() > 1) {
        DecisionKey key{current, canStay ? threads_[current][next[current]].pc : 0, step};
        ++step;
        chosen = strategy.choose({enabled.data(), enabled.size(), enabled.data(), enabled.size(),
                                  order.empty() ? nullptr : &executed, standing, false, step, hash, key});
        if (chosen != standing) deviations.push_back({protocol::DeviationKind::Switch, chosen, key, step, hash});
      }
      executed = threads_[chosen][next[chosen]];
      hash = mix(hash + executed.pc);
      if (strategy.performed != nullptr) strategy.performed(executed);
      order.push_back({chosen, next[chosen]++});
      current = chosen;
    }
  }

  void setPlace(ThreadId thread, std::size_t index, Address pc) { threads_[thread][index].pc = pc; }

  Address focus = kX;
  std::vector<Deviation> deviations;  ///< Of the last run.

 private:
  std::vector<std::vector<Event>> threads_;
};

std::size_t placeOf(const Order& order, Step step) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), step) - order.begin());
}

/// Share of `runs` seeds under which `shows` holds for the order of the run.
template <class Shows>
double share(Model& model, const Strategy& strategy, std::uint32_t depth, int runs, Shows shows) {
  int hits = 0;
  for (int seed = 0; seed < runs; ++seed) hits += shows(model.run(strategy, static_cast<std::uint64_t>(seed), depth));
  return static_cast<double>(hits) / runs;
}

/// One thread of `length` independent operations; another's only operation comes right before number `at`.
Model longAndShort(std::size_t length) {
  Model model;
  model.addThread(std::vector<Address>(length, kY));
  model.addThread({kX});
  return model;
}

TEST(RandomNumbers, AreTheSameForTheSameSeed) {
  RandomNumbers a, b, c;
  a.seed(7);
  b.seed(7);
  c.seed(8);
  for (int i = 0; i < 100; ++i) {
    std::uint64_t drawn = a.below(10);
    EXPECT_LT(drawn, 10u);
    EXPECT_EQ(drawn, b.below(10));
  }
  EXPECT_NE(a.next(), c.next());
}

TEST(RandomWalk, TakesEitherOfTwoWithEvenOdds) {
  Model model;
  model.addThread({kX});
  model.addThread({kX});
  double first = share(model, kRandom, 0, 4000, [](const Order& order) { return order[0].thread == 0; });
  EXPECT_NEAR(first, 0.5, 0.04);
}

TEST(RandomWalk, HardlyEverPutsAnOperationOffForLong) {
  Model model = longAndShort(16);
  EXPECT_LT(share(model, kRandom, 0, 2000, [](const Order& order) { return order.back().thread == 1; }), 0.005);
}

TEST(Pos, PutsAnOperationOffPastMIndependentOnesOnceInMPlusOne) {
  Model model = longAndShort(16);
  double last = share(model, kPos, 0, 8000, [](const Order& order) { return order.back().thread == 1; });
  EXPECT_NEAR(last, 1.0 / 17, 0.02);
}

TEST(Pos, DrawsAgainForWhatConflicts) {
  Model model;
  model.addThread(std::vector<Address>(4, kX));
  model.addThread({kX});
  double last = share(model, kPos, 0, 8000, [](const Order& order) { return order.back().thread == 1; });
  EXPECT_NEAR(last, 1.0 / 16, 0.02);
}

TEST(Pct, OfDepthOneRunsThreadsOneAfterTheOther) {
  Model model;
  for (int i = 0; i < 3; ++i) model.addThread({kX, kX, kX});
  std::set<ThreadId> last;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Order order = model.run(kPct, seed, 1);
    int switches = 0;
    for (std::size_t i = 1; i < order.size(); ++i) switches += order[i].thread != order[i - 1].thread;
    EXPECT_EQ(switches, 2);
    last.insert(order.back().thread);
  }
  EXPECT_EQ(last.size(), 3u);
}

// Depth 2: the short thread's operation comes between two given ones of the long thread. n = 2, k = 41.
TEST(Pct, MeetsItsGuaranteeForDepthTwoWhereARandomWalkFails) {
  Model model = longAndShort(40);
  auto between = [](const Order& order) { return placeOf(order, {1, 0}) == 25; };
  double guarantee = 1.0 / (2 * 41);
  EXPECT_GT(share(model, kPct, 2, 20000, between), guarantee * 0.8);
  EXPECT_LT(share(model, kRandom, 0, 20000, between), guarantee * 0.05);
}

// Nine operations on the object, one of them another thread's: it comes at each place once in nine.
TEST(Surw, MakesEveryOrderOfTheOperationsOnItsObjectAlike) {
  Model model;
  model.addThread({kX, kY, kX, kX, kY, kX, kX, kY, kX, kX, kY, kX});
  model.addThread({kX});
  for (std::size_t place : {std::size_t{0}, std::size_t{4}, std::size_t{8}}) {
    double there = share(model, kSurw, 0, 6000, [=](const Order& order) {
      std::size_t before = 0;
      for (const Step& step : order) {
        if (step.thread == 1) break;
        before += step.index % 3 != 1;  // As the list above has them.
      }
      return before == place;
    });
    EXPECT_NEAR(there, 1.0 / 9, 0.02) << place;
  }
}

class Replayed : public testing::Test {
 protected:
  Replayed() {
    for (int i = 0; i < 3; ++i) model_.addThread({kX, kY, kX, kY});
    order_ = model_.run(kRandom, 11);
    recorded_ = model_.deviations;
  }
  Order replay(bool strict) {
    setDeviations(recorded_.data(), recorded_.size(), strict);
    return model_.run(kReplay, 0);
  }
  Model model_;
  Order order_;
  std::vector<Deviation> recorded_;
};

TEST_F(Replayed, TakesTheSameSteps) {
  ASSERT_GT(recorded_.size(), 2u);
  EXPECT_EQ(replay(true), order_);
  EXPECT_EQ(divergence(), nullptr);
  EXPECT_EQ(replay(false), order_);
}

TEST_F(Replayed, WithoutDeviationsStaysOnTheCurrentThread) {
  recorded_.clear();
  Order order = replay(false);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i].thread, i / 4);
}

TEST_F(Replayed, NamesTheStepAtWhichAStrictReplayGoesAnotherWay) {
  std::uint64_t step = recorded_[1].step;
  recorded_[1].hash ^= 1;
  replay(true);
  ASSERT_NE(divergence(), nullptr);
  EXPECT_EQ(divergence()->step, step);
  EXPECT_EQ(divergence()->expected->step, step);
}

TEST_F(Replayed, DivergesWhenTheChosenThreadCannotGoOn) {
  recorded_[0].chosen = 9;
  replay(true);
  EXPECT_NE(divergence(), nullptr);
  replay(false);
  EXPECT_EQ(divergence(), nullptr);
}

TEST_F(Replayed, WakesWhomTheScheduleSays) {
  ThreadId waiters[] = {4, 5, 6};
  recorded_ = {{protocol::DeviationKind::Wake, 6, {1, kCode, 3}, 1, 0}};
  setDeviations(recorded_.data(), recorded_.size(), false);
  kReplay.begin({});
  EXPECT_EQ(kReplay.wake({1, kCode, 3}, waiters, 3), 2u);
  EXPECT_EQ(kReplay.wake({1, kCode, 4}, waiters, 3), 0u);
}

/// Twenty threads write x, then y; the last looks at x, then y. It sees x written and y not only if everybody pauses between.
Model manyWriters() {
  Model model;
  for (int i = 0; i < 20; ++i) model.addThread({kX, kY});
  model.addThread({kX, kY});
  return model;
}

bool seesHalfOfIt(const Order& order) {
  const std::size_t looksAtX = placeOf(order, {20, 0}), looksAtY = placeOf(order, {20, 1});
  bool xWritten = false, yWritten = false;
  for (ThreadId writer = 0; writer < 20; ++writer) {
    xWritten = xWritten || placeOf(order, {writer, 0}) < looksAtX;
    yWritten = yWritten || placeOf(order, {writer, 1}) < looksAtY;
  }
  return xWritten && !yWritten;
}

TEST(Stall, PausesAllThreadsAtOnePlace) {
  // Each thread's operations have places of their own in the model; writers share theirs here.
  Model model = manyWriters();
  for (ThreadId writer = 0; writer < 20; ++writer) model.setPlace(writer, 1, kCode + 0x900);
  model.focus = kCode + 0x900;
  // The look at x comes when all writers have paused, unless the looker's priority put it before all of them: 1 in 21.
  EXPECT_GT(share(model, kStall, 0, 500, seesHalfOfIt), 0.9);
  // Threads in a random mix would each have to stop by themselves.
  EXPECT_LT(share(model, kRandom, 0, 500, seesHalfOfIt), 0.1);
  EXPECT_LT(share(model, kPct, 3, 500, seesHalfOfIt), 0.15);
}

TEST(Stall, WithoutAPlaceStallsSome) {
  Model model = manyWriters();
  model.focus = 0;
  for (ThreadId writer = 0; writer < 20; ++writer) {
    model.setPlace(writer, 0, kCode + 0x800);
    model.setPlace(writer, 1, kCode + 0x900);
  }
  // One place in 4 to one in 32 stalls; the one that counts, and neither of the looker's, with a chance of about 1 in 15.
  const double found = share(model, kStall, 0, 1000, seesHalfOfIt);
  EXPECT_GT(found, 0.03);
  EXPECT_LT(found, 0.15);
}

}  // namespace
}  // namespace deadheat::rt
