// Targeted builds: only the accesses at the places of findings are instrumented, and what orders threads is seen
// everywhere (docs/targeted-builds.md). Nothing else is added to the program.
#pragma once

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Module.h"
#include "plugin/targets.h"

namespace deadheat::pass {

/// Before anything is optimised. In a module without a target every function is optimised as in a plain build. In
/// others, what a target calls of the code of libraries in headers is a copy of its own, all of which is instrumented:
/// other callers keep theirs.
void prepareTargeted(llvm::Module& module, Targets& targets);

/// Before the stock instrumentation: excepts all plain accesses but those at targets. Outside of them, relaxed atomics
/// are told of only where the program has fences, without which they order nothing.
void exceptOthers(llvm::Function& function, Targets& targets, const llvm::TargetLibraryInfo& library);

/// After it: atomics outside targets order threads, and are no accesses.
void makeOrderOnly(llvm::Function& function, Targets& targets);

/// Tells the runtime that the program was built so, and whether the module has fences.
void markTargeted(llvm::Module& module);

}  // namespace deadheat::pass
