#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"
#include "plugin/library_copies.h"
#include "plugin/passes.h"
#include "plugin/targeted.h"

namespace deadheat::pass {

bool mayBeShared(llvm::Value* pointer) {
  if (pointer->getType()->getPointerAddressSpace() != 0) return false;
  llvm::Value* object = llvm::getUnderlyingObject(pointer);
  if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object)) return !global->isConstant();
  return !llvm::isa<llvm::AllocaInst>(object) || llvm::PointerMayBeCaptured(object, true, true);
}

bool exempt(const llvm::Instruction& instruction) { return instruction.hasMetadata(llvm::LLVMContext::MD_nosanitize); }

unsigned stockBytes(const llvm::Instruction& instruction) {
  if (!llvm::isa<llvm::LoadInst, llvm::StoreInst>(instruction) || instruction.isAtomic() || exempt(instruction))
    return 0;
  const llvm::MDNode* tag = instruction.getMetadata(llvm::LLVMContext::MD_tbaa);
  if (tag != nullptr && tag->isTBAAVtableAccess()) return 0;
  const auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
  llvm::Type* type = store == nullptr ? instruction.getType() : store->getValueOperand()->getType();
  llvm::TypeSize size = instruction.getModule()->getDataLayout().getTypeStoreSize(type);
  if (size.isScalable()) return 0;
  std::uint64_t bytes = size.getFixedValue();
  return bytes <= 16 && llvm::isPowerOf2_64(bytes) ? static_cast<unsigned>(bytes) : 0;
}

void tellNow(llvm::Instruction& access) {
  unsigned bytes = stockBytes(access);
  std::uint64_t alignment = llvm::getLoadStoreAlignment(&access).value();
  std::string name = alignment < bytes && alignment < 8 ? "__tsan_unaligned_" : "__tsan_";
  name += (llvm::isa<llvm::StoreInst>(access) ? "write" : "read") + std::to_string(bytes);
  llvm::IRBuilder<> builder(&access);
  llvm::FunctionCallee hook = access.getModule()->getOrInsertFunction(name, builder.getVoidTy(), builder.getPtrTy());
  // As the stock instrumentation declares it, which finds it declared now: else each call would become an `invoke`.
  llvm::cast<llvm::Function>(hook.getCallee())->setDoesNotThrow();
  builder.CreateCall(hook, {llvm::getLoadStorePointerOperand(&access)});
  access.setMetadata(llvm::LLVMContext::MD_nosanitize, llvm::MDNode::get(access.getContext(), {}));
}

namespace {

using namespace llvm;

bool wanted(const Function& function) {
  return !function.isDeclaration() && function.hasFnAttribute(Attribute::SanitizeThread) &&
         !function.hasFnAttribute(Attribute::DisableSanitizerInstrumentation);
}

/// Before any optimisation.
struct Prepare : PassInfoMixin<Prepare> {
  PreservedAnalyses run(Module& module, ModuleAnalysisManager&) {
    bool changed = false;
    for (Function& function : module)
      if (wanted(function)) changed |= keepCallsApart(function);
    if (Targets* targets = Targets::ofThisBuild()) {
      prepareTargeted(module, *targets);
      changed = true;
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// The stock instrumentation with ours before and after it. It is run from here, since what a plugin registers comes
/// before it; that the compiler's own turn then finds the work done, each function says itself.
struct Instrument : PassInfoMixin<Instrument> {
  explicit Instrument(bool optimise) : optimise_(optimise), targets_(Targets::ofThisBuild()) {}

  PreservedAnalyses run(Module& module, ModuleAnalysisManager& analyses) {
    if (targets_ == nullptr && none_of(module, wanted)) return PreservedAnalyses::all();
    auto& functions = analyses.getResult<FunctionAnalysisManagerModuleProxy>(module).getManager();
    ModuleThreadSanitizerPass().run(module, analyses);
    if (targets_ != nullptr) {
      markTargeted(module);
      tellCallsOfCopies(module);
    }
    if (optimise_) exemptPrivateFrames(module);
    for (Function& function : module) {
      if (function.isDeclaration() || function.hasFnAttribute(Attribute::DisableSanitizerInstrumentation)) continue;
      complete(function, functions);
      functions.invalidate(function, PreservedAnalyses::none());
      ThreadSanitizerPass().run(function, functions);
      if (targets_ != nullptr) makeOrderOnly(function, *targets_);
      if (optimise_) {
        inlineCalls(function);
        inlineTasks(function);
        dropRepeatedChecks(function);
        functions.invalidate(function, PreservedAnalyses::none());
        checkLoopsAsRanges(function, functions);
        inlineChecks(function);
      }
      function.addFnAttr(Attribute::DisableSanitizerInstrumentation);
      functions.invalidate(function, PreservedAnalyses::none());
    }
    return PreservedAnalyses::none();
  }
  static bool isRequired() { return true; }  // At -O0, too.

 private:
  /// Of a function that is not to be instrumented, a targeted build sees the atomics still, as the stock one does.
  void complete(Function& function, FunctionAnalysisManager& functions) {
    if (targets_ == nullptr && !wanted(function)) return;
    rewriteAtomics(function);
    if (targets_ != nullptr) exceptOthers(function, *targets_, functions.getResult<TargetLibraryAnalysis>(function));
    if (!wanted(function)) return;
    keepReadsBeforeAcquire(function);
    instrumentWideAccesses(function);
    functions.invalidate(function, PreservedAnalyses::none());
    instrumentSharedLocals(function, functions);
  }

  bool optimise_;
  Targets* targets_;
};

/// Early: coroutines are split in the midst of the optimiser.
struct MarkTasks : PassInfoMixin<MarkTasks> {
  PreservedAnalyses run(Module& module, ModuleAnalysisManager&) {
    return markTasks(module) ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

}  // namespace
}  // namespace deadheat::pass

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "deadheat", "1", [](llvm::PassBuilder& builder) {
            builder.registerPipelineStartEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
              passes.addPass(deadheat::pass::MarkTasks());
              passes.addPass(deadheat::pass::Prepare());
            });
            builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel level) {
              passes.addPass(deadheat::pass::Instrument(level != llvm::OptimizationLevel::O0));
            });
          }};
}
