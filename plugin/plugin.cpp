#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"
#include "plugin/passes.h"

namespace deadheat::pass {

bool mayBeShared(llvm::Value* pointer) {
  if (pointer->getType()->getPointerAddressSpace() != 0) return false;
  llvm::Value* object = llvm::getUnderlyingObject(pointer);
  if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object)) return !global->isConstant();
  return !llvm::isa<llvm::AllocaInst>(object) || llvm::PointerMayBeCaptured(object, true, true);
}

bool exempt(const llvm::Instruction& instruction) {
  return instruction.hasMetadata(llvm::LLVMContext::MD_nosanitize);
}

namespace {

struct Complete : llvm::PassInfoMixin<Complete> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
    if (!function.hasFnAttribute(llvm::Attribute::SanitizeThread) ||
        function.hasFnAttribute(llvm::Attribute::DisableSanitizerInstrumentation))
      return llvm::PreservedAnalyses::all();
    bool changed = rewriteAtomics(function);
    changed |= keepReadsBeforeAcquire(function);
    changed |= instrumentWideAccesses(function);
    return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }  // At -O0, too.
};

}  // namespace
}  // namespace deadheat::pass

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "deadheat", "1", [](llvm::PassBuilder& builder) {
            builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
              passes.addPass(llvm::createModuleToFunctionPassAdaptor(deadheat::pass::Complete()));
            });
          }};
}
