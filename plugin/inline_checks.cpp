// The check of a repeated access, in line: what runtime/detect/fast_state.h does, in LLVM's terms.
//
// Where the check does not hold, a hook is called: in place of `__tsan_readN` and `__tsan_writeN` there are
// `__deadheat_readN` and `__deadheat_writeN`, which are told what was looked up and know that it was checked; for what
// may cross a granule the stock hook, which tests everything itself. An object compiled without this pass differs in
// speed only.
#include <bit>

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "plugin/hooks.h"
#include "plugin/passes.h"
#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr unsigned kGranule = 8;
constexpr unsigned kCounted = 27;  ///< A bit no difference is ignored in.
constexpr unsigned kReadIgnored = 5;
constexpr unsigned kWriteIgnored = 4;
/// From a cell's key to the next of the same granule: two arrays of 16 MB, each with what lies after it.
constexpr std::uint64_t kColumnBytes = 2 * ((std::uint64_t{1} << 24) + 3 * 4096 + 7 * 64);

Value* loadKey(IRBuilder<>& builder, Value* place) {
  LoadInst* key =
      builder.CreateAlignedLoad(builder.getInt64Ty(), builder.CreateIntToPtr(place, builder.getPtrTy()), Align(8));
  key->setAtomic(AtomicOrdering::Monotonic);  // Others change it, and no load of it stands for another.
  return key;
}

/// The code of one check.
class Check {
 public:
  Check(CallInst& call, Hook hook, RuntimeState& state) : call_(call), hook_(hook), builder_(&call), state_(state) {}

  /// In the first cell, else, for what two threads read, in the second; else the hook is called.
  void insert() {
    Value* address = builder_.CreatePtrToInt(call_.getArgOperand(0), builder_.getInt64Ty());
    Value* granule =
        hook_.bytes < kGranule || !hook_.aligned ? builder_.CreateAnd(address, ~std::uint64_t{kGranule - 1}) : address;
    Value* offset = state_.regionOffset(builder_, address);
    Value* place = builder_.CreateAdd(granule, offset);
    keys_.push_back(loadKey(builder_, place));
    if (hook_.bytes > kGranule)
      keys_.push_back(loadKey(builder_, builder_.CreateAdd(place, builder_.getInt64(kGranule))));
    others_ = hook_.bytes < kGranule ? otherBytes(*call_.getArgOperand(0), address) : nullptr;
    crosses_ = hook_.aligned ? nullptr : crosses(address);
    wanted_ = state_.wanted(builder_, hook_.write);
    Value* differs = difference(keys_[0]);
    if (hook_.bytes > kGranule) differs = builder_.CreateOr(differs, difference(keys_[1]));
    MDNode* rarely = MDBuilder(call_.getContext()).createBranchWeights(1, 10000);
    Instruction* end = SplitBlockAndInsertIfThen(counts(differs), &call_, false, rarely);
    call_.moveBefore(end);
    askSecond(place, offset);
    if (hook_.known) callKnown(offset);
  }

 private:
  /// A key with the bits of the bytes that are not accessed is what the whole granule's would be.
  Value* otherBytes(const Value& pointer, Value* address) {
    auto mask = static_cast<std::uint8_t>(0xff << hook_.bytes);
    KnownBits known = computeKnownBits(&pointer, call_.getDataLayout());
    if ((known.Zero | known.One).countTrailingOnes() >= 3)
      return builder_.getInt64(std::rotl(mask, static_cast<int>(known.One.getZExtValue() & (kGranule - 1))));
    Value* bits = builder_.getInt8(mask);
    Value* turned = builder_.CreateIntrinsic(Intrinsic::fshl, {builder_.getInt8Ty()},
                                             {bits, bits, builder_.CreateTrunc(address, builder_.getInt8Ty())});
    return builder_.CreateZExt(turned, builder_.getInt64Ty());
  }
  /// Not 0 if the bytes do not fill granules or lie in one.
  Value* crosses(Value* address) {
    Value* place = builder_.CreateAnd(address, kGranule - 1);
    if (hook_.bytes >= kGranule) return builder_.CreateShl(place, kCounted);
    Value* beyond = builder_.CreateICmpUGT(place, builder_.getInt64(kGranule - hook_.bytes));
    return builder_.CreateShl(builder_.CreateZExt(beyond, builder_.getInt64Ty()), kCounted);
  }
  Value* difference(Value* key) {
    Value* differs = builder_.CreateXor(others_ != nullptr ? builder_.CreateOr(key, others_) : key, wanted_);
    return crosses_ != nullptr ? builder_.CreateOr(differs, crosses_) : differs;
  }
  /// Without the bits on top, which need not agree.
  Value* counts(Value* difference) {
    return builder_.CreateICmpNE(builder_.CreateShl(difference, hook_.write ? kWriteIgnored : kReadIgnored),
                                 builder_.getInt64(0));
  }

  /// The hook stands in a block of its own by now. There are second cells if there is a region; one counts if the first
  /// was a cell and says so.
  void askSecond(Value* place, Value* offset) {
    BasicBlock* first = call_.getParent();
    BasicBlock* end = first->getSingleSuccessor();
    BasicBlock* hook = first->splitBasicBlock(&call_, "hook");
    BasicBlock* second = BasicBlock::Create(call_.getContext(), "second", first->getParent(), hook);
    first->getTerminator()->eraseFromParent();
    builder_.SetInsertPoint(first);
    Value* worthIt = builder_.CreateIsNotNull(offset);
    if (keys_.size() == 1) worthIt = builder_.CreateAnd(worthIt, saysMore(keys_[0]));
    builder_.CreateCondBr(worthIt, second, hook);
    builder_.SetInsertPoint(second);
    Value* differs = counts(difference(secondKey(place, 0)));
    if (keys_.size() == 2) {
      Value* either = differsInBoth(keys_[0], differs);
      differs = builder_.CreateOr(either, differsInBoth(keys_[1], counts(difference(secondKey(place, 1)))));
    }
    builder_.CreateCondBr(differs, hook, end);
  }
  Value* saysMore(Value* key) { return builder_.CreateICmpSLT(key, builder_.getInt64(0)); }
  Value* secondKey(Value* place, unsigned granule) {
    return loadKey(builder_, builder_.CreateAdd(place, builder_.getInt64(kColumnBytes + granule * kGranule)));
  }
  /// Neither a granule's first cell nor its second, which `differs`, will do.
  Value* differsInBoth(Value* first, Value* differs) {
    Value* second = builder_.CreateOr(builder_.CreateNot(saysMore(first)), differs);
    return builder_.CreateAnd(counts(difference(first)), second);
  }

  void callKnown(Value* offset) {
    Module& module = *call_.getModule();
    LLVMContext& context = module.getContext();
    StringRef stock = call_.getCalledFunction()->getName();
    stock.consume_front("__tsan_");
    stock.consume_front("unaligned_");
    FunctionCallee callee = module.getOrInsertFunction(("__deadheat_" + stock).str(), Type::getVoidTy(context),
                                                       PointerType::getUnqual(context), Type::getInt64Ty(context));
    CallInst* known = CallInst::Create(callee, {call_.getArgOperand(0), offset}, "", call_.getIterator());
    known->setDebugLoc(call_.getDebugLoc());
    known->setDoesNotThrow();
    call_.eraseFromParent();
  }

  CallInst& call_;
  Hook hook_;
  IRBuilder<> builder_;
  RuntimeState& state_;
  SmallVector<Value*, 2> keys_;  ///< The first of each granule.
  Value* others_ = nullptr;
  Value* crosses_ = nullptr;
  Value* wanted_ = nullptr;
};

}  // namespace

bool inlineChecks(Function& function) {
  SmallVector<CallInst*, 16> calls;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block)
      if (hookOf(instruction).bytes != 0 && !isTold(instruction)) calls.push_back(cast<CallInst>(&instruction));
  RuntimeState state(*function.getParent());
  for (CallInst* call : calls) Check(*call, hookOf(*call), state).insert();
  return !calls.empty();
}

}  // namespace deadheat::pass
