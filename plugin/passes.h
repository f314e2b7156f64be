// What the plugin does beside clang 19's -fsanitize=thread. Each pass works on one function and returns whether
// anything changed. The first four fill gaps: they run just before the stock instrumentation and insert calls of the
// `__tsan_*` interface (or their own two, see runtime/abi/masked.cpp). What comes after it makes its calls cheaper.
#pragma once

#include "llvm/IR/Function.h"
#include "llvm/IR/PassManager.h"

namespace deadheat::pass {

/// Accesses of sizes other than 1, 2, 4, 8 and 16 bytes (vectors, long double) and masked vector accesses: a call
/// before each.
bool instrumentWideAccesses(llvm::Function& function);

/// Read-modify-writes other than exchange, add, sub, and, or, xor, nand: a loop round a compare-exchange, which the
/// stock instrumentation understands.
bool rewriteAtomics(llvm::Function& function);

/// Reads before a write to the same place in the same block: the stock instrumentation drops them, even when an acquire
/// lies between.
bool keepReadsBeforeAcquire(llvm::Function& function);

/// Parts of local variables that other threads may know: the stock instrumentation asks only whether the address of the
/// part goes anywhere, and so leaves out nearly all but the first member. Not before the address is given away.
bool instrumentSharedLocals(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

/// Calls of hooks for what was checked already: made only where everything is told.
bool dropRepeatedChecks(llvm::Function& function);

/// Calls of hooks for accesses that loops make side by side: one call for all before the loop.
bool checkLoopsAsRanges(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

/// Before each call of a hook for an access: the check of a repeated access, which makes the call needless.
bool inlineChecks(llvm::Function& function);

/// In place of the hooks of entry and exit: what they do. Where nothing is called, nothing.
bool inlineCalls(llvm::Function& function);

/// Calls of what lies in other files, before anything is optimised: two in one function stay two, each with its line.
/// What the runtime reports, it knows by the place of the call.
bool keepCallsApart(llvm::Function& function);

/// Coroutines that are not split yet: calls of the runtime where tasks are created, suspended, resumed and destroyed.
bool markTasks(llvm::Module& module);

/// In place of the hooks of suspension and resumption: what they do.
bool inlineTasks(llvm::Function& function);

/// Coroutines that were split: what of their frames nobody else can have the address of is not checked. Of each
/// resumption where it goes on still is, so that two which nothing orders are seen.
bool exemptPrivateFrames(llvm::Module& module);

/// On the call that tells of a coroutine's creation: its name.
inline constexpr llvm::StringLiteral kCoroutineName = "deadheat.coroutine";

/// True if the pointer may be seen by another thread, as far as the stock instrumentation would say.
bool mayBeShared(llvm::Value* pointer);
/// The instruction carries a request not to be instrumented.
bool exempt(const llvm::Instruction& instruction);
/// Bytes of a plain read or write that the stock instrumentation has a hook for and would not leave out on request;
/// else 0.
unsigned stockBytes(const llvm::Instruction& instruction);
/// Calls the hook of a read or write with `stockBytes` now, so that nobody has to later.
void tellNow(llvm::Instruction& access);

}  // namespace deadheat::pass
