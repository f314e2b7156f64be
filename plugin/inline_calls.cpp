// Entry and exit of functions, in line: what enterContext and leaveExact of runtime/detect/call_stack.h do nearly
// always, in LLVM's terms. The rest is a call of `__deadheat_enter` or `__deadheat_leave`.
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr std::uint64_t kFrameBytes = 1 << 20;
constexpr std::uint64_t kFrame = 16;

bool calls(const Instruction& instruction, StringRef name) {
  const auto* call = dyn_cast<CallInst>(&instruction);
  return call != nullptr && call->getCalledFunction() != nullptr && call->getCalledFunction()->getName() == name;
}

/// True if nothing that is called can have a use for the function's context.
bool callsNothing(const Function& function) {
  for (const BasicBlock& block : function)
    for (const Instruction& instruction : block) {
      if (!isa<CallBase>(instruction) || isa<IntrinsicInst>(instruction)) continue;
      if (cast<CallBase>(instruction).isInlineAsm()) continue;
      if (!calls(instruction, "__tsan_func_entry") && !calls(instruction, "__tsan_func_exit")) return false;
    }
  return true;
}

class Calls {
 public:
  explicit Calls(Function& function) : module_(*function.getParent()), state_(module_) {}

  void enter(CallInst& hook) {
    IRBuilder<> builder(&hook);
    Value* returnAddress = hook.getArgOperand(0);
    Value* frame = frameAddress(builder);
    Value* number = builder.CreatePtrToInt(frame, builder.getInt64Ty());
    Value* stack = state_.calls(builder);
    Value* top = builder.CreateLoad(builder.getPtrTy(), stack);
    Value* inside = builder.CreateICmpULE(stackPointerBefore(builder, top), number);
    Value* place = builder.CreateAnd(builder.CreatePtrToInt(top, builder.getInt64Ty()), kFrameBytes - 1);
    Value* unusual = builder.CreateOr(inside, builder.CreateICmpEQ(place, builder.getInt64(0)));
    branch(
        hook, unusual,
        [&](IRBuilder<>& rare) {
          rare.CreateCall(
              module_.getOrInsertFunction("__deadheat_enter", rare.getVoidTy(), rare.getPtrTy(), rare.getPtrTy()),
              {returnAddress, frame});
        },
        [&](IRBuilder<>& common) {
          common.CreateStore(number, top);
          common.CreateStore(returnAddress, common.CreateConstGEP1_64(common.getInt8Ty(), top, 8));
          common.CreateStore(common.CreateConstGEP1_64(common.getInt8Ty(), top, kFrame), stack);
        });
  }

  void leave(CallInst& hook) {
    IRBuilder<> builder(&hook);
    Value* frame = frameAddress(builder);
    Value* stack = state_.calls(builder);
    Value* top = builder.CreateLoad(builder.getPtrTy(), stack);
    Value* number = builder.CreatePtrToInt(frame, builder.getInt64Ty());
    Value* other = builder.CreateICmpNE(stackPointerBefore(builder, top), number);
    branch(
        hook, other,
        [&](IRBuilder<>& rare) {
          rare.CreateCall(module_.getOrInsertFunction("__deadheat_leave", rare.getVoidTy(), rare.getPtrTy()), {frame});
        },
        [&](IRBuilder<>& common) {
          common.CreateStore(common.CreateConstGEP1_64(common.getInt8Ty(), top, -static_cast<std::int64_t>(kFrame)),
                             stack);
        });
  }

 private:
  static Value* frameAddress(IRBuilder<>& builder) {
    return builder.CreateIntrinsic(Intrinsic::frameaddress, {builder.getPtrTy()}, {builder.getInt32(0)});
  }
  static Value* stackPointerBefore(IRBuilder<>& builder, Value* top) {
    Value* place = builder.CreateConstGEP1_64(builder.getInt8Ty(), top, -static_cast<std::int64_t>(kFrame));
    return builder.CreateLoad(builder.getInt64Ty(), place);
  }
  /// Takes the place of `hook`.
  template <class Rare, class Common>
  void branch(CallInst& hook, Value* condition, Rare rare, Common common) {
    Instruction *rareEnd = nullptr, *commonEnd = nullptr;
    MDNode* rarely = MDBuilder(module_.getContext()).createBranchWeights(1, 10000);
    SplitBlockAndInsertIfThenElse(condition, &hook, &rareEnd, &commonEnd, rarely);
    IRBuilder<> rareBuilder(rareEnd);
    rareBuilder.SetCurrentDebugLocation(hook.getDebugLoc());
    rare(rareBuilder);
    IRBuilder<> commonBuilder(commonEnd);
    commonBuilder.SetCurrentDebugLocation(hook.getDebugLoc());
    common(commonBuilder);
    hook.eraseFromParent();
  }

  Module& module_;
  RuntimeState state_;
};

}  // namespace

bool inlineCalls(Function& function) {
  SmallVector<CallInst*, 8> entries, exits;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block) {
      if (calls(instruction, "__tsan_func_entry")) entries.push_back(cast<CallInst>(&instruction));
      if (calls(instruction, "__tsan_func_exit")) exits.push_back(cast<CallInst>(&instruction));
    }
  if (callsNothing(function)) {
    for (CallInst* hook : entries) hook->eraseFromParent();
    for (CallInst* hook : exits) hook->eraseFromParent();
    return !entries.empty();
  }
  Calls calls(function);
  for (CallInst* hook : entries) calls.enter(*hook);
  for (CallInst* hook : exits) calls.leave(*hook);
  return !entries.empty();
}

}  // namespace deadheat::pass
