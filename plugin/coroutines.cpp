// Coroutines as tasks: calls of the runtime where a coroutine is created, suspended, resumed and destroyed. Runs before
// the compiler splits coroutines, while one is still a single function in which all of that can be seen.
//
// A coroutine is suspended once its state is saved: from then on, in await_suspend already, others may resume it. Where
// await_suspend says no, or throws, it goes on by itself. A frame that the optimiser puts into its caller's is no task:
// its creation is told only where memory is allocated.
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

/// Call of a hook: void hook(ptr frame), or void hook(ptr frame, i64 number).
void callHook(IRBuilder<>& builder, StringRef hook, Value* frame, Value* number = nullptr) {
  Module& module = *builder.GetInsertBlock()->getModule();
  SmallVector<Type*, 2> types{builder.getPtrTy()};
  SmallVector<Value*, 2> arguments{frame};
  if (number != nullptr) {
    types.push_back(builder.getInt64Ty());
    arguments.push_back(number);
  }
  FunctionCallee callee = module.getOrInsertFunction(hook, FunctionType::get(builder.getVoidTy(), types, false));
  builder.CreateCall(callee, arguments)->setDoesNotThrow();
}

void hookBefore(Instruction& place, const DebugLoc& location, StringRef hook, Value* frame, Value* number = nullptr) {
  IRBuilder<> builder(&place);
  builder.SetCurrentDebugLocation(location);
  callHook(builder, hook, frame, number);
}

/// On the edge to the terminator's successor, and on no other way there.
void hookOnEdge(Instruction& terminator, unsigned successor, const DebugLoc& location, StringRef hook, Value* frame) {
  BasicBlock* block = SplitCriticalEdge(&terminator, successor);
  if (block == nullptr) block = terminator.getSuccessor(successor);
  hookBefore(*block->getFirstInsertionPt(), location, hook, frame);
}

/// Where the exception of one call lands.
void hookOnUnwinding(InvokeInst& call, StringRef hook, Value* frame) {
  BasicBlock* pad = call.getUnwindDest();
  if (!pad->isLandingPad()) return;
  if (pad->getSinglePredecessor() == nullptr) {
    SmallVector<BasicBlock*, 2> split;
    SplitLandingPadPredecessors(pad, {call.getParent()}, ".awaited", ".others", split);
    pad = call.getUnwindDest();
  }
  hookBefore(*pad->getFirstInsertionPt(), call.getDebugLoc(), hook, frame);
}

/// All that matters of one coroutine.
struct Coroutine {
  Instruction* id = nullptr;
  Instruction* allocates = nullptr;  ///< Whether the frame is allocated.
  Instruction* begin = nullptr;      ///< The frame.
  SmallVector<IntrinsicInst*, 8> suspends;
  SmallVector<IntrinsicInst*, 2> frees;
  SmallVector<CallBase*, 8> awaits;

  explicit Coroutine(Function& function) {
    for (Instruction& instruction : instructions(function)) {
      auto* call = dyn_cast<CallBase>(&instruction);
      if (call == nullptr) continue;
      switch (call->getIntrinsicID()) {
        case Intrinsic::coro_id:
          id = call;
          break;
        case Intrinsic::coro_alloc:
          allocates = call;
          break;
        case Intrinsic::coro_begin:
          begin = call;
          break;
        case Intrinsic::coro_suspend:
          suspends.push_back(cast<IntrinsicInst>(call));
          break;
        case Intrinsic::coro_free:
          frees.push_back(cast<IntrinsicInst>(call));
          break;
        case Intrinsic::coro_await_suspend_void:
        case Intrinsic::coro_await_suspend_bool:
        case Intrinsic::coro_await_suspend_handle:
          awaits.push_back(call);
          break;
        default:
          break;
      }
    }
  }
};

void markSuspension(IntrinsicInst& suspend, Value* frame) {
  auto* save = dyn_cast<Instruction>(suspend.getArgOperand(0));
  const DebugLoc& location = suspend.getDebugLoc();
  Value* final = ConstantInt::get(Type::getInt64Ty(suspend.getContext()),
                                  cast<ConstantInt>(suspend.getArgOperand(1))->getZExtValue());
  hookBefore(save != nullptr ? *save : suspend, location, "__deadheat_task_suspends", frame, final);
  for (User* user : suspend.users()) {
    auto* branch = dyn_cast<SwitchInst>(user);
    if (branch == nullptr) continue;
    for (auto way : branch->cases()) {
      bool resumes = way.getCaseValue()->isZero();
      hookOnEdge(*branch, way.getSuccessorIndex(), location,
                 resumes ? "__deadheat_task_resumed" : "__deadheat_task_destroying", frame);
    }
  }
}

/// The functions that call await_suspend for the handle to go on with: what they return is resumed.
void markTransfer(Function& wrapper) {
  for (BasicBlock& block : wrapper) {
    auto* end = dyn_cast<ReturnInst>(block.getTerminator());
    if (end != nullptr && end->getReturnValue() != nullptr && end->getReturnValue()->getType()->isPointerTy())
      hookBefore(*end, end->getDebugLoc(), "__deadheat_task_resumes", end->getReturnValue());
  }
}

void markAwait(CallBase& await, Value* frame, SmallPtrSetImpl<Function*>& wrappers) {
  constexpr StringRef kContinues = "__deadheat_task_continues";
  auto* wrapper = dyn_cast<Function>(await.getArgOperand(2)->stripPointerCasts());
  if (await.getIntrinsicID() == Intrinsic::coro_await_suspend_handle && wrapper != nullptr) wrappers.insert(wrapper);
  if (auto* invoke = dyn_cast<InvokeInst>(&await)) hookOnUnwinding(*invoke, kContinues, frame);
  if (await.getIntrinsicID() != Intrinsic::coro_await_suspend_bool) return;
  for (User* user : await.users()) {
    auto* branch = dyn_cast<BranchInst>(user);
    if (branch != nullptr && branch->isConditional()) hookOnEdge(*branch, 1, await.getDebugLoc(), kContinues, frame);
  }
}

void markCreation(const Coroutine& coroutine) {
  Instruction* after = coroutine.begin->getNextNode();
  if (coroutine.allocates != nullptr)
    after = SplitBlockAndInsertIfThen(coroutine.allocates, after->getIterator(), false);
  IRBuilder<> builder(after);
  builder.SetCurrentDebugLocation(coroutine.id->getDebugLoc());
  Value* size = builder.CreateIntrinsic(Intrinsic::coro_size, {builder.getInt64Ty()}, {});
  callHook(builder, "__deadheat_task_created", coroutine.begin, size);
}

bool markCoroutine(Function& function, SmallPtrSetImpl<Function*>& wrappers) {
  Coroutine coroutine(function);
  if (coroutine.id == nullptr || coroutine.begin == nullptr) return false;
  for (CallBase* await : coroutine.awaits) markAwait(*await, coroutine.begin, wrappers);
  for (IntrinsicInst* suspend : coroutine.suspends) markSuspension(*suspend, coroutine.begin);
  for (IntrinsicInst* free : coroutine.frees)
    hookBefore(*free, free->getDebugLoc(), "__deadheat_task_gone", coroutine.begin);
  markCreation(coroutine);
  return true;
}

/// Resumption and destruction through a handle, in any function.
bool markHandles(Function& function) {
  bool changed = false;
  for (Instruction& instruction : instructions(function)) {
    auto* call = dyn_cast<CallBase>(&instruction);
    if (call == nullptr) continue;
    bool resumes = call->getIntrinsicID() == Intrinsic::coro_resume;
    if (!resumes && call->getIntrinsicID() != Intrinsic::coro_destroy) continue;
    hookBefore(*call, call->getDebugLoc(), resumes ? "__deadheat_task_resumes" : "__deadheat_task_destroys",
               call->getArgOperand(0));
    changed = true;
  }
  return changed;
}

}  // namespace

bool markTasks(Module& module) {
  bool changed = false;
  SmallPtrSet<Function*, 16> wrappers;
  for (Function& function : module) {
    if (function.isDeclaration() || !function.hasFnAttribute(Attribute::SanitizeThread)) continue;
    changed |= markHandles(function);
    if (function.isPresplitCoroutine()) changed |= markCoroutine(function, wrappers);
  }
  for (Function* wrapper : wrappers)
    if (!wrapper->isDeclaration()) markTransfer(*wrapper);
  return changed;
}

}  // namespace deadheat::pass
