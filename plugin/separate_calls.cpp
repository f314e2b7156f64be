#include "llvm/IR/Attributes.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "plugin/passes.h"

namespace deadheat::pass {

using namespace llvm;

bool keepCallsApart(Function& function) {
  bool changed = false;
  for (Instruction& instruction : instructions(function)) {
    auto* call = dyn_cast<CallBase>(&instruction);
    if (call == nullptr || isa<IntrinsicInst>(call)) continue;
    const Function* callee = call->getCalledFunction();
    if (callee == nullptr || !callee->isDeclaration()) continue;
    call->addFnAttr(Attribute::NoMerge);
    changed = true;
  }
  return changed;
}

}  // namespace deadheat::pass
