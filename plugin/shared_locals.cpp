#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

/// The local variable that an access is to a part of; none if the stock instrumentation sees to it, or has no need to.
const AllocaInst* neglectedLocal(const Instruction& access) {
  if (stockBytes(access) == 0) return nullptr;
  const Value* pointer = getLoadStorePointerOperand(&access);
  const auto* local = dyn_cast<AllocaInst>(getUnderlyingObject(pointer));
  return local == nullptr || local == pointer || PointerMayBeCaptured(pointer, true, true) ? nullptr : local;
}

/// Which local variables are given away at all, asked once of each.
class GivenAway {
 public:
  bool operator()(const AllocaInst* local) {
    auto [known, isNew] = known_.try_emplace(local, false);
    if (isNew) known->second = PointerMayBeCaptured(local, true, true);
    return known->second;
  }

 private:
  DenseMap<const AllocaInst*, bool> known_;
};

}  // namespace

bool instrumentSharedLocals(Function& function, FunctionAnalysisManager& analyses) {
  GivenAway givenAway;
  SmallVector<Instruction*, 16> neglected;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block)
      if (const AllocaInst* local = neglectedLocal(instruction); local != nullptr && givenAway(local))
        neglected.push_back(&instruction);
  if (neglected.empty()) return false;
  const DominatorTree& dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  const LoopInfo& loops = analyses.getResult<LoopAnalysis>(function);
  bool changed = false;
  for (Instruction* access : neglected) {
    const Value* local = getUnderlyingObject(getLoadStorePointerOperand(access));
    if (!PointerMayBeCapturedBefore(local, true, true, access, &dominators, false, 0, &loops)) continue;
    tellNow(*access);
    changed = true;
  }
  return changed;
}

}  // namespace deadheat::pass
