// The directed strategies on modelled programs: threads are lists of operations, locks are really waited for. Each test
// states the odds, and that a random walk has not got them.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "runtime/schedule/looks.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

using protocol::SiteKind;

constexpr Address kX = 0x1000, kY = 0x2000, kM = 0x3000, kN = 0x4000;
constexpr int kRuns = 2000;

/// The variable at kX is thread 0's until it ends that.
bool ended;
Lent lentInModel(const Event& event) {
  if (event.object != kX || event.thread == 0) return Lent::No;
  return ended ? Lent::Left : Lent::Lives;
}

std::map<Address, ThreadId> owners;
bool holdsInModel(ThreadId thread, Address lock) {
  auto owner = owners.find(lock);
  return owner != owners.end() && owner->second == thread;
}

/// What one thread does, in order.
class Program {
 public:
  Program& idle(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) add(Operation::Write, true, kY + 0x1000 * (id_ + 1));
    return *this;
  }
  Program& read(Address object, SiteKind role = {}) { return add(Operation::Read, false, object, role); }
  Program& write(Address object, SiteKind role = {}) { return add(Operation::Write, true, object, role); }
  Program& lock(Address lock, SiteKind role = {}) { return add(Operation::Lock, true, lock, role); }
  Program& unlock(Address lock) { return add(Operation::Unlock, true, lock); }

  Program& end(Address object) { return add(Operation::Free, true, object); }
  Program& sleep(SiteKind role) { return add(Operation::Sleep, true, 0, role); }

  explicit Program(ThreadId id) : id_(id) {}
  const std::vector<Event>& events() const { return events_; }

 private:
  Program& add(Operation operation, bool changes, Address object, SiteKind role = {}) {
    Event event{id_, operation, changes, object, 4, 0x400000 + id_ * 0x1000 + events_.size()};
    event.role = role;
    if (role != SiteKind{}) event.site = static_cast<std::uint32_t>(role);
    events_.push_back(event);
    return *this;
  }

  ThreadId id_;
  std::vector<Event> events_;
};

/// What a run came to.
struct Outcome {
  bool met = false;       ///< Two threads stood at racing candidates.
  bool stuck = false;     ///< Nobody could go on.
  bool overtaken = false; ///< A thread acted on what another had changed.
  bool late = false;      ///< A variable was used that had ended.
  bool kept = false;      ///< A thread slept with a lock held that another was about to take.
  std::vector<Event> order;
};

class Model {
 public:
  Program& thread() { return threads_.emplace_back(static_cast<ThreadId>(threads_.size())); }
  Model() { threads_.reserve(16); }

  Outcome run(const Strategy& strategy, std::uint64_t seed, std::uint32_t attempt, std::uint32_t order = 0) {
    owners.clear();
    ended = false;
    StrategySettings settings{seed, 3, 100, 0, nullptr, 0, attempt, order, holdsInModel, lentInModel, nullptr};
    strategy.begin(settings);
    std::vector<std::size_t> next(threads_.size());
    Outcome out;
    Looks looks;
    ThreadId current = 0;
    for (std::uint64_t step = 0;; ++step) {
      std::vector<const Event*> enabled;
      bool canStay = false, left = false;
      for (std::size_t t = 0; t < threads_.size(); ++t) {
        if (next[t] == threads_[t].events().size()) continue;
        left = true;
        const Event& event = threads_[t].events()[next[t]];
        if (event.operation == Operation::Lock && owners.count(event.object) != 0) continue;
        enabled.push_back(&event);
        canStay = canStay || t == current;
      }
      if (enabled.empty()) {
        out.stuck = left;
        return out;
      }
      for (const Event* a : enabled)
        for (const Event* b : enabled) out.met = out.met || (a->site != Event::kNoSite && b->site != Event::kNoSite && races(*a, *b));
      ThreadId chosen = canStay ? current : enabled[0]->thread;
      if (enabled.size() > 1)
        chosen = strategy.choose({enabled.data(), enabled.size(), enabled.data(), enabled.size(), nullptr, chosen, false,
                                  step, 0, {current, 0, step}});
      const Event& event = threads_[chosen].events()[next[chosen]++];
      out.late = out.late || lentInModel(event) == Lent::Left;
      out.kept = out.kept || (event.operation == Operation::Sleep && wanted(chosen, next));
      ended = ended || event.operation == Operation::Free;
      if (event.operation == Operation::Lock) owners[event.object] = chosen;
      if (event.operation == Operation::Unlock) owners.erase(event.object);
      if (strategy.performed != nullptr) strategy.performed(event);
      out.overtaken = out.overtaken || looks.performed(event) != nullptr;
      out.order.push_back(event);
      current = chosen;
    }
  }

  /// Share of seeds for which `shows` holds.
  template <class Shows>
  double share(const Strategy& strategy, std::uint32_t attempt, Shows shows) {
    int hits = 0;
    for (int seed = 0; seed < kRuns; ++seed) hits += shows(run(strategy, static_cast<std::uint64_t>(seed), attempt));
    return static_cast<double>(hits) / kRuns;
  }

 private:
  /// Another thread is about to take what `holder` holds.
  bool wanted(ThreadId holder, const std::vector<std::size_t>& next) const {
    for (std::size_t t = 0; t < threads_.size(); ++t) {
      if (t == holder || next[t] == threads_[t].events().size()) continue;
      const Event& event = threads_[t].events()[next[t]];
      if (event.operation == Operation::Lock && holdsInModel(holder, event.object)) return true;
    }
    return false;
  }

  std::vector<Program> threads_;
};

auto met = [](const Outcome& outcome) { return outcome.met; };
auto stuck = [](const Outcome& outcome) { return outcome.stuck; };
auto late = [](const Outcome& outcome) { return outcome.late; };
auto kept = [](const Outcome& outcome) { return outcome.kept; };
auto overtaken = [](const Outcome& outcome) { return outcome.overtaken; };

/// One access early in one thread, the other late in another.
Model earlyAndLate() {
  Model model;
  model.thread().idle(1).write(kX, SiteKind::Write).idle(20);
  model.thread().idle(40).read(kX, SiteKind::Read);
  return model;
}

TEST(RaceStrategy, MakesAccessesMeetThatAreFarApart) {
  Model model = earlyAndLate();
  for (std::uint32_t attempt : {0u, 1u}) EXPECT_EQ(model.share(kRace, attempt, met), 1.0);
  EXPECT_LT(model.share(kRandom, 0, met), 0.01);
}

TEST(RaceStrategy, RunsTheTwoInTheOrderAskedForOneRightAfterTheOther) {
  Model model = earlyAndLate();
  for (std::uint32_t order : {0u, 1u}) {
    Outcome outcome = model.run(kRace, 1, 0, order);
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < outcome.order.size(); ++i)
      if (outcome.order[i].site != Event::kNoSite) at.push_back(i);
    ASSERT_EQ(at.size(), 2u);
    EXPECT_EQ(at[1], at[0] + 1);
    EXPECT_EQ(outcome.order[at[0]].operation, order == 0 ? Operation::Write : Operation::Read);
  }
}

TEST(RaceStrategy, DoesNotMakeThoseMeetThatALockKeepsApart) {
  Model model;
  for (int i = 0; i < 2; ++i) model.thread().lock(kM).write(kX, SiteKind::Write).unlock(kM);
  for (std::uint32_t attempt : {0u, 1u, 4u}) EXPECT_EQ(model.share(kRace, attempt, met), 0.0);
}

/// The first arrival of the one is never the one the other comes to: only its fourth is on the same bytes.
TEST(RaceStrategy, GivesLaterArrivalsTheirTurn) {
  Model model;
  model.thread().write(kN, SiteKind::Write).write(kN, SiteKind::Write).write(kN, SiteKind::Write).write(kX, SiteKind::Write);
  model.thread().idle(8).read(kX, SiteKind::Read);
  double share = 1.0;
  for (std::uint32_t attempt = 0; attempt < 6; ++attempt) share *= 1.0 - model.share(kRace, attempt, met);
  EXPECT_LT(share, 0.2);  // Of six attempts at least one does, five times in six.
}

/// Each thread takes its second lock right after its first, a long way from when the other does.
Model oppositeOrders() {
  Model model;
  model.thread().lock(kM).lock(kN, SiteKind::Acquire).unlock(kN).unlock(kM).idle(40);
  model.thread().idle(40).lock(kN).lock(kM, SiteKind::Acquire).unlock(kM).unlock(kN);
  return model;
}

TEST(DeadlockStrategy, ClosesACycleAtTheFirstAttempt) {
  Model model = oppositeOrders();
  for (std::uint32_t attempt : {0u, 1u}) EXPECT_EQ(model.share(kDeadlock, attempt, stuck), 1.0);
  EXPECT_LT(model.share(kRandom, 0, stuck), 0.01);
}

TEST(DeadlockStrategy, ClosesACycleOfThree) {
  Model model;
  const Address locks[] = {kM, kN, kX};
  for (int i = 0; i < 3; ++i)
    model.thread().idle(10).lock(locks[i]).lock(locks[(i + 1) % 3], SiteKind::Acquire).unlock(locks[(i + 1) % 3]).unlock(locks[i]);
  EXPECT_EQ(model.share(kDeadlock, 0, stuck), 1.0);
}

TEST(DeadlockStrategy, NeverClosesOneBehindAGate) {
  Model model;
  model.thread().lock(kX).lock(kM).lock(kN, SiteKind::Acquire).unlock(kN).unlock(kM).unlock(kX);
  model.thread().lock(kX).lock(kN).lock(kM, SiteKind::Acquire).unlock(kM).unlock(kN).unlock(kX);
  for (std::uint32_t attempt : {0u, 1u, 3u}) EXPECT_EQ(model.share(kDeadlock, attempt, stuck), 0.0);
}

/// Every access is locked; between the look and the act the lock is given back.
Model lookThenAct() {
  Model model;
  model.thread().lock(kM).read(kX, SiteKind::Look).unlock(kM).lock(kM).write(kX, SiteKind::Act).unlock(kM).idle(40);
  model.thread().idle(60).lock(kM).write(kX).unlock(kM);
  return model;
}

TEST(GapStrategy, PutsAChangeBetweenLookAndAct) {
  Model model = lookThenAct();
  EXPECT_EQ(model.share(kGap, 0, overtaken), 1.0);
  EXPECT_GT(model.share(kGap, 1, overtaken), 0.4);  // Else the other thread came before the look.
  EXPECT_LT(model.share(kRandom, 0, overtaken), 0.01);
}

TEST(GapStrategy, FindsNoneWithinOneHold) {
  Model model;
  for (int i = 0; i < 2; ++i) model.thread().lock(kM).read(kX, SiteKind::Look).write(kX, SiteKind::Act).unlock(kM);
  for (std::uint32_t attempt : {0u, 1u, 3u}) EXPECT_EQ(model.share(kGap, attempt, overtaken), 0.0);
}

TEST(ScopeStrategy, HasTheVariableEndBeforeItIsUsed) {
  Model model;
  model.thread().idle(40).end(kX).idle(5);
  model.thread().idle(2).read(kX, SiteKind::Lend).idle(5);
  for (std::uint32_t attempt : {0u, 1u}) EXPECT_EQ(model.share(kScope, attempt, late), 1.0);
  EXPECT_LT(model.share(kRandom, 0, late), 0.01);
}

TEST(ScopeStrategy, LetsTheUserGoOnWhereItsLenderWaitsForIt) {
  Model model;
  model.thread().idle(40).lock(kM).unlock(kM).end(kX);
  model.thread().lock(kM).read(kX, SiteKind::Lend).unlock(kM);
  for (std::uint32_t attempt : {0u, 1u}) EXPECT_EQ(model.share(kScope, attempt, stuck), 0.0);
}

TEST(BlockStrategy, LetsTheLockBeWantedBeforeItsHolderSleeps) {
  Model model;
  model.thread().lock(kM).sleep(SiteKind::Block).unlock(kM).idle(5);
  model.thread().idle(40).lock(kM).unlock(kM);
  for (std::uint32_t attempt : {0u, 1u}) EXPECT_GT(model.share(kBlock, attempt, kept), attempt == 0 ? 0.99 : 0.4);
  EXPECT_LT(model.share(kRandom, 0, kept), 0.01);
}

TEST(Looks, AreNotStaleAfterTheThreadHasLookedAgain) {
  Looks looks;
  Model model;
  const auto own = Program(0).read(kX, SiteKind::Look).read(kX, SiteKind::Look).write(kX, SiteKind::Act).events();
  const auto other = Program(1).write(kX).events();
  EXPECT_EQ(looks.performed(own[0]), nullptr);
  EXPECT_EQ(looks.performed(other[0]), nullptr);
  EXPECT_EQ(looks.performed(own[1]), nullptr);
  EXPECT_EQ(looks.performed(own[2]), nullptr);
  EXPECT_FALSE(looks.isOpen(0));
}

TEST(Looks, TellWhoChangedWhatIsActedOn) {
  Looks looks;
  const auto own = Program(0).read(kX, SiteKind::Look).write(kX, SiteKind::Act).events();
  const auto other = Program(1).write(kX).events();
  looks.performed(own[0]);
  looks.performed(other[0]);
  const Look* stale = looks.performed(own[1]);
  ASSERT_NE(stale, nullptr);
  EXPECT_EQ(stale->change.thread, 1u);
}

/// The same event in a task.
Event in(std::uint32_t task, Event event) {
  event.task = task;
  return event;
}

TEST(Looks, TellTasksOfOneThreadApart) {
  Looks looks;
  const auto own = Program(0).read(kX, SiteKind::Look).write(kX, SiteKind::Act).events();
  const auto change = Program(0).write(kX).events();
  looks.performed(in(1, own[0]));
  looks.performed(in(2, change[0]));
  const Look* stale = looks.performed(in(1, own[1]));
  ASSERT_NE(stale, nullptr);
  EXPECT_EQ(stale->look.task, 1u);
  EXPECT_EQ(stale->change.task, 2u);
}

TEST(Looks, GoWithTheTaskToAnotherThread) {
  Looks looks;
  const auto first = Program(0).read(kX, SiteKind::Look).write(kX).events();
  const auto second = Program(1).write(kX, SiteKind::Act).events();
  looks.performed(in(1, first[0]));
  looks.performed(in(1, first[1]));
  EXPECT_EQ(looks.performed(in(1, second[0])), nullptr) << "its own change";
  EXPECT_FALSE(looks.isOpen(0));
}

bool belongsToFirst(const Event& look, const Event& event) { return look.task == 1 && event.task == 3; }

TEST(Looks, AreNotChangedByWhatTheLookingTaskAwaits) {
  Looks looks(belongsToFirst);
  const auto own = Program(0).read(kX, SiteKind::Look).write(kX, SiteKind::Act).events();
  const auto change = Program(0).write(kX).events();
  looks.performed(in(1, own[0]));
  looks.performed(in(3, change[0]));
  EXPECT_EQ(looks.performed(in(1, own[1])), nullptr);
}

}  // namespace
}  // namespace deadheat::rt
