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

/// The frame of a coroutine, and the variable in it that keeps what the runtime knows it by. Optimisations leave that
/// variable alone, so that it stands in the frame at one place.
struct Known {
  Value* frame;
  AllocaInst* task;

  Value* load(IRBuilder<>& builder) const {
    LoadInst* load = builder.CreateLoad(builder.getPtrTy(), task, true);
    load->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(builder.getContext(), {}));
    return load;
  }
  void store(IRBuilder<>& builder, Value* value) const {
    StoreInst* store = builder.CreateStore(value, task, true);
    store->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(builder.getContext(), {}));
  }
};

CallInst* callHook(IRBuilder<>& builder, StringRef hook, ArrayRef<Value*> arguments, Type* result) {
  SmallVector<Type*, 3> types;
  for (Value* argument : arguments) types.push_back(argument->getType());
  Module& module = *builder.GetInsertBlock()->getModule();
  CallInst* call =
      builder.CreateCall(module.getOrInsertFunction(hook, FunctionType::get(result, types, false)), arguments);
  call->setDoesNotThrow();
  return call;
}

/// void hook(ptr frame)
void hookBefore(Instruction& place, const DebugLoc& location, StringRef hook, Value* frame) {
  IRBuilder<> builder(&place);
  builder.SetCurrentDebugLocation(location);
  callHook(builder, hook, {frame}, builder.getVoidTy());
}

/// void hook(ptr frame, ptr task), or void hook(ptr frame, ptr task, i64 number)
void hookBefore(Instruction& place, const DebugLoc& location, StringRef hook, Known known, Value* number = nullptr) {
  IRBuilder<> builder(&place);
  builder.SetCurrentDebugLocation(location);
  SmallVector<Value*, 3> arguments{known.frame, known.load(builder)};
  if (number != nullptr) arguments.push_back(number);
  callHook(builder, hook, arguments, builder.getVoidTy());
}

/// On the edge to the terminator's successor, and on no other way there: where to put a hook.
Instruction& onEdge(Instruction& terminator, unsigned successor) {
  BasicBlock* block = SplitCriticalEdge(&terminator, successor);
  if (block == nullptr) block = terminator.getSuccessor(successor);
  return *block->getFirstInsertionPt();
}

/// Where the exception of one call lands.
void hookOnUnwinding(InvokeInst& call, StringRef hook, Known known) {
  BasicBlock* pad = call.getUnwindDest();
  if (!pad->isLandingPad()) return;
  if (pad->getSinglePredecessor() == nullptr) {
    SmallVector<BasicBlock*, 2> split;
    SplitLandingPadPredecessors(pad, {call.getParent()}, ".awaited", ".others", split);
    pad = call.getUnwindDest();
  }
  hookBefore(*pad->getFirstInsertionPt(), call.getDebugLoc(), hook, known);
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

void markSuspension(IntrinsicInst& suspend, Known known) {
  auto* save = dyn_cast<Instruction>(suspend.getArgOperand(0));
  const DebugLoc& location = suspend.getDebugLoc();
  Value* final = ConstantInt::get(Type::getInt64Ty(suspend.getContext()),
                                  cast<ConstantInt>(suspend.getArgOperand(1))->getZExtValue());
  hookBefore(save != nullptr ? *save : suspend, location, "__deadheat_coroutine_suspends", known, final);
  for (User* user : suspend.users()) {
    auto* branch = dyn_cast<SwitchInst>(user);
    if (branch == nullptr) continue;
    for (auto way : branch->cases()) {
      Instruction& place = onEdge(*branch, way.getSuccessorIndex());
      if (way.getCaseValue()->isZero())
        hookBefore(place, location, "__deadheat_coroutine_resumed", known);
      else
        hookBefore(place, location, "__deadheat_coroutine_destroying", known.frame);
    }
  }
}

/// The functions that call await_suspend for the handle to go on with: what they return is resumed.
void markTransfer(Function& wrapper) {
  for (BasicBlock& block : wrapper) {
    auto* end = dyn_cast<ReturnInst>(block.getTerminator());
    if (end != nullptr && end->getReturnValue() != nullptr && end->getReturnValue()->getType()->isPointerTy())
      hookBefore(*end, end->getDebugLoc(), "__deadheat_coroutine_resumes", end->getReturnValue());
  }
}

void markAwait(CallBase& await, Known known, SmallPtrSetImpl<Function*>& wrappers) {
  constexpr StringRef kContinues = "__deadheat_coroutine_continues";
  auto* wrapper = dyn_cast<Function>(await.getArgOperand(2)->stripPointerCasts());
  if (await.getIntrinsicID() == Intrinsic::coro_await_suspend_handle && wrapper != nullptr) wrappers.insert(wrapper);
  if (auto* invoke = dyn_cast<InvokeInst>(&await)) hookOnUnwinding(*invoke, kContinues, known);
  if (await.getIntrinsicID() != Intrinsic::coro_await_suspend_bool) return;
  for (User* user : await.users()) {
    auto* branch = dyn_cast<BranchInst>(user);
    if (branch == nullptr || !branch->isConditional()) continue;
    hookBefore(onEdge(*branch, 1), await.getDebugLoc(), kContinues, known);
  }
}

void markCreation(const Coroutine& coroutine, Known known) {
  Function& function = *coroutine.id->getFunction();
  Instruction* after = coroutine.begin->getNextNode();
  IRBuilder<> builder(after);
  builder.SetCurrentDebugLocation(coroutine.id->getDebugLoc());
  known.store(builder, ConstantPointerNull::get(builder.getPtrTy()));
  if (coroutine.allocates != nullptr)
    builder.SetInsertPoint(SplitBlockAndInsertIfThen(coroutine.allocates, after->getIterator(), false));
  Value* size = builder.CreateIntrinsic(Intrinsic::coro_size, {builder.getInt64Ty()}, {});
  CallInst* created = callHook(builder, "__deadheat_coroutine_created", {known.frame, size}, builder.getPtrTy());
  created->setMetadata(kCoroutineName,
                       MDNode::get(function.getContext(), MDString::get(function.getContext(), function.getName())));
  known.store(builder, created);
}

bool markCoroutine(Function& function, SmallPtrSetImpl<Function*>& wrappers) {
  Coroutine coroutine(function);
  if (coroutine.id == nullptr || coroutine.begin == nullptr) return false;
  IRBuilder<> builder(&*function.getEntryBlock().getFirstInsertionPt());
  Known known{coroutine.begin, builder.CreateAlloca(builder.getPtrTy(), nullptr, "deadheat.task")};
  for (CallBase* await : coroutine.awaits) markAwait(*await, known, wrappers);
  for (IntrinsicInst* suspend : coroutine.suspends) markSuspension(*suspend, known);
  for (IntrinsicInst* free : coroutine.frees)
    hookBefore(*free, free->getDebugLoc(), "__deadheat_coroutine_gone", coroutine.begin);
  markCreation(coroutine, known);
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
    hookBefore(*call, call->getDebugLoc(), resumes ? "__deadheat_coroutine_resumes" : "__deadheat_coroutine_destroys",
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
