#include "plugin/library_copies.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr char kCopy[] = "deadheat-library-copy";
constexpr std::size_t kMostCopies = 2000;  ///< In a module. Calls beyond keep the code that others use.

bool isLibrarySource(const DISubprogram* code) {
  if (code == nullptr) return false;
  StringRef path = code->getFilename();
  for (StringRef folder : {"/usr/include/", "/usr/lib/", "/usr/local/include/"})
    if (path.starts_with(folder)) return true;
  return path.contains("/include/c++/");
}

bool canBeCopied(const Function& function) {
  if (function.isDeclaration() || function.isVarArg() || !function.hasFnAttribute(Attribute::SanitizeThread))
    return false;
  for (const BasicBlock& block : function)
    if (block.hasAddressTaken()) return false;
  return isLibrarySource(function.getSubprogram());
}

void tellCalls(Function& copy) {
  Module& module = *copy.getParent();
  IRBuilder<> builder(&*copy.getEntryBlock().getFirstInsertionPt());
  Type* nothing = builder.getVoidTy();
  Value* caller = builder.CreateIntrinsic(Intrinsic::returnaddress, {}, {builder.getInt32(0)});
  builder.CreateCall(module.getOrInsertFunction("__tsan_func_entry", nothing, builder.getPtrTy()), {caller})
      ->setDoesNotThrow();
  for (BasicBlock& block : copy)
    if (auto* end = dyn_cast<ReturnInst>(block.getTerminator())) {
      builder.SetInsertPoint(end);
      builder.CreateCall(module.getOrInsertFunction("__tsan_func_exit", nothing), {})->setDoesNotThrow();
    }
}

class Copies {
 public:
  explicit Copies(Targets& targets) : targets_(targets) {}

  void inCallsOf(Function& function) {
    bool everywhere = isLibraryCopy(function);
    for (BasicBlock& block : function)
      for (Instruction& instruction : block) {
        auto* call = dyn_cast<CallBase>(&instruction);
        Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
        if (callee == nullptr || !(everywhere || targets_.has(instruction))) continue;
        if (Function* copy = copyOf(*callee)) call->setCalledFunction(copy);
      }
  }
  /// Copies whose own calls were not looked at yet.
  SmallVector<Function*, 16> takeFresh() { return std::exchange(fresh_, {}); }

 private:
  Function* copyOf(Function& function) {
    if (isLibraryCopy(function) || !canBeCopied(function)) return nullptr;
    if (auto known = copies_.find(&function); known != copies_.end()) return known->second;
    if (copies_.size() == kMostCopies) return nullptr;
    ValueToValueMapTy values;
    Function* copy = CloneFunction(&function, values);
    copy->setName(function.getName() + ".targeted");
    copy->setComdat(nullptr);
    copy->setLinkage(GlobalValue::InternalLinkage);
    copy->setVisibility(GlobalValue::DefaultVisibility);
    copy->setDSOLocal(true);
    copy->addFnAttr(kCopy);
    fresh_.push_back(copy);
    return copies_[&function] = copy;
  }

  Targets& targets_;
  DenseMap<Function*, Function*> copies_;
  SmallVector<Function*, 16> fresh_;
};

}  // namespace

bool isLibraryCopy(const Function& function) { return function.hasFnAttribute(kCopy); }

void copyLibraryCode(Module& module, Targets& targets) {
  Copies copies(targets);
  for (Function& function : module)
    if (!isLibraryCopy(function)) copies.inCallsOf(function);
  for (auto fresh = copies.takeFresh(); !fresh.empty(); fresh = copies.takeFresh())
    for (Function* copy : fresh) copies.inCallsOf(*copy);
}

void tellCallsOfCopies(Module& module) {
  for (Function& function : module)
    if (isLibraryCopy(function) && !function.isDeclaration()) tellCalls(function);
}

}  // namespace deadheat::pass
