// The lock-order graph and the fork-join order against naive twins, and the four conditions one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "runtime/detect/lock_graph.h"

namespace deadheat::rt {
namespace {

/// A cycle as the set of (held use, wanted use) of its edges; each use in a test has a context of its own.
using CycleKey = std::multiset<std::pair<Context, Context>>;

/// A dependency with its storage.
struct Step {
  ThreadId thread;
  Segment segment;
  LockUse wanted;
  std::vector<LockUse> held;
};

class Graph {
 public:
  Segment segment(ThreadId thread, Segment before = 0, Segment also = 0) { return order.add(thread, before, also); }
  std::uint32_t node() { return graph.addNode(); }

  std::set<CycleKey> add(const Step& step) {
    std::set<CycleKey> found;
    graph.add({step.thread, step.segment, step.wanted, step.held.data(), static_cast<std::uint32_t>(step.held.size())},
              [](void* receiver, const CycleEdge* edges, std::size_t count) {
                CycleKey key;
                for (std::size_t i = 0; i < count; ++i)
                  key.insert({edges[i].held.context, edges[i].wanted.context});
                static_cast<std::set<CycleKey>*>(receiver)->insert(key);
              },
              &found);
    return found;
  }

  /// Thread `thread` wants `wanted` while it holds `held`, exclusively.
  std::size_t nest(ThreadId thread, Segment segment, std::vector<std::uint32_t> held, std::uint32_t wanted) {
    Step step{thread, segment, use(wanted, Mode::Exclusive), {}};
    for (std::uint32_t lock : held) step.held.push_back(use(lock, Mode::Exclusive));
    return add(step).size();
  }

  LockUse use(std::uint32_t node, Mode mode) { return {node, mode, ++contexts, 0x1000}; }

  ForkJoinOrder order;
  LockGraph graph{order};
  Context contexts = 0;
};

struct LockOrder : testing::Test, Graph {
  std::uint32_t a = node(), b = node(), c = node(), gate = node();
  Segment s1 = segment(1), s2 = segment(2), s3 = segment(3);
};

TEST_F(LockOrder, TellsAnInversionOfTwoThreads) {
  EXPECT_EQ(nest(1, s1, {a}, b), 0u);
  EXPECT_EQ(nest(2, s2, {b}, a), 1u);
}

TEST_F(LockOrder, TellsACycleOfThreeThreads) {
  nest(1, s1, {a}, b);
  nest(2, s2, {b}, c);
  EXPECT_EQ(nest(3, s3, {c}, a), 1u);
}

TEST_F(LockOrder, IgnoresAnInversionWithinOneThread) {
  nest(1, s1, {a}, b);
  EXPECT_EQ(nest(1, s1, {b}, a), 0u);
}

TEST_F(LockOrder, IgnoresCyclesGuardedByAThirdLock) {
  nest(1, s1, {gate, a}, b);
  EXPECT_EQ(nest(2, s2, {gate, b}, a), 0u);
}

TEST_F(LockOrder, ASharedGateGuardsNothing) {
  add({1, s1, use(b, Mode::Exclusive), {use(gate, Mode::Shared), use(a, Mode::Exclusive)}});
  EXPECT_EQ(add({2, s2, use(a, Mode::Exclusive), {use(gate, Mode::Shared), use(b, Mode::Exclusive)}}).size(), 1u);
}

TEST_F(LockOrder, ReadersDoNotWaitForReaders) {
  add({1, s1, use(b, Mode::Shared), {use(a, Mode::Shared)}});
  EXPECT_EQ(add({2, s2, use(a, Mode::Shared), {use(b, Mode::Shared)}}).size(), 0u);
  EXPECT_EQ(add({3, s3, use(a, Mode::Exclusive), {use(b, Mode::Exclusive)}}).size(), 1u);
}

TEST_F(LockOrder, IgnoresAnInversionOrderedByJoin) {
  nest(1, s1, {a}, b);
  Segment afterJoin = segment(2, s2, s1);
  EXPECT_EQ(nest(2, afterJoin, {b}, a), 0u);
  EXPECT_EQ(nest(3, s3, {b}, a), 1u);
}

TEST_F(LockOrder, TellsACycleOfTheSameCodeOnce) {
  Step first{1, s1, use(b, Mode::Exclusive), {use(a, Mode::Exclusive)}};
  Step second{2, s2, use(a, Mode::Exclusive), {use(b, Mode::Exclusive)}};
  add(first);
  EXPECT_EQ(add(second).size(), 1u);
  second.thread = 3;
  second.segment = s3;
  EXPECT_EQ(add(second).size(), 0u);
}

TEST_F(LockOrder, ALockThatIsGoneTakesItsDependenciesAlong) {
  nest(1, s1, {a}, b);
  graph.removeNode(b);
  EXPECT_EQ(graph.dependencyCount(), 0u);
  std::uint32_t again = node();
  EXPECT_EQ(nest(2, s2, {again}, a), 0u);
}

TEST_F(LockOrder, BeginsAnewWhenToldToForget) {
  nest(1, s1, {a}, b);
  graph.forget();
  EXPECT_EQ(graph.dependencyCount(), 0u);
  EXPECT_EQ(nest(2, s2, {b}, a), 0u);
  EXPECT_EQ(nest(1, s1, {a}, b), 1u);
}

TEST_F(LockOrder, HoldsAnyNumberOfLocks) {
  std::vector<std::uint32_t> many;
  for (int i = 0; i < 300; ++i) many.push_back(node());
  nest(1, s1, many, a);
  EXPECT_EQ(nest(2, s2, {a}, many.back()), 1u);
}

TEST_F(LockOrder, KeepsItsSizeWhenThreadsComeAndGo) {
  for (ThreadId thread = 10; thread < 5000; ++thread) nest(thread, segment(thread), {a}, b);
  EXPECT_LE(graph.dependencyCount(), 16u);
  EXPECT_EQ(nest(2, s2, {b}, a), 16u);
}

// ---- The naive twin --------------------------------------------------------------------------------------------------

bool blocks(Mode a, Mode b) { return a == Mode::Exclusive || b == Mode::Exclusive; }

class Twin {
 public:
  explicit Twin(std::map<Segment, std::vector<Segment>>& befores) : befores_(befores) {}

  std::set<CycleKey> add(const Step& step) {
    for (const Step& old : steps_)
      if (old.thread == step.thread && old.segment == step.segment && shape(old) == shape(step)) return {};
    steps_.push_back(step);
    found_.clear();
    std::vector<const Step*> chain{&steps_.back()};
    extend(chain);
    return found_;
  }

  void remove(std::uint32_t node) {
    std::erase_if(steps_, [&](const Step& step) {
      return step.wanted.node == node ||
             std::any_of(step.held.begin(), step.held.end(), [&](const LockUse& use) { return use.node == node; });
    });
  }

 private:
  static std::pair<std::set<std::pair<std::uint32_t, Mode>>, std::pair<std::uint32_t, Mode>> shape(const Step& step) {
    std::set<std::pair<std::uint32_t, Mode>> held;
    for (const LockUse& use : step.held) held.insert({use.node, use.mode});
    return {held, {step.wanted.node, step.wanted.mode}};
  }

  static const LockUse* awaited(const Step& from, const Step& to) {
    for (const LockUse& use : to.held)
      if (use.node == from.wanted.node && blocks(use.mode, from.wanted.mode)) return &use;
    return nullptr;
  }

  bool before(Segment a, Segment b) const {
    if (a == b) return true;
    auto found = befores_.find(b);
    return found != befores_.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](Segment s) { return before(a, s); });
  }

  bool together(const Step& a, const Step& b) const {
    for (const LockUse& x : a.held)
      for (const LockUse& y : b.held)
        if (x.node == y.node && blocks(x.mode, y.mode)) return false;
    return a.thread != b.thread && !before(a.segment, b.segment) && !before(b.segment, a.segment);
  }

  void extend(std::vector<const Step*>& chain) {
    for (const Step& next : steps_) {
      if (awaited(*chain.back(), next) == nullptr) continue;
      if (!std::all_of(chain.begin(), chain.end(), [&](const Step* s) { return together(*s, next); })) continue;
      chain.push_back(&next);
      if (const LockUse* closing = awaited(next, *chain.front())) {
        CycleKey key{{closing->context, chain.front()->wanted.context}};
        for (std::size_t i = 1; i < chain.size(); ++i)
          key.insert({awaited(*chain[i - 1], *chain[i])->context, chain[i]->wanted.context});
        found_.insert(key);
      } else {
        extend(chain);
      }
      chain.pop_back();
    }
  }

  std::map<Segment, std::vector<Segment>>& befores_;
  std::vector<Step> steps_;
  std::set<CycleKey> found_;
};

/// Threads that fork, join and nest at random; every answer of the graph is held against the twin's.
class RandomRun {
 public:
  explicit RandomRun(unsigned seed) : random_(seed) {
    for (int i = 0; i < 6; ++i) nodes_.push_back(graph_.node());
    for (ThreadId thread = 0; thread < 4; ++thread) now_[thread] = newSegment(thread, {});
  }

  std::size_t run(int steps) {
    std::size_t cycles = 0;
    for (int i = 0; i < steps; ++i) {
      unsigned what = random_() % 20;
      if (what == 0)
        replaceLock();
      else if (what == 1)
        meet();
      else
        cycles += nest();
      if (testing::Test::HasFailure()) break;
    }
    return cycles;
  }

 private:
  Segment newSegment(ThreadId thread, std::vector<Segment> befores) {
    befores.resize(2);
    Segment made = graph_.segment(thread, befores[0], befores[1]);
    for (Segment before : befores)
      if (before != 0) befores_[made].push_back(before);
    return made;
  }

  void replaceLock() {
    std::uint32_t& node = nodes_[random_() % nodes_.size()];
    twin_.remove(node);
    graph_.graph.removeNode(node);
    node = graph_.node();
  }

  /// One thread goes on after what another has done so far, as after a join.
  void meet() {
    ThreadId thread = random_() % 4;
    ThreadId other = (thread + 1 + random_() % 3) % 4;
    Segment ended = now_[other];
    now_[thread] = newSegment(thread, {now_[thread], ended});
    now_[other] = newSegment(other, {ended});
  }

  std::size_t nest() {
    std::vector<std::uint32_t> locks = nodes_;
    std::shuffle(locks.begin(), locks.end(), random_);
    ThreadId thread = random_() % 4;
    Step step{thread, now_[thread], use(locks[0]), {}};
    for (std::size_t i = 0, count = 1 + random_() % 3; i < count; ++i) step.held.push_back(use(locks[i + 1]));
    std::set<CycleKey> expected = twin_.add(step);
    EXPECT_EQ(graph_.add(step), expected);
    return expected.size();
  }

  LockUse use(std::uint32_t node) { return graph_.use(node, random_() % 3 == 0 ? Mode::Shared : Mode::Exclusive); }

  std::mt19937 random_;
  Graph graph_;
  std::map<Segment, std::vector<Segment>> befores_;
  Twin twin_{befores_};
  std::vector<std::uint32_t> nodes_;
  std::map<ThreadId, Segment> now_;
};

TEST(LockOrderTwin, AgreesUnderRandomOperations) {
  std::size_t cycles = 0;
  for (unsigned seed = 0; seed < 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    cycles += RandomRun(seed).run(40);
  }
  EXPECT_GT(cycles, 1000u);
}

}  // namespace
}  // namespace deadheat::rt
