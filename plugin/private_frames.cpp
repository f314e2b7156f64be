// What a coroutine keeps in its frame over a suspension is private to it where its address goes nowhere: variables that
// the optimiser would have put into registers in a function. Others meet there only if two threads are in the coroutine
// at once or one after the other with nothing that orders them; then they meet as well where the frame notes at which
// suspension the coroutine stands, and there they are told of.
//
// The parts of a coroutine share the frame: a variable is private if no part gives its address away. Which variables
// there are tells the type that the frame was laid out by.
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

/// A read or write of [offset, offset + bytes) of the frame.
struct FrameAccess {
  Instruction* instruction;
  std::uint64_t offset;
  std::uint64_t bytes;
};

class FrameUses {
 public:
  FrameUses(StructType& type, const DataLayout& data)
      : layout_(*data.getStructLayout(&type)), data_(data), shared_(type.getNumElements(), false) {
    // The function that resumes it and the promise, which every handle gives; where the coroutine stands. Who destroys
    // the frame writes to all of it, so that the function for that need not be looked at.
    for (unsigned i = 0; i < shared_.size(); ++i) shared_[i] = i == 0 || i == 2 || tellsWhere(*type.getElementType(i));
  }

  void follow(Value& base) { follow(base, 0); }

  bool exempt() {
    bool changed = false;
    for (const FrameAccess& access : accesses_) {
      if (!known_ || !isPrivate(access)) continue;
      access.instruction->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(access.instruction->getContext(), {}));
      changed = true;
    }
    return changed;
  }

 private:
  static bool tellsWhere(const Type& type) {
    const auto* integer = dyn_cast<IntegerType>(&type);
    return integer != nullptr && (integer->getBitWidth() <= 8 || !isPowerOf2_32(integer->getBitWidth()));
  }

  void follow(Value& address, std::int64_t offset) {
    if (!seen_.insert(&address).second) return;
    for (User* user : address.users()) {
      if (auto* load = dyn_cast<LoadInst>(user))
        note(*load, offset, data_.getTypeStoreSize(load->getType()));
      else if (auto* store = dyn_cast<StoreInst>(user); store != nullptr && store->getValueOperand() != &address)
        note(*store, offset, data_.getTypeStoreSize(store->getValueOperand()->getType()));
      else if (auto* element = dyn_cast<GetElementPtrInst>(user))
        followElement(*element, offset);
      else if (!isHarmless(*user))
        giveAway(offset);
    }
  }

  void followElement(GetElementPtrInst& element, std::int64_t offset) {
    APInt more(64, 0);
    if (element.accumulateConstantOffset(data_, more))
      follow(element, offset + more.getSExtValue());
    else
      giveAway(offset);
  }

  static bool isHarmless(const User& user) {
    if (const auto* intrinsic = dyn_cast<IntrinsicInst>(&user))
      return intrinsic->isLifetimeStartOrEnd() || intrinsic->isDroppable();
    if (isa<ICmpInst>(user)) return true;
    const auto* call = dyn_cast<CallBase>(&user);
    return call != nullptr && call->getCalledFunction() != nullptr &&
           call->getCalledFunction()->getName().starts_with("__deadheat_coroutine_");
  }

  void note(Instruction& instruction, std::int64_t offset, TypeSize bytes) {
    if (offset < 0 || bytes.isScalable() || instruction.isAtomic()) return giveAway(offset);
    accesses_.push_back({&instruction, static_cast<std::uint64_t>(offset), bytes.getFixedValue()});
  }

  /// The address may be of the end of what lies before it.
  void giveAway(std::int64_t offset) {
    if (offset < 0 || static_cast<std::uint64_t>(offset) > layout_.getSizeInBytes().getFixedValue()) {
      known_ = false;
      return;
    }
    auto at = static_cast<std::uint64_t>(offset);
    if (at < layout_.getSizeInBytes().getFixedValue()) shared_[layout_.getElementContainingOffset(at)] = true;
    if (at != 0) shared_[layout_.getElementContainingOffset(at - 1)] = true;
  }

  bool isPrivate(const FrameAccess& access) const {
    if (access.bytes == 0 || access.offset + access.bytes > layout_.getSizeInBytes().getFixedValue()) return false;
    unsigned first = layout_.getElementContainingOffset(access.offset);
    unsigned last = layout_.getElementContainingOffset(access.offset + access.bytes - 1);
    return first == last && !shared_[first];
  }

  const StructLayout& layout_;
  const DataLayout& data_;
  SmallVector<bool, 32> shared_;
  SmallVector<FrameAccess, 32> accesses_;
  SmallPtrSet<Value*, 32> seen_;
  bool known_ = true;
};

/// Frames by the name of their coroutine, as they are where they are created.
StringMap<SmallVector<Value*, 2>> createdFrames(Module& module) {
  StringMap<SmallVector<Value*, 2>> frames;
  Function* hook = module.getFunction("__deadheat_coroutine_created");
  if (hook == nullptr) return frames;
  for (User* user : hook->users()) {
    auto* call = dyn_cast<CallInst>(user);
    MDNode* name = call != nullptr ? call->getMetadata(kCoroutineName) : nullptr;
    if (name != nullptr) frames[cast<MDString>(name->getOperand(0))->getString()].push_back(call->getArgOperand(0));
  }
  return frames;
}

bool exemptFrame(Module& module, StringRef name, ArrayRef<Value*> created) {
  StructType* type = StructType::getTypeByName(module.getContext(), (name + ".Frame").str());
  Function* resume = module.getFunction((name + ".resume").str());
  if (type == nullptr || type->isOpaque() || type->getNumElements() < 3) return false;
  if (resume == nullptr || resume->isDeclaration()) return false;
  const DataLayout& data = module.getDataLayout();
  if (resume->getParamDereferenceableBytes(0) != data.getTypeAllocSize(type).getFixedValue()) return false;
  FrameUses uses(*type, data);
  for (Value* frame : created) uses.follow(*frame);
  for (StringRef part : {".resume", ".destroy", ".cleanup"})
    if (Function* function = module.getFunction((name + part).str()); function != nullptr && !function->isDeclaration())
      uses.follow(*function->getArg(0));
  return uses.exempt();
}

/// Where the function that destroys a frame is looked up: to be called, and the frame is freed.
bool exemptDestructions(Module& module) {
  Function* hook = module.getFunction("__deadheat_coroutine_destroys");
  if (hook == nullptr) return false;
  bool changed = false;
  for (User* user : hook->users()) {
    auto* call = dyn_cast<CallInst>(user);
    if (call == nullptr) continue;
    for (Instruction* next = call->getNextNode(); next != nullptr && !isa<CallBase>(next); next = next->getNextNode()) {
      auto* load = dyn_cast<LoadInst>(next);
      APInt offset(64, 0);
      if (load == nullptr || load->getPointerOperand()->stripAndAccumulateConstantOffsets(
                                 module.getDataLayout(), offset, true) != call->getArgOperand(0))
        continue;
      if (offset == module.getDataLayout().getPointerSize()) {
        load->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(load->getContext(), {}));
        changed = true;
      }
    }
  }
  return changed;
}

}  // namespace

bool exemptPrivateFrames(Module& module) {
  bool changed = exemptDestructions(module);
  for (const auto& [name, created] : createdFrames(module)) changed |= exemptFrame(module, name, created);
  return changed;
}

}  // namespace deadheat::pass
