#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LowerAtomic.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

bool stockOperation(AtomicRMWInst::BinOp operation) {
  switch (operation) {
    case AtomicRMWInst::Xchg:
    case AtomicRMWInst::Add:
    case AtomicRMWInst::Sub:
    case AtomicRMWInst::And:
    case AtomicRMWInst::Nand:
    case AtomicRMWInst::Or:
    case AtomicRMWInst::Xor: return true;
    default: return false;
  }
}

/// The loop: value = *place; do: try to put operation(value) there.
///
/// A failed attempt must order nothing: the operation as written would not have read that value.
void rewrite(AtomicRMWInst& atomic) {
  BasicBlock* before = atomic.getParent();
  Function* function = before->getParent();
  BasicBlock* after = before->splitBasicBlock(&atomic, "rmw.done");
  BasicBlock* loop = BasicBlock::Create(function->getContext(), "rmw.loop", function, after);
  before->getTerminator()->eraseFromParent();

  Type* type = atomic.getType();
  IRBuilder<> builder(before);
  builder.SetCurrentDebugLocation(atomic.getDebugLoc());
  Type* integer = builder.getIntNTy(function->getParent()->getDataLayout().getTypeStoreSizeInBits(type));
  LoadInst* first = builder.CreateAlignedLoad(integer, atomic.getPointerOperand(), atomic.getAlign());
  first->setAtomic(AtomicOrdering::Monotonic, atomic.getSyncScopeID());
  builder.CreateBr(loop);

  builder.SetInsertPoint(loop);
  PHINode* seen = builder.CreatePHI(integer, 2);
  seen->addIncoming(first, before);
  Value* old = builder.CreateBitCast(seen, type);
  Value* fresh = buildAtomicRMWValue(atomic.getOperation(), builder, old, atomic.getValOperand());
  AtomicCmpXchgInst* attempt = builder.CreateAtomicCmpXchg(
      atomic.getPointerOperand(), seen, builder.CreateBitCast(fresh, integer), atomic.getAlign(), atomic.getOrdering(),
      AtomicOrdering::Monotonic, atomic.getSyncScopeID());
  attempt->setVolatile(atomic.isVolatile());
  seen->addIncoming(builder.CreateExtractValue(attempt, 0), loop);
  builder.CreateCondBr(builder.CreateExtractValue(attempt, 1), after, loop);

  atomic.replaceAllUsesWith(old);
  atomic.eraseFromParent();
}

}  // namespace

bool rewriteAtomics(Function& function) {
  SmallVector<AtomicRMWInst*, 4> found;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block) {
      auto* atomic = dyn_cast<AtomicRMWInst>(&instruction);
      if (atomic != nullptr && !exempt(instruction) && !stockOperation(atomic->getOperation())) found.push_back(atomic);
    }
  for (AtomicRMWInst* atomic : found) rewrite(*atomic);
  return !found.empty();
}

}  // namespace deadheat::pass
