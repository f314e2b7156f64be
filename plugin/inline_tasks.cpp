// Suspension and resumption of coroutines, in line: what taskSuspends, taskResumed and taskResumes of
// runtime/detect/tasks.cpp do nearly always, in LLVM's terms. The rest is a call of the hook.
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

// Of a Task.
constexpr std::int64_t kState = 0, kSuspendedPc = 8, kOuter = 16, kChangedThread = 24, kChangedPc = 32,
                       kChangedFrame = 40;
constexpr unsigned kRunning = 1, kSuspended = 2, kEnded = 3;
// From a thread's CallStack.
constexpr std::int64_t kThreadId = -16, kRunningTask = -8;
constexpr std::int64_t kFrameBytes = 16;

class Tasks {
 public:
  explicit Tasks(Function& function) : module_(*function.getParent()), state_(module_) {}

  void suspends(CallInst& hook) {
    Instruction& usual = unlessToldOrNull(hook);
    IRBuilder<> builder(&usual);
    builder.SetCurrentDebugLocation(hook.getDebugLoc());
    Value* task = hook.getArgOperand(1);
    Value* calls = state_.calls(builder);
    builder.CreateStore(here(builder), at(builder, task, kSuspendedPc));
    Value* running = builder.CreateLoad(builder.getPtrTy(), at(builder, calls, kRunningTask));
    Value* outer = builder.CreateLoad(builder.getPtrTy(), at(builder, task, kOuter));
    Value* next = builder.CreateSelect(builder.CreateICmpEQ(running, task), outer, running);
    builder.CreateStore(next, at(builder, calls, kRunningTask));
    bool final = !cast<ConstantInt>(hook.getArgOperand(2))->isZero();
    setState(builder, task, final ? kEnded : kSuspended);
  }

  void resumed(CallInst& hook) {
    Instruction& usual = unlessToldOrNull(hook);
    IRBuilder<> builder(&usual);
    builder.SetCurrentDebugLocation(hook.getDebugLoc());
    Value* task = hook.getArgOperand(1);
    LoadInst* state = builder.CreateAlignedLoad(builder.getInt32Ty(), at(builder, task, kState), Align(4));
    state->setAtomic(AtomicOrdering::Acquire);
    Value* calls = state_.calls(builder);
    Value* running = builder.CreateLoad(builder.getPtrTy(), at(builder, calls, kRunningTask));
    Value* unusual =
        builder.CreateOr(builder.CreateICmpEQ(state, builder.getInt32(kRunning)), builder.CreateICmpEQ(running, task));
    Instruction *rare = nullptr, *common = nullptr;
    SplitBlockAndInsertIfThenElse(unusual, &usual, &rare, &common, rarely());
    hook.clone()->insertBefore(rare->getIterator());
    builder.SetInsertPoint(common);
    setState(builder, task, kRunning);
    Value* thread = builder.CreateLoad(builder.getInt64Ty(), at(builder, calls, kThreadId));
    builder.CreateStore(thread, at(builder, task, kChangedThread));
    builder.CreateStore(here(builder), at(builder, task, kChangedPc));
    Value* top = builder.CreateLoad(builder.getPtrTy(), calls);
    builder.CreateStore(at(builder, top, -kFrameBytes), at(builder, task, kChangedFrame));
    builder.CreateStore(running, at(builder, task, kOuter));
    builder.CreateStore(task, at(builder, calls, kRunningTask));
  }

  /// What ended has no function to resume any more.
  void resumes(CallInst& hook) {
    IRBuilder<> builder(&hook);
    Value* frame = hook.getArgOperand(0);
    Value* rare = builder.CreateOr(state_.told(builder), state_.goneTask(builder, frame));
    BasicBlock* first = hook.getParent();
    BasicBlock* call = first->splitBasicBlock(&hook, "hook");
    BasicBlock* after = call->splitBasicBlock(std::next(hook.getIterator()), "resume");
    BasicBlock* ask = BasicBlock::Create(module_.getContext(), "ask", first->getParent(), call);
    first->getTerminator()->eraseFromParent();
    builder.SetInsertPoint(first);
    builder.SetCurrentDebugLocation(hook.getDebugLoc());
    builder.CreateCondBr(rare, call, ask, rarely());
    builder.SetInsertPoint(ask);
    builder.SetCurrentDebugLocation(hook.getDebugLoc());
    LoadInst* function = builder.CreateLoad(builder.getPtrTy(), frame, true);
    builder.CreateCondBr(builder.CreateIsNull(function), call, after, rarely());
  }

 private:
  MDNode* rarely() { return MDBuilder(module_.getContext()).createBranchWeights(1, 10000); }
  static Value* at(IRBuilder<>& builder, Value* base, std::int64_t offset) {
    return builder.CreateConstGEP1_64(builder.getInt8Ty(), base, static_cast<std::uint64_t>(offset));
  }
  static void setState(IRBuilder<>& builder, Value* task, unsigned state) {
    StoreInst* store = builder.CreateAlignedStore(builder.getInt32(state), at(builder, task, kState), Align(4));
    store->setAtomic(AtomicOrdering::Release);
  }
  /// An address in the code that has the line of the hook.
  static Value* here(IRBuilder<>& builder) {
    auto* type = FunctionType::get(builder.getPtrTy(), false);
    return builder.CreateCall(type, InlineAsm::get(type, "leaq 0(%rip), $0", "=r", true));
  }
  /// A place that is come to where the hook is not called, as there is a task and not everything is told. Afterwards
  /// `hook` stands where it is.
  Instruction& unlessToldOrNull(CallInst& hook) {
    IRBuilder<> builder(&hook);
    Instruction *told = nullptr, *untold = nullptr;
    SplitBlockAndInsertIfThenElse(state_.told(builder), &hook, &told, &untold, rarely());
    builder.SetInsertPoint(untold);
    Instruction* usual = SplitBlockAndInsertIfThen(builder.CreateIsNotNull(hook.getArgOperand(1)), untold, false);
    hook.moveBefore(told);
    return *usual;
  }

  Module& module_;
  RuntimeState state_;
};

}  // namespace

bool inlineTasks(Function& function) {
  SmallVector<CallInst*, 8> hooks;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block) {
      auto* call = dyn_cast<CallInst>(&instruction);
      if (call != nullptr && call->getCalledFunction() != nullptr) hooks.push_back(call);
    }
  Tasks tasks(function);
  bool changed = false;
  for (CallInst* hook : hooks) {
    StringRef name = hook->getCalledFunction()->getName();
    if (!name.consume_front("__deadheat_coroutine_")) continue;
    if (name == "suspends") tasks.suspends(*hook);
    if (name == "resumed") tasks.resumed(*hook);
    if (name == "resumes") tasks.resumes(*hook);
    changed = true;
  }
  return changed;
}

}  // namespace deadheat::pass
