// Locks made of atomics, inferred from names and what the functions do.
#include "analyzers/link/spin_locks.h"

#include <gtest/gtest.h>

#include "analyzers/link/program.h"
#include "tests/support/facts_builder.h"

namespace deadheat {
namespace {

/// A class `Spin` with the functions that its tests need.
struct SpinFacts : FactsBuilder {
  SpinFacts() { global("mu").global("g"); }
  void swapsIn(std::string method) {
    this->method("Spin::" + method).atomic(AccessKind::ReadWrite, MemoryOrder::Acquire, "this->word").returns(Value::unknown());
  }
  void unlock() { method("Spin::unlock").atomic(AccessKind::Write, MemoryOrder::Release, "this->word"); }
  void use() {
    FunctionBuilder& f = function("f");
    f.call("Spin::lock", {}, f.at("mu")).write("g").call("Spin::unlock", {}, f.at("mu")).write("g");
  }
};

Value self() { return Value::load(Path{{RootKind::This, 0, "", ""}, {}, false}); }

/// How many locks are held at each write of `g` in `f`.
std::vector<std::size_t> heldAtWrites(const Program& program) {
  std::vector<std::size_t> held;
  for (const BlockView& block : program.view(program.bodies().find("f")).blocks)
    for (const StepView& step : block.steps)
      if (const auto* access = std::get_if<Access>(step.step->what); access && access->kind == AccessKind::Write)
        held.push_back(program.tables().locksets[step.held].size());
  return held;
}

const std::vector<std::size_t> kHeldOnce{1, 0};

TEST(SpinLocks, AClassThatSpinsAndStores) {
  SpinFacts facts;
  facts.swapsIn("lock");
  facts.unlock();
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), kHeldOnce);
}

TEST(SpinLocks, ByTryingUntilItWorks) {
  SpinFacts facts;
  facts.swapsIn("try_lock");
  facts.method("Spin::lock").beginLoop().call("Spin::try_lock", {}, self()).endLoop();
  facts.unlock();
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), kHeldOnce);
}

TEST(SpinLocks, ByAHelperWithAnotherName) {
  SpinFacts facts;
  facts.swapsIn("grab");
  facts.method("Spin::lock").beginLoop().call("Spin::grab", {}, self()).endLoop();
  facts.unlock();
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), kHeldOnce);
}

TEST(SpinLocks, TryingHoldsWhereItReturnsTrue) {
  SpinFacts facts;
  facts.swapsIn("try_lock");
  facts.unlock();
  FunctionBuilder& f = facts.function("f");
  f.call("Spin::try_lock", {}, f.at("mu"), "call:got").beginIfReturned("call:got").write("g").call("Spin::unlock", {}, f.at("mu")).endIf().write("g");
  EXPECT_EQ(heldAtWrites(facts.link()), kHeldOnce);
}

TEST(SpinLocks, AClassThatOnlyUnlocksIsNone) {
  SpinFacts facts;
  facts.method("Spin::lock").read("this->word");
  facts.unlock();
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), (std::vector<std::size_t>{0, 0}));
}

TEST(SpinLocks, AClassWhoseLockIsAwaitedIsNone) {
  SpinFacts facts;
  facts.method("Spin::lock").returns(Value::unknown());
  facts.swapsIn("try_lock");
  facts.unlock();
  FunctionBuilder& f = facts.function("f");
  f.call("Spin::try_lock", {}, f.at("mu")).write("g").call("Spin::unlock", {}, f.at("mu")).write("g");
  EXPECT_EQ(heldAtWrites(facts.link()), (std::vector<std::size_t>{0, 0}));
}

TEST(SpinLocks, AClassWhoseLockIsACoroutineIsNone) {
  SpinFacts facts;
  facts.method("Spin::lock").coroutine().atomic(AccessKind::ReadWrite, MemoryOrder::Acquire, "this->word").suspend();
  facts.unlock();
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), (std::vector<std::size_t>{0, 0}));
}

TEST(SpinLocks, NothingIsInferredBesideAKnownLock) {
  SpinFacts facts;
  facts.method("Spin::lock").acquire("this->inner").atomic(AccessKind::ReadWrite, MemoryOrder::SeqCst, "this->word");
  facts.method("Spin::unlock").atomic(AccessKind::Write, MemoryOrder::SeqCst, "this->word").release("this->inner");
  facts.use();
  EXPECT_EQ(heldAtWrites(facts.link()), kHeldOnce);
}

TEST(SpinLocks, AStoreToTheWordGivesItBack) {
  FactsBuilder facts;
  facts.global("word").global("g");
  facts.function("spin_lock").parameters({"at"}).atomic(AccessKind::ReadWrite, MemoryOrder::Acquire, "*at");
  FunctionBuilder& f = facts.function("f");
  f.call("spin_lock", {f.at("word")}).write("g").write("word").write("g");
  EXPECT_EQ(heldAtWrites(facts.link()), (std::vector<std::size_t>{1, 1, 0}));
}

}  // namespace
}  // namespace deadheat
