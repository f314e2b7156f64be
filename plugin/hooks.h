// Calls of the `__tsan_*` interface as what they stand for.
#pragma once

#include "llvm/IR/Instructions.h"

namespace deadheat::pass {

/// A hook for an access of fixed size. No bytes: it is none.
struct Hook {
  unsigned bytes = 0;
  bool write = false;
  bool aligned = false;
  bool known = false;  ///< There is one for code that has the check in line.
  bool vptr = false;
};

Hook hookOf(const llvm::Instruction& instruction);

/// The call of a hook is made only where every access has to be told, and so needs no check in line.
void markTold(llvm::CallInst& hook);
bool isTold(const llvm::Instruction& hook);

/// May order the thread with others, or free memory: what was checked before may be news after.
bool maySynchronise(const llvm::Instruction& instruction);

}  // namespace deadheat::pass
