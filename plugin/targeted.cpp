#include "plugin/targeted.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"
#include "plugin/library_copies.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

/// The runtime looks for the variable, the tool for its text (runtime/protocol.h).
constexpr char kMarker[] = "__deadheat_targeted";
constexpr char kMarkerText[] = "deadheat targeted build, format 1";

bool isTarget(const Instruction& instruction, Targets& targets) {
  return isLibraryCopy(*instruction.getFunction()) || targets.has(instruction);
}

void except(Instruction& instruction) {
  instruction.setMetadata(LLVMContext::MD_nosanitize, MDNode::get(instruction.getContext(), {}));
}

/// A load, store or update that orders threads only together with fences.
bool isRelaxed(const Instruction& instruction) {
  auto relaxed = [](AtomicOrdering order) {
    return order == AtomicOrdering::Monotonic || order == AtomicOrdering::Unordered;
  };
  if (const auto* load = dyn_cast<LoadInst>(&instruction)) return relaxed(load->getOrdering());
  if (const auto* store = dyn_cast<StoreInst>(&instruction)) return relaxed(store->getOrdering());
  const auto* update = dyn_cast<AtomicRMWInst>(&instruction);
  return update != nullptr && relaxed(update->getOrdering());
}

bool isFence(const Instruction& instruction) {
  const auto* fence = dyn_cast<FenceInst>(&instruction);
  return fence != nullptr && fence->getSyncScopeID() != SyncScope::SingleThread;
}

/// The operation twice: one that is told of, for programs with fences, and one that is not.
void tellIfFenced(Instruction& instruction) {
  IRBuilder<> builder(&instruction);
  Value* fenced = builder.CreateIsNotNull(RuntimeState(*instruction.getModule()).fences(builder));
  Instruction *toldEnd = nullptr, *plainEnd = nullptr;
  MDNode* rarely = MDBuilder(instruction.getContext()).createBranchWeights(1, 10000);
  SplitBlockAndInsertIfThenElse(fenced, &instruction, &toldEnd, &plainEnd, rarely);
  Instruction* told = instruction.clone();
  told->insertBefore(toldEnd);
  Instruction* plain = instruction.clone();
  plain->insertBefore(plainEnd);
  except(*plain);
  if (!instruction.getType()->isVoidTy()) {
    PHINode* either = PHINode::Create(instruction.getType(), 2, "", instruction.getIterator());
    either->addIncoming(told, toldEnd->getParent());
    either->addIncoming(plain, plainEnd->getParent());
    instruction.replaceAllUsesWith(either);
  }
  instruction.eraseFromParent();
}

/// A function of the C or C++ library, which the runtime knows what it accesses.
bool isLibraryCall(const CallBase& call, const TargetLibraryInfo& library) {
  if (isa<MemIntrinsic>(call)) return true;
  const Function* callee = call.getCalledFunction();
  if (callee == nullptr || callee->isIntrinsic() || !callee->isDeclaration()) return false;
  LibFunc known;
  if (library.getLibFunc(*callee, known)) return true;
  StringRef name = callee->getName();
  return name.starts_with("_ZNS") || name.starts_with("_ZNKS") || name.starts_with("_ZS") ||
         name.starts_with("_ZN9__gnu");
}

/// While the library function runs, its accesses are told of.
void tellOfCalled(CallBase& call) {
  auto* plain = dyn_cast<CallInst>(&call);
  if (plain != nullptr && plain->isMustTailCall()) return;
  RuntimeState state(*call.getModule());
  IRBuilder<> before(&call);
  before.CreateStore(before.getInt8(1), state.atTarget(before));
  Instruction* next = plain != nullptr ? call.getNextNode() : nullptr;
  if (auto* invoke = dyn_cast<InvokeInst>(&call)) next = &*invoke->getNormalDest()->getFirstInsertionPt();
  if (next == nullptr) return;
  IRBuilder<> after(next);
  after.CreateStore(after.getInt8(0), state.atTarget(after));
}

bool isAtomicAccess(const Instruction& instruction) { return instruction.isAtomic() && !isa<FenceInst>(instruction); }

}  // namespace

void prepareTargeted(Module& module, Targets& targets) {
  bool any = llvm::any_of(module, [&](const Function& function) { return targets.touch(function); });
  if (any) return copyLibraryCode(module, targets);
  for (Function& function : module) function.removeFnAttr(Attribute::SanitizeThread);
}

void exceptOthers(Function& function, Targets& targets, const TargetLibraryInfo& library) {
  SmallVector<Instruction*, 16> relaxed;
  SmallVector<CallBase*, 16> called;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block) {
      auto* call = dyn_cast<CallBase>(&instruction);
      bool target = isTarget(instruction, targets);
      if (call != nullptr && target && isLibraryCall(*call, library)) called.push_back(call);
      if (target || exempt(instruction)) continue;
      if (isRelaxed(instruction))
        relaxed.push_back(&instruction);
      else if (!isAtomicAccess(instruction) && (isa<LoadInst, StoreInst, IntrinsicInst>(instruction)))
        except(instruction);
    }
  for (CallBase* call : called) tellOfCalled(*call);
  for (Instruction* instruction : relaxed) tellIfFenced(*instruction);
}

void makeOrderOnly(Function& function, Targets& targets) {
  Module& module = *function.getParent();
  for (BasicBlock& block : function)
    for (Instruction& instruction : block) {
      auto* call = dyn_cast<CallBase>(&instruction);
      Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
      StringRef name = callee == nullptr ? "" : callee->getName();
      if (!name.consume_front("__tsan_atomic") || name.starts_with("_") || isTarget(instruction, targets)) continue;
      call->setCalledFunction(module.getOrInsertFunction(("__deadheat_order_atomic" + name).str(),
                                                         callee->getFunctionType(), callee->getAttributes()));
    }
}

void markTargeted(Module& module) {
  auto* text = ConstantDataArray::getString(module.getContext(), kMarkerText);
  auto* marker =
      new GlobalVariable(module, text->getType(), /*isConstant=*/true, GlobalValue::WeakODRLinkage, text, kMarker);
  appendToUsed(module, {marker});
  auto fenced = [](const Function& function) {
    return llvm::any_of(function, [](const BasicBlock& block) { return llvm::any_of(block, isFence); });
  };
  if (llvm::none_of(module, fenced)) return;
  FunctionCallee tell = module.getOrInsertFunction("__deadheat_has_fences", Type::getVoidTy(module.getContext()));
  Function* start = Function::createWithDefaultAttr(tell.getFunctionType(), GlobalValue::InternalLinkage, 0,
                                                    "deadheat.has_fences", &module);
  start->addFnAttr(Attribute::DisableSanitizerInstrumentation);
  IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", start));
  builder.CreateCall(tell);
  builder.CreateRetVoid();
  appendToGlobalCtors(module, start, 0);
}

}  // namespace deadheat::pass
