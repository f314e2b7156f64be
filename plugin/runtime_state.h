// What the runtime exports for code in line (runtime/detect/fast_state.h, runtime/detect/shadow_map.h).
#pragma once

#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace deadheat::pass {

class RuntimeState {
 public:
  explicit RuntimeState(llvm::Module& module) : module_(module) {}

  /// What the first key of a granule is like that this thread read, or wrote, in its present epoch.
  llvm::Value* wanted(llvm::IRBuilder<>& builder, bool write) {
    return load(builder, builder.getInt64Ty(), write ? 1 : 0);
  }
  /// The thread's CallStack.
  llvm::Value* calls(llvm::IRBuilder<>& builder) { return load(builder, builder.getPtrTy(), 2); }
  /// What to add to the address of a granule to have that of its first key.
  llvm::Value* regionOffset(llvm::IRBuilder<>& builder, llvm::Value* address);
  /// Not 0 if a task was destroyed whose frame may have been there.
  llvm::Value* goneTask(llvm::IRBuilder<>& builder, llvm::Value* frame);
  /// Whether every access has to be told: a plan is active, or accesses are counted.
  llvm::Value* told(llvm::IRBuilder<>& builder);
  /// Not 0 once a module with fences was loaded (runtime/abi/targeted.cpp).
  llvm::Value* fences(llvm::IRBuilder<>& builder);
  /// Where the thread says whether it calls a library function at a target.
  llvm::Value* atTarget(llvm::IRBuilder<>& builder);

 private:
  llvm::Value* threadLocal(llvm::IRBuilder<>& builder, llvm::StringRef name, llvm::Type* type);
  llvm::Value* load(llvm::IRBuilder<>& builder, llvm::Type* type, unsigned index);
  llvm::GlobalVariable* variable(llvm::StringRef name, llvm::Type* type);

  llvm::Module& module_;
};

}  // namespace deadheat::pass
