// What coroutines of the user's types do, from the models and from the shape of the types: the promise says whether a body
// starts at once, the awaiter whether awaiting suspends.
#pragma once

#include "analyzers/extract/tu_context.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/ParentMap.h"
#include "clang/AST/StmtCXX.h"

namespace deadheat {

/// The body as written of a coroutine; `body` itself if it is none.
const clang::Stmt* writtenBody(const clang::Stmt* body);

/// Whether objects of `type` stand for a coroutine that runs once for them: a model says task, or coroutines can give it
/// back and it yields no values. References are looked through.
bool isTask(TuContext& tu, clang::QualType type);

/// What the promise type and the model of the task say of the coroutine `function`.
Coroutine describeCoroutine(TuContext& tu, const clang::FunctionDecl* function, const clang::CoroutineBodyStmt* body);

/// Whether the coroutine may be suspended at `suspension`: not if its awaiter is always ready.
bool maySuspend(TuContext& tu, const clang::CoroutineSuspendExpr* suspension);

/// Strips what hands an awaited object on as it is: casts, cleanups, std::move, what makes no copy.
const clang::Expr* handedOn(TuContext& tu, const clang::Expr* expression);

/// Whether the statement that makes `task` does nothing else with it.
bool isDropped(const clang::ParentMap& parents, const clang::Expr* task);

/// The operand of an expression that awaits, as written; null of one that yields.
const clang::Expr* awaitedOperand(TuContext& tu, const clang::CoroutineSuspendExpr* suspension);

}  // namespace deadheat
