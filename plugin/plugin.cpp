#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"
#include "plugin/passes.h"

namespace deadheat::pass {

bool mayBeShared(llvm::Value* pointer) {
  if (pointer->getType()->getPointerAddressSpace() != 0) return false;
  llvm::Value* object = llvm::getUnderlyingObject(pointer);
  if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object)) return !global->isConstant();
  return !llvm::isa<llvm::AllocaInst>(object) || llvm::PointerMayBeCaptured(object, true, true);
}

bool exempt(const llvm::Instruction& instruction) { return instruction.hasMetadata(llvm::LLVMContext::MD_nosanitize); }

namespace {

using namespace llvm;

bool wanted(const Function& function) {
  return !function.isDeclaration() && function.hasFnAttribute(Attribute::SanitizeThread) &&
         !function.hasFnAttribute(Attribute::DisableSanitizerInstrumentation);
}

/// The stock instrumentation with ours before and after it. It is run from here, since what a plugin registers comes
/// before it; that the compiler's own turn then finds the work done, each function says itself.
struct Instrument : PassInfoMixin<Instrument> {
  explicit Instrument(bool optimise) : optimise_(optimise) {}

  PreservedAnalyses run(Module& module, ModuleAnalysisManager& analyses) {
    if (none_of(module, wanted)) return PreservedAnalyses::all();
    auto& functions = analyses.getResult<FunctionAnalysisManagerModuleProxy>(module).getManager();
    ModuleThreadSanitizerPass().run(module, analyses);
    for (Function& function : module) {
      if (function.isDeclaration() || function.hasFnAttribute(Attribute::DisableSanitizerInstrumentation)) continue;
      if (wanted(function)) complete(function);
      functions.invalidate(function, PreservedAnalyses::none());
      ThreadSanitizerPass().run(function, functions);
      if (optimise_) {
        inlineCalls(function);
        inlineChecks(function);
      }
      function.addFnAttr(Attribute::DisableSanitizerInstrumentation);
      functions.invalidate(function, PreservedAnalyses::none());
    }
    return PreservedAnalyses::none();
  }
  static bool isRequired() { return true; }  // At -O0, too.

 private:
  static void complete(Function& function) {
    rewriteAtomics(function);
    keepReadsBeforeAcquire(function);
    instrumentWideAccesses(function);
  }

  bool optimise_;
};

}  // namespace
}  // namespace deadheat::pass

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "deadheat", "1", [](llvm::PassBuilder& builder) {
            builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel level) {
              passes.addPass(deadheat::pass::Instrument(level != llvm::OptimizationLevel::O0));
            });
          }};
}
