#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

bool stockSize(TypeSize bits) { return bits == 8u || bits == 16u || bits == 32u || bits == 64u || bits == 128u; }

/// A read or write of memory that is one instruction.
struct Access {
  Value* pointer;
  Type* type;
  bool write;
};

bool plainAccess(Instruction& instruction, Access& access) {
  if (auto* load = dyn_cast<LoadInst>(&instruction)) {
    access = {load->getPointerOperand(), load->getType(), false};
    return !load->isAtomic();
  }
  auto* store = dyn_cast<StoreInst>(&instruction);
  if (store == nullptr) return false;
  access = {store->getPointerOperand(), store->getValueOperand()->getType(), true};
  return !store->isAtomic();
}

void callRange(IRBuilder<>& builder, bool write, Value* pointer, Value* bytes) {
  Module& module = *builder.GetInsertBlock()->getModule();
  FunctionCallee callee = module.getOrInsertFunction(write ? "__tsan_write_range" : "__tsan_read_range",
                                                     builder.getVoidTy(), builder.getPtrTy(), builder.getInt64Ty());
  builder.CreateCall(callee, {pointer, bytes})->setDoesNotThrow();
}

bool instrumentRange(Instruction& instruction) {
  Access access{};
  if (!plainAccess(instruction, access)) return false;
  TypeSize bits = instruction.getModule()->getDataLayout().getTypeStoreSizeInBits(access.type);
  if (bits.isScalable() || bits == 0u || stockSize(bits) || !mayBeShared(access.pointer)) return false;
  IRBuilder<> builder(&instruction);
  callRange(builder, access.write, access.pointer, builder.getInt64(bits.getFixedValue() / 8));
  return true;
}

void callMasked(IRBuilder<>& builder, bool write, Value* pointer, Value* mask, std::uint64_t elementBytes) {
  Module& module = *builder.GetInsertBlock()->getModule();
  FunctionCallee callee =
      module.getOrInsertFunction(write ? "__deadheat_masked_write" : "__deadheat_masked_read", builder.getVoidTy(),
                                 builder.getPtrTy(), builder.getInt64Ty(), builder.getInt64Ty());
  builder.CreateCall(callee, {pointer, mask, builder.getInt64(elementBytes)})->setDoesNotThrow();
}

/// <N x i1> as the low N bits of a 64-bit number.
Value* maskBits(IRBuilder<>& builder, Value* mask, unsigned lanes) {
  return builder.CreateZExt(builder.CreateBitCast(mask, builder.getIntNTy(lanes)), builder.getInt64Ty());
}

/// The chosen lanes lie one after the other in memory.
bool instrumentPacked(IntrinsicInst& call) {
  Intrinsic::ID id = call.getIntrinsicID();
  bool write = id == Intrinsic::masked_compressstore;
  if (!write && id != Intrinsic::masked_expandload) return false;
  auto* vector = dyn_cast<FixedVectorType>(write ? call.getArgOperand(0)->getType() : call.getType());
  Value* pointer = call.getArgOperand(write ? 1 : 0);
  if (vector == nullptr || vector->getNumElements() > 64 || !mayBeShared(pointer)) return false;
  IRBuilder<> builder(&call);
  Value* mask = maskBits(builder, call.getArgOperand(write ? 2 : 1), vector->getNumElements());
  Value* lanes = builder.CreateUnaryIntrinsic(Intrinsic::ctpop, mask);
  std::uint64_t bytes = call.getModule()->getDataLayout().getTypeStoreSize(vector->getElementType());
  callRange(builder, write, pointer, builder.CreateMul(lanes, builder.getInt64(bytes)));
  return true;
}

bool instrumentMasked(IntrinsicInst& call) {
  Intrinsic::ID id = call.getIntrinsicID();
  bool write = id == Intrinsic::masked_store || id == Intrinsic::masked_scatter;
  bool spread = id == Intrinsic::masked_gather || id == Intrinsic::masked_scatter;
  if (!write && !spread && id != Intrinsic::masked_load) return false;
  auto* vector = dyn_cast<FixedVectorType>(write ? call.getArgOperand(0)->getType() : call.getType());
  if (vector == nullptr || vector->getNumElements() > 64) return false;
  Value* pointer = call.getArgOperand(write ? 1 : 0);
  Value* mask = call.getArgOperand(write ? 3 : 2);
  std::uint64_t bytes = call.getModule()->getDataLayout().getTypeStoreSize(vector->getElementType());
  IRBuilder<> builder(&call);
  if (!spread) {
    if (!mayBeShared(pointer)) return false;
    callMasked(builder, write, pointer, maskBits(builder, mask, vector->getNumElements()), bytes);
    return true;
  }
  for (unsigned lane = 0; lane < vector->getNumElements(); ++lane) {
    Value* bit = builder.CreateZExt(builder.CreateExtractElement(mask, lane), builder.getInt64Ty());
    callMasked(builder, write, builder.CreateExtractElement(pointer, lane), bit, bytes);
  }
  return true;
}

}  // namespace

bool instrumentWideAccesses(Function& function) {
  SmallVector<Instruction*, 16> all;
  for (BasicBlock& block : function)
    for (Instruction& instruction : block)
      if (!exempt(instruction) && isa<LoadInst, StoreInst, IntrinsicInst>(instruction)) all.push_back(&instruction);
  bool changed = false;
  for (Instruction* instruction : all) {
    auto* intrinsic = dyn_cast<IntrinsicInst>(instruction);
    changed |= intrinsic != nullptr ? instrumentMasked(*intrinsic) || instrumentPacked(*intrinsic)
                                    : instrumentRange(*instruction);
  }
  return changed;
}

}  // namespace deadheat::pass
