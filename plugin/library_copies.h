// Copies of library code for the targets that call it.
#pragma once

#include "llvm/IR/Function.h"
#include "plugin/targets.h"

namespace deadheat::pass {

/// Every call at a target of a function from a library's header gets a copy of that function, and so on for what that
/// one calls of libraries.
void copyLibraryCode(llvm::Module& module, Targets& targets);

/// Entry and exit of those copies that are still functions are told from now on, so that a plan knows what is done for
/// the place that calls. After optimisation.
void tellCallsOfCopies(llvm::Module& module);

/// The function is such a copy.
bool isLibraryCopy(const llvm::Function& function);

}  // namespace deadheat::pass
