// Prediction beside a naive twin that goes through every run that keeps what a trace fixes: on thousands of small random
// traces both say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/predict/script.h"
#include "tool/predict/predict.h"

namespace deadheat {
namespace {

using Kind = ObservedEvent::Kind;

/// All runs that are made of the trace's events, each thread's in its order, in which every read sees the write it saw,
/// every lock is taken in the recorded order, and what is received was sent.
class AllRuns {
 public:
  explicit AllRuns(const ObservedTrace& trace) : trace_(trace) {
    std::map<std::uint64_t, std::size_t> lastWrite;
    for (std::size_t i = 0; i < trace.size(); ++i) {
      threads_[trace[i].thread].push_back(i);
      if (trace[i].kind == Kind::Read) seen_[i] = lastWrite.count(trace[i].object) ? lastWrite[trace[i].object] : kNoEvent;
      if (trace[i].kind == Kind::Write) lastWrite[trace[i].object] = i;
    }
    visit({});
  }

  /// Some run has each of the events next in its thread.
  bool areNextTogether(const std::vector<std::size_t>& events) const {
    return std::any_of(reached_.begin(), reached_.end(), [&](const State& state) {
      return std::all_of(events.begin(), events.end(), [&](std::size_t event) {
        const auto& own = threads_.at(trace_[event].thread);
        auto done = state.done.find(trace_[event].thread);
        const std::size_t at = done == state.done.end() ? 0 : done->second;
        return at < own.size() && own[at] == event;
      });
    });
  }

 private:
  struct State {
    std::map<std::uint32_t, std::size_t> done;         ///< Events of each thread.
    std::map<std::uint64_t, std::size_t> lastWrite;    ///< By object.
    std::map<std::uint64_t, std::set<std::size_t>> held;  ///< By lock: acquisitions.
    std::map<std::uint64_t, std::size_t> lastTaken;    ///< By lock: latest acquisition plus one.
    auto operator<=>(const State&) const = default;
  };

  bool has(const State& state, std::size_t event) const {
    const auto& own = threads_.at(trace_[event].thread);
    auto done = state.done.find(trace_[event].thread);
    const auto index = static_cast<std::size_t>(std::find(own.begin(), own.end(), event) - own.begin());
    return done != state.done.end() && index < done->second;
  }

  bool hasStarted(const State& state, std::uint32_t thread) const {
    for (std::size_t i = 0; i < trace_.size(); ++i)
      if (trace_[i].kind == Kind::Create && trace_[i].object == thread) return has(state, i);
    return true;
  }

  bool possible(const State& state, std::size_t i) const {
    const ObservedEvent& event = trace_[i];
    if (!hasStarted(state, event.thread)) return false;
    switch (event.kind) {
      case Kind::Read: {
        auto last = state.lastWrite.find(event.object);
        return (last == state.lastWrite.end() ? kNoEvent : last->second) == seen_.at(i);
      }
      case Kind::Acquire: {
        if (auto last = state.lastTaken.find(event.object); last != state.lastTaken.end() && last->second > i) {
          // Readers among themselves have no order.
          for (std::size_t other = i + 1; other < trace_.size(); ++other)
            if (trace_[other].kind == Kind::Acquire && trace_[other].object == event.object && has(state, other) &&
                !(trace_[other].shared && event.shared))
              return false;
        }
        if (auto held = state.held.find(event.object); held != state.held.end())
          for (std::size_t other : held->second)
            if (!(trace_[other].shared && event.shared)) return false;
        return true;
      }
      case Kind::Join: {
        const auto& target = threads_.find(static_cast<std::uint32_t>(event.object));
        return target == threads_.end() || std::all_of(target->second.begin(), target->second.end(),
                                                       [&](std::size_t each) { return each > i || has(state, each); });
      }
      case Kind::Receive:
        for (std::size_t sent = 0; sent < i; ++sent)
          if (trace_[sent].kind == Kind::Send && trace_[sent].object == event.object && !has(state, sent)) return false;
        return true;
      default: return true;
    }
  }

  void visit(const State& state) {
    if (!reached_.insert(state).second) return;
    for (const auto& [thread, own] : threads_) {
      auto done = state.done.find(thread);
      const std::size_t at = done == state.done.end() ? 0 : done->second;
      if (at == own.size() || !possible(state, own[at])) continue;
      const ObservedEvent& event = trace_[own[at]];
      State next = state;
      next.done[thread] = at + 1;
      if (event.kind == Kind::Write) next.lastWrite[event.object] = own[at];
      if (event.kind == Kind::Acquire) {
        next.held[event.object].insert(own[at]);
        next.lastTaken[event.object] = std::max(next.lastTaken[event.object], own[at] + 1);
      }
      if (event.kind == Kind::Release)
        std::erase_if(next.held[event.object], [&](std::size_t each) { return trace_[each].thread == thread; });
      visit(next);
    }
  }

  const ObservedTrace& trace_;
  std::map<std::uint32_t, std::vector<std::size_t>> threads_;
  std::map<std::size_t, std::size_t> seen_;  ///< Read: the write.
  std::set<State> reached_;
};

/// Threads that do what they can, at random: a trace that may have happened.
ObservedTrace randomTrace(std::mt19937& random, std::size_t size) {
  constexpr std::uint32_t kThreads = 3;
  constexpr std::uint64_t kLocks = 3, kVariables = 2;
  Script script;
  std::map<std::uint32_t, std::vector<std::uint64_t>> held;
  std::map<std::uint64_t, std::map<std::uint32_t, bool>> holders;
  while (script.trace.size() < size) {
    const std::uint32_t id = random() % kThreads;
    Script::Thread thread = script.thread(id);
    const std::uint64_t lock = random() % kLocks, variable = random() % kVariables;
    switch (random() % 8) {
      case 0: thread.read(variable); break;
      case 1: thread.write(variable); break;
      case 2:
      case 3:
      case 4: {
        const bool shared = random() % 4 == 0;
        bool free = holders[lock].count(id) == 0;
        for (const auto& [holder, reads] : holders[lock]) free &= reads && shared;
        if (!free || held[id].size() == 2) break;
        shared ? thread.lockShared(lock) : thread.lock(lock);
        holders[lock][id] = shared;
        held[id].push_back(lock);
        break;
      }
      case 5:
      case 6:
        if (held[id].empty()) break;
        thread.unlock(held[id].back());
        holders[held[id].back()].erase(id);
        held[id].pop_back();
        break;
      case 7: random() % 2 ? thread.send(1) : thread.receive(1); break;
    }
  }
  return script.trace;
}

bool conflict(const ObservedEvent& a, const ObservedEvent& b) {
  return a.isAccess() && b.isAccess() && a.thread != b.thread && a.object == b.object && (a.writes() || b.writes());
}

TEST(RacesOfRandomTraces, AreThoseOfAllRuns) {
  std::mt19937 random(20);
  std::size_t racing = 0, not_racing = 0;
  for (int round = 0; round < 3000; ++round) {
    const ObservedTrace trace = randomTrace(random, 14);
    const AllRuns all(trace);
    const std::vector<PredictedRace> predicted = predictRaces(TraceOrder(trace));
    for (std::size_t i = 0; i < trace.size(); ++i)
      for (std::size_t j = i + 1; j < trace.size(); ++j) {
        if (!conflict(trace[i], trace[j])) continue;
        const bool expected = all.areNextTogether({i, j});
        const bool got = std::find(predicted.begin(), predicted.end(), PredictedRace{i, j}) != predicted.end();
        ASSERT_EQ(got, expected) << "round " << round << ", events " << i << " and " << j;
        ++(expected ? racing : not_racing);
      }
  }
  EXPECT_GT(racing, 500u);
  EXPECT_GT(not_racing, 500u);
}

/// All pairs of acquisitions that wait for each other's lock, whoever else holds what.
std::vector<PredictedDeadlock> crossedPairs(const ObservedTrace& trace) {
  auto heldBefore = [&](std::size_t event) {
    std::map<std::uint64_t, bool> held;
    for (std::size_t i = 0; i < event; ++i) {
      if (trace[i].thread != trace[event].thread) continue;
      if (trace[i].kind == Kind::Acquire) held[trace[i].object] = trace[i].shared;
      if (trace[i].kind == Kind::Release) held.erase(trace[i].object);
    }
    return held;
  };
  auto waits = [&](std::size_t waiter, const std::map<std::uint64_t, bool>& holds) {
    auto found = holds.find(trace[waiter].object);
    return found != holds.end() && !(found->second && trace[waiter].shared);
  };
  std::vector<PredictedDeadlock> pairs;
  for (std::size_t i = 0; i < trace.size(); ++i)
    for (std::size_t j = i + 1; j < trace.size(); ++j)
      if (trace[i].kind == Kind::Acquire && trace[j].kind == Kind::Acquire && trace[i].thread != trace[j].thread &&
          waits(i, heldBefore(j)) && waits(j, heldBefore(i)))
        pairs.push_back({i, j});
  return pairs;
}

TEST(DeadlocksOfRandomTraces, AreThoseOfAllRuns) {
  std::mt19937 random(21);
  std::size_t real = 0, apart = 0;
  for (int round = 0; round < 30000; ++round) {
    const ObservedTrace trace = randomTrace(random, 20);
    const std::vector<PredictedDeadlock> pairs = crossedPairs(trace);
    if (pairs.empty()) continue;
    const AllRuns all(trace);
    PredictionLimits limits;
    limits.longestCycle = 2;
    std::vector<PredictedDeadlock> predicted = predictDeadlocks(TraceOrder(trace), limits);
    for (PredictedDeadlock& each : predicted) std::sort(each.begin(), each.end());
    for (const PredictedDeadlock& pair : pairs) {
      const bool expected = all.areNextTogether(pair);
      const bool got = std::find(predicted.begin(), predicted.end(), pair) != predicted.end();
      ASSERT_EQ(got, expected) << "round " << round << ", events " << pair[0] << " and " << pair[1];
      ++(expected ? real : apart);
    }
  }
  EXPECT_GT(real, 30u);
  EXPECT_GT(apart, 30u);
}

}  // namespace
}  // namespace deadheat
