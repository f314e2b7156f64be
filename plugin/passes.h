// The three gaps of clang 19's -fsanitize=thread that the plugin fills. Each pass works on one function, runs just
// before the stock instrumentation, and inserts calls of the `__tsan_*` interface (or its own two, see
// runtime/abi/masked.cpp).
#pragma once

#include "llvm/IR/Function.h"

namespace deadheat::pass {

/// Accesses of sizes other than 1, 2, 4, 8 and 16 bytes (vectors, long double) and masked vector accesses: a call before
/// each. Returns whether anything changed, as the other two.
bool instrumentWideAccesses(llvm::Function& function);

/// Read-modify-writes other than exchange, add, sub, and, or, xor, nand: a loop round a compare-exchange, which the
/// stock instrumentation understands.
bool rewriteAtomics(llvm::Function& function);

/// Reads before a write to the same place in the same block: the stock instrumentation drops them, even when an acquire
/// lies between.
bool keepReadsBeforeAcquire(llvm::Function& function);

/// True if the pointer may be seen by another thread, as far as the stock instrumentation would say.
bool mayBeShared(llvm::Value* pointer);
/// The instruction carries a request not to be instrumented.
bool exempt(const llvm::Instruction& instruction);

}  // namespace deadheat::pass
