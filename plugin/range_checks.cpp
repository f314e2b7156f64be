// Loops that walk through memory are checked as the range they cover, once before they begin.
//
// For innermost loops whose count is known when they begin, in which nothing synchronises and nothing leaves early. The
// accesses of one line that each round makes side by side, over at least the distance to the next round, are one
// `__deadheat_range_read` or `_write` of all rounds: every byte of it is accessed. One at an address that stays is one
// hook. In the loop the hooks are called only where the range was not: for few rounds, or because everything has to be
// told at its place. (BigFoot, Rhodes, Flanagan and Freund, PLDI 2017.)
#include <cstdlib>
#include <optional>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"
#include "plugin/hooks.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr std::uint64_t kFewestRounds = 4;
constexpr std::uint64_t kMostRounds = std::uint64_t{1} << 32;

/// A hook and what it tells of in the first round.
struct Told {
  CallInst* hook;
  const SCEV* address;
  std::int64_t step;  ///< To its address in the next round; 0: it stays.
  std::int64_t bytes;
  bool write;
  std::int64_t offset = 0;  ///< From the first of its kind.
};

/// Hooks that tell of bytes side by side.
struct Run {
  SmallVector<Told, 4> members;  ///< By offset.
  std::int64_t bytes = 0;        ///< Of one round.
  const SCEV* begin = nullptr;   ///< Lowest address of all rounds.
};

bool sameLine(const CallInst& a, const CallInst& b) {
  const DILocation *x = a.getDebugLoc(), *y = b.getDebugLoc();
  if (x == nullptr || y == nullptr) return x == y;
  return x->getLine() == y->getLine() && x->getFile() == y->getFile() && x->getInlinedAt() == y->getInlinedAt();
}

/// One loop and what of it can be told before it begins.
class RangedLoop {
 public:
  RangedLoop(Loop& loop, FunctionAnalysisManager& analyses)
      : loop_(loop),
        function_(*loop.getHeader()->getParent()),
        loops_(analyses.getResult<LoopAnalysis>(function_)),
        evolution_(analyses.getResult<ScalarEvolutionAnalysis>(function_)),
        dominators_(analyses.getResult<DominatorTreeAnalysis>(function_)) {}

  bool look() {
    if (!loop_.isInnermost() || loop_.getLoopLatch() == nullptr || loop_.getExitingBlock() == nullptr) return false;
    for (BasicBlock* block : loop_.blocks())
      for (Instruction& instruction : *block)
        if (maySynchronise(instruction) || mayLeave(instruction)) return false;
    const SCEV* rounds = evolution_.getBackedgeTakenCount(&loop_);
    if (isa<SCEVCouldNotCompute>(rounds) || evolution_.getTypeSizeInBits(rounds->getType()) > 64) return false;
    Type* word = Type::getInt64Ty(evolution_.getContext());
    last_ = evolution_.getNoopOrZeroExtend(rounds, word);
    for (BasicBlock* block : loop_.blocks())
      if (dominators_.dominates(block, loop_.getExitingBlock()))
        for (Instruction& instruction : *block) consider(instruction);
    join();
    return !runs_.empty();
  }

  /// True if anything could be told.
  bool change() {
    if (loop_.getLoopPreheader() == nullptr) InsertPreheaderForLoop(&loop_, &dominators_, &loops_, nullptr, false);
    if (loop_.getLoopPreheader() == nullptr) return false;
    Instruction* end = loop_.getLoopPreheader()->getTerminator();
    SCEVExpander expander(evolution_, end->getModule()->getDataLayout(), "range");
    erase_if(runs_, [&](const Run& run) { return !expander.isSafeToExpandAt(run.begin, end); });
    if (runs_.empty() || !expander.isSafeToExpandAt(last_, end)) return false;
    Type* word = Type::getInt64Ty(evolution_.getContext());
    Value* last = expander.expandCodeFor(last_, word, end);
    SmallVector<Value*, 4> begins;
    for (const Run& run : runs_) begins.push_back(expander.expandCodeFor(run.begin, word, end));
    IRBuilder<> builder(end);
    Value* ranged = isRanged(builder, last);
    Instruction* then = SplitBlockAndInsertIfThen(ranged, end, false);
    builder.SetInsertPoint(then);
    for (auto [run, begin] : zip(runs_, begins)) tell(builder, run, begin, last);
    builder.SetInsertPoint(end);
    Value* singly = builder.CreateNot(ranged);
    MDNode* rarely = MDBuilder(end->getContext()).createBranchWeights(1, 10000);
    for (const Run& run : runs_)
      for (const Told& told : run.members)
        told.hook->moveBefore(SplitBlockAndInsertIfThen(singly, told.hook, false, rarely));
    return true;
  }

 private:
  static bool mayLeave(const Instruction& instruction) {
    const auto* call = dyn_cast<CallBase>(&instruction);
    return call != nullptr && hookOf(instruction).bytes == 0 && !isa<IntrinsicInst>(instruction);
  }

  void consider(Instruction& instruction) {
    std::optional<Told> told = toldBy(instruction);
    if (!told) return;
    if (evolution_.isLoopInvariant(told->address, &loop_)) {
      runs_.push_back({{*told}, told->bytes, told->address});
      return;
    }
    const auto* walk = dyn_cast<SCEVAddRecExpr>(told->address);
    if (walk == nullptr || walk->getLoop() != &loop_ || !walk->isAffine()) return;
    const auto* step = dyn_cast<SCEVConstant>(walk->getStepRecurrence(evolution_));
    if (step == nullptr || !step->getAPInt().isSignedIntN(32)) return;
    told->step = step->getAPInt().getSExtValue();
    told->address = walk->getStart();
    place(*told);
  }

  std::optional<Told> toldBy(Instruction& instruction) {
    Hook hook = hookOf(instruction);
    if (hook.bytes == 0 || hook.vptr || isTold(instruction)) return std::nullopt;
    auto& call = cast<CallInst>(instruction);
    return Told{&call, evolution_.getSCEV(call.getArgOperand(0)), 0, hook.bytes, hook.write};
  }

  /// With those whose addresses differ from its by a constant.
  void place(Told told) {
    for (auto& group : groups_) {
      const Told& first = group.front();
      if (first.step != told.step || first.write != told.write || !sameLine(*first.hook, *told.hook)) continue;
      auto distance = evolution_.computeConstantDifference(told.address, first.address);
      if (!distance || !distance->isSignedIntN(32)) continue;
      told.offset = distance->getSExtValue();
      group.push_back(told);
      return;
    }
    groups_.push_back({told});
  }

  /// Makes runs of what lies side by side.
  void join() {
    for (auto& group : groups_) {
      llvm::sort(group, [](const Told& a, const Told& b) { return a.offset < b.offset; });
      Run run;
      for (const Told& told : group) {
        if (!run.members.empty() && told.offset > run.members.front().offset + run.bytes) close(std::exchange(run, {}));
        run.members.push_back(told);
        run.bytes = std::max(run.bytes, told.offset + told.bytes - run.members.front().offset);
      }
      close(std::move(run));
    }
  }

  void close(Run run) {
    const Told& lowest = run.members.front();
    if (run.bytes < std::abs(lowest.step)) return;
    run.begin = lowest.address;
    if (lowest.step < 0) {
      const SCEV* distance = evolution_.getMulExpr(last_, evolution_.getConstant(last_->getType(), lowest.step, true));
      run.begin = evolution_.getAddExpr(run.begin, distance);
    }
    runs_.push_back(std::move(run));
  }

  Value* isRanged(IRBuilder<>& builder, Value* last) {
    RuntimeState state(*function_.getParent());
    Value* many = builder.CreateICmpULT(builder.CreateSub(last, builder.getInt64(kFewestRounds - 1)),
                                        builder.getInt64(kMostRounds));
    return builder.CreateAnd(many, builder.CreateNot(state.told(builder)));
  }

  void tell(IRBuilder<>& builder, const Run& run, Value* begin, Value* last) {
    const Told& lowest = run.members.front();
    Module& module = *lowest.hook->getModule();
    Value* pointer = builder.CreateIntToPtr(begin, builder.getPtrTy());
    builder.SetCurrentDebugLocation(lowest.hook->getDebugLoc());
    if (lowest.step == 0) {
      builder.CreateCall(lowest.hook->getCalledFunction(), {pointer})->setDoesNotThrow();
      return;
    }
    FunctionCallee range = module.getOrInsertFunction(lowest.write ? "__deadheat_range_write" : "__deadheat_range_read",
                                                      builder.getVoidTy(), builder.getPtrTy(), builder.getInt64Ty());
    Value* others = builder.CreateMul(last, builder.getInt64(std::abs(lowest.step)));
    builder.CreateCall(range, {pointer, builder.CreateAdd(others, builder.getInt64(run.bytes))})->setDoesNotThrow();
  }

  Loop& loop_;
  Function& function_;
  LoopInfo& loops_;
  ScalarEvolution& evolution_;
  DominatorTree& dominators_;
  const SCEV* last_ = nullptr;                   ///< Number of the last round, from 0.
  SmallVector<SmallVector<Told, 4>, 4> groups_;  ///< Of one line and kind, at constant distances.
  SmallVector<Run, 4> runs_;
};

}  // namespace

bool checkLoopsAsRanges(Function& function, FunctionAnalysisManager& analyses) {
  bool changed = false;
  SmallVector<BasicBlock*, 8> headers;
  for (Loop* loop : analyses.getResult<LoopAnalysis>(function).getLoopsInPreorder())
    headers.push_back(loop->getHeader());
  for (BasicBlock* header : headers) {
    Loop* loop = analyses.getResult<LoopAnalysis>(function).getLoopFor(header);
    if (loop == nullptr || loop->getHeader() != header) continue;
    RangedLoop ranged(*loop, analyses);
    if (!ranged.look() || !ranged.change()) continue;
    changed = true;
    analyses.invalidate(function, PreservedAnalyses::none());
  }
  return changed;
}

}  // namespace deadheat::pass
