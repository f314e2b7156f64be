// Checks of what was certainly checked before, in the same epoch, are dropped: on every way there the same or more
// bytes were told of as an access at least as strong, and nothing has synchronised since. A run would find them
// repeated and do nothing; whoever races with them races with the earlier one. (Available expressions, with "may
// synchronise" for what makes them unavailable; as in RedCard, Flanagan and Freund, ECOOP 2013.)
//
// A plan has to be told of each access at its place, so a look at one byte remains of each check.
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "plugin/hooks.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr std::size_t kMostFacts = 4096;
constexpr std::size_t kMostBits = std::size_t{1} << 24;  ///< Facts by blocks.

/// Bytes at a constant distance from a value, as they are accessed.
struct Fact {
  Value* base;
  std::int64_t offset;
  unsigned bytes;
  bool write;

  bool covers(const Fact& other) const {
    return base == other.base && offset <= other.offset && offset + bytes >= other.offset + other.bytes &&
           (write || !other.write);
  }
};

class Repeats {
 public:
  explicit Repeats(Function& function) : function_(function), layout_(function.getParent()->getDataLayout()) {}

  /// The calls of hooks that say nothing new.
  SmallVector<CallInst*, 16> find() {
    collect();
    if (hooks_.size() < 2 || facts_.size() > kMostFacts || facts_.size() * function_.size() > kMostBits) return {};
    relate();
    solve();
    SmallVector<CallInst*, 16> repeated;
    for (BasicBlock& block : function_) walk(block, atBegin(block), &repeated);
    return repeated;
  }

 private:
  void collect() {
    MapVector<std::pair<Value*, std::pair<std::int64_t, unsigned>>, unsigned> numbers;
    for (BasicBlock& block : function_)
      for (Instruction& instruction : block) {
        Hook hook = hookOf(instruction);
        if (hook.bytes == 0 || hook.vptr || isTold(instruction)) continue;
        APInt offset(64, 0);
        Value* base = cast<CallInst>(instruction)
                          .getArgOperand(0)
                          ->stripAndAccumulateConstantOffsets(layout_, offset, /*AllowNonInbounds=*/true);
        unsigned kind = hook.bytes * 2 + (hook.write ? 1 : 0);
        auto [found, fresh] =
            numbers.insert({{base, {offset.getSExtValue(), kind}}, static_cast<unsigned>(facts_.size())});
        if (fresh) facts_.push_back({base, offset.getSExtValue(), hook.bytes, hook.write});
        hooks_[&instruction] = found->second;
      }
  }

  void relate() {
    for (unsigned i = 0; i < facts_.size(); ++i) ofBase_[facts_[i].base].push_back(i);
    covered_.assign(facts_.size(), BitVector(facts_.size()));
    for (auto& [base, members] : ofBase_)
      for (unsigned i : members)
        for (unsigned j : members)
          if (facts_[i].covers(facts_[j])) covered_[i].set(j);
  }

  /// What holds on every way into the block.
  BitVector atBegin(BasicBlock& block) {
    if (block.isEntryBlock()) return BitVector(facts_.size());
    BitVector all(facts_.size(), true);
    for (BasicBlock* before : predecessors(&block))
      if (auto known = atEnd_.find(before); known != atEnd_.end()) all &= known->second;
    return all;
  }

  void solve() {
    ReversePostOrderTraversal<Function*> order(&function_);
    for (bool changed = true; changed;) {
      changed = false;
      for (BasicBlock* block : order) {
        BitVector end = walk(*block, atBegin(*block), nullptr);
        auto [known, fresh] = atEnd_.try_emplace(block, end);
        changed |= fresh || known->second != end;
        known->second = std::move(end);
      }
    }
  }

  BitVector walk(BasicBlock& block, BitVector facts, SmallVectorImpl<CallInst*>* repeated) {
    for (Instruction& instruction : block) {
      if (auto hook = hooks_.find(&instruction); hook != hooks_.end()) {
        if (repeated != nullptr && facts.test(hook->second)) repeated->push_back(cast<CallInst>(&instruction));
        facts |= covered_[hook->second];
        continue;
      }
      if (maySynchronise(instruction)) facts.reset();
      if (auto mine = ofBase_.find(&instruction); mine != ofBase_.end())
        for (unsigned fact : mine->second) facts.reset(fact);  // In a loop: of the value it had before.
    }
    return facts;
  }

  Function& function_;
  const DataLayout& layout_;
  std::vector<Fact> facts_;
  DenseMap<Instruction*, unsigned> hooks_;
  MapVector<Value*, SmallVector<unsigned, 4>> ofBase_;
  std::vector<BitVector> covered_;
  DenseMap<BasicBlock*, BitVector> atEnd_;
};

}  // namespace

bool dropRepeatedChecks(Function& function) {
  SmallVector<CallInst*, 16> repeated = Repeats(function).find();
  RuntimeState state(*function.getParent());
  MDNode* rarely = MDBuilder(function.getContext()).createBranchWeights(1, 100000);
  for (CallInst* hook : repeated) {
    IRBuilder<> builder(hook);
    hook->moveBefore(SplitBlockAndInsertIfThen(state.told(builder), hook, false, rarely));
    markTold(*hook);
  }
  return !repeated.empty();
}

}  // namespace deadheat::pass
