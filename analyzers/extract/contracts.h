// Clang's thread-safety attributes, in all spellings -> the promises of facts/contract.h.
#pragma once

#include "analyzers/extract/tu_context.h"
#include "analyzers/facts/contract.h"

namespace deadheat {

/// What the attributes of `function` say, in terms of its own parameters and `this`.
Contracts contractsOf(TuContext& tu, const clang::FunctionDecl* function);

/// The locks that guard a field (relative to its object) or variable.
std::vector<Guard> guardsOf(TuContext& tu, const clang::ValueDecl* variable);

/// The order that attributes of the lock at a field or variable promise.
LockOrderPromise orderOf(TuContext& tu, const clang::ValueDecl* lock);

/// Whether the attributes of `function` say what it does to locks, so that it is more than a call into the unknown.
bool hasContracts(const clang::FunctionDecl* function);

/// The events of a function that is only declared, as its contracts have them, in one block before the exit.
void addDeclaredEvents(TuContext& tu, const clang::FunctionDecl* declaration, Function& out);

}  // namespace deadheat
