// The systematic search against a plain enumeration, on modelled programs of reads, writes and locks.
#include "tool/explore/systematic.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

namespace deadheat {
namespace {

using protocol::DeviationKind;
using protocol::TraceEntry;

struct Operation {
  enum class Kind { Read, Write, Lock, Unlock } kind;
  std::uint64_t object;
};
using Program = std::vector<std::vector<Operation>>;

/// What all threads saw, and whether they came to their ends: all that can be told from inside.
using Outcome = std::vector<std::vector<std::uint64_t>>;

/// A program under way.
class State {
 public:
  explicit State(const Program& program)
      : program_(&program), next_(program.size()), saw_(program.size()), waits_(program.size()) {}

  bool ended(std::uint32_t thread) const { return next_[thread] == (*program_)[thread].size(); }
  bool ready(std::uint32_t thread) const {
    return !ended(thread) && !(waits_[thread] && holder(pending(thread).object) != kNobody);
  }
  std::uint64_t readySet() const {
    std::uint64_t set = 0;
    for (std::uint32_t t = 0; t < program_->size(); ++t) set |= std::uint64_t{ready(t)} << t;
    return set;
  }
  const Operation& pending(std::uint32_t thread) const { return (*program_)[thread][next_[thread]]; }
  std::size_t position(std::uint32_t thread) const { return next_[thread]; }

  void perform(std::uint32_t thread) {
    const Operation& operation = pending(thread);
    waits_[thread] = false;
    switch (operation.kind) {
      case Operation::Kind::Read: saw_[thread].push_back(memory_[operation.object]); break;
      case Operation::Kind::Write: memory_[operation.object] = ++writes_[thread] * 100 + thread + 1; break;
      case Operation::Kind::Lock:
        if (holder(operation.object) != kNobody) {
          waits_[thread] = true;  // And tries again when it is free.
          return;
        }
        locks_[operation.object] = thread;
        break;
      case Operation::Kind::Unlock: locks_.erase(operation.object); break;
    }
    ++next_[thread];
  }
  Outcome outcome() const {
    Outcome outcome = saw_;
    for (std::uint32_t t = 0; t < program_->size(); ++t) outcome[t].push_back(next_[t]);
    return outcome;
  }

 private:
  static constexpr std::uint32_t kNobody = ~0u;
  std::uint32_t holder(std::uint64_t lock) const {
    auto found = locks_.find(lock);
    return found == locks_.end() ? kNobody : found->second;
  }
  const Program* program_;
  std::vector<std::size_t> next_;
  std::vector<std::vector<std::uint64_t>> saw_;
  std::vector<bool> waits_;
  std::map<std::uint64_t, std::uint64_t> memory_;
  std::map<std::uint64_t, std::uint32_t> locks_;
  std::map<std::uint32_t, std::uint64_t> writes_;
};

/// All outcomes within the bound, by trying every choice at every step. `runs` counts schedules.
std::set<Outcome> enumerate(const Program& program, unsigned bound, std::size_t& runs) {
  std::set<Outcome> outcomes;
  std::function<void(const State&, std::uint32_t, unsigned)> visit = [&](const State& state, std::uint32_t current,
                                                                        unsigned left) {
    if (state.readySet() == 0) {
      ++runs;
      outcomes.insert(state.outcome());
      return;
    }
    for (std::uint32_t t = 0; t < program.size(); ++t) {
      if (!state.ready(t)) continue;
      const unsigned cost = t != current && state.ready(current) ? 1 : 0;
      if (cost > left) continue;
      State after = state;
      after.perform(t);
      visit(after, t, left - cost);
    }
  };
  visit(State(program), 0, bound);
  return outcomes;
}

/// One run as the runtime makes it: the default, but for the choices.
Outcome run(const Program& program, const std::vector<SystematicSearch::Choice>& choices,
            std::vector<TraceEntry>& trace) {
  State state(program);
  std::uint32_t current = 0;
  std::uint64_t step = 0, hash = 0;
  std::size_t made = 0;
  while (std::uint64_t ready = state.readySet()) {
    TraceEntry entry{};
    entry.kind = DeviationKind::Switch;
    entry.keyThread = current;
    entry.standing = (ready >> current & 1) != 0 ? current : static_cast<std::uint32_t>(std::countr_zero(ready));
    entry.chosen = entry.standing;
    entry.enabled = entry.ready = entry.all = ready;
    entry.hash = hash;
    if (!std::has_single_bit(ready)) entry.step = ++step;
    if (entry.step != 0 && made < choices.size() && choices[made].at.step == entry.step) entry.chosen = choices[made++].chosen;
    const Operation& operation = state.pending(entry.chosen);
    entry.object = operation.object;
    entry.size = 8;
    if (operation.kind != Operation::Kind::Read) entry.flags |= protocol::kTraceChanges;
    if (operation.kind == Operation::Kind::Lock) entry.flags |= protocol::kTraceAcquires;
    if (operation.kind == Operation::Kind::Unlock) entry.flags |= protocol::kTraceReleases;
    hash = hash * 31 + entry.chosen * 8 + state.position(entry.chosen) + 1;
    state.perform(entry.chosen);
    current = entry.chosen;
    trace.push_back(entry);
  }
  EXPECT_EQ(made, choices.size());
  return state.outcome();
}

/// All outcomes that the search meets.
std::set<Outcome> search(const Program& program, unsigned bound, std::size_t& runs) {
  SystematicSearch search(bound);
  std::set<Outcome> outcomes;
  while (auto next = search.next()) {
    std::vector<TraceEntry> trace;
    outcomes.insert(run(program, next->choices, trace));
    search.took(next->id, trace);
  }
  EXPECT_EQ(search.lostRuns(), 0u);
  EXPECT_EQ(search.boundDone(), bound);
  runs += search.runs();
  return outcomes;
}

constexpr auto kRead = Operation::Kind::Read, kWrite = Operation::Kind::Write, kLock = Operation::Kind::Lock,
               kUnlock = Operation::Kind::Unlock;

/// Threads of a few operations on three variables; locked regions nest as they may.
Program randomProgram(std::mt19937& random) {
  Program program(2 + random() % 2);
  for (auto& thread : program) {
    std::vector<std::uint64_t> held;
    const std::size_t length = 2 + random() % 3;
    for (std::size_t i = 0; i < length; ++i) {
      const unsigned what = random() % 8;
      if (what == 0 && held.size() < 2) {
        const std::uint64_t lock = 1000 + 100 * (random() % 2);
        if (std::find(held.begin(), held.end(), lock) != held.end()) continue;
        held.push_back(lock);
        thread.push_back({kLock, lock});
      } else if (what == 1 && !held.empty()) {
        thread.push_back({kUnlock, held.back()});
        held.pop_back();
      } else {
        thread.push_back({what % 2 == 0 ? kRead : kWrite, 8 * (random() % 3)});
      }
    }
    for (; !held.empty(); held.pop_back()) thread.push_back({kUnlock, held.back()});
  }
  return program;
}

TEST(SystematicSearch, MeetsEveryOutcomeThatAPlainEnumerationMeets) {
  std::mt19937 random(5);
  std::size_t all = 0, made = 0;
  for (int i = 0; i < 250; ++i) {
    const Program program = randomProgram(random);
    for (unsigned bound : {0u, 1u, 2u, 9u}) {
      const std::set<Outcome> wanted = enumerate(program, bound, all), met = search(program, bound, made);
      for (const Outcome& outcome : wanted) ASSERT_TRUE(met.count(outcome)) << "program " << i << ", bound " << bound;
      for (const Outcome& outcome : met) ASSERT_TRUE(wanted.count(outcome)) << "program " << i << ", bound " << bound;
    }
  }
  EXPECT_LT(made * 40, all);  // The reduction is what it is for; without sleep sets it is 25.
}

TEST(SystematicSearch, NeedsOneRunWhereNothingConflicts) {
  const Program program{{{kWrite, 0}, {kWrite, 0}, {kRead, 0}}, {{kWrite, 8}, {kRead, 8}}, {{kRead, 16}, {kRead, 16}}};
  std::size_t runs = 0;
  search(program, 9, runs);
  EXPECT_EQ(runs, 1u);
}

TEST(SystematicSearch, TriesBothOrdersOfTwoWrites) {
  std::size_t runs = 0;
  EXPECT_EQ(search({{{kWrite, 0}, {kRead, 0}}, {{kWrite, 0}}}, 9, runs).size(), 2u);
}

TEST(SystematicSearch, FindsTheDeadlockOfOppositeOrdersWithOnePreemption) {
  const Program program{{{kLock, 1000}, {kLock, 1100}, {kUnlock, 1100}, {kUnlock, 1000}},
                        {{kLock, 1100}, {kLock, 1000}, {kUnlock, 1000}, {kUnlock, 1100}}};
  std::size_t runs = 0;
  EXPECT_EQ(search(program, 0, runs).size(), 1u);
  EXPECT_EQ(search(program, 1, runs).size(), 2u);
}

}  // namespace
}  // namespace deadheat
