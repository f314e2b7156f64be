// Locks and conditions that calls make and end, and what kind of lock is made.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// Whether an enumerator of a name like `mtx_recursive` or PTHREAD_MUTEX_RECURSIVE_NP stands somewhere in `expression`.
bool saysRecursive(const clang::Stmt* expression) {
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(expression)) {
    const auto* named = reference->getDecl();
    return named->getIdentifier() && named->getName().contains_insensitive("recursive");
  }
  for (const clang::Stmt* child : expression->children())
    if (child && saysRecursive(child)) return true;
  return false;
}

/// The variable whose address is passed.
const clang::VarDecl* addressed(const clang::Expr* argument) {
  const auto* address = dyn_cast<clang::UnaryOperator>(argument->IgnoreParenImpCasts());
  return address && address->getOpcode() == clang::UO_AddrOf ? baseVariable(address->getSubExpr()) : nullptr;
}

/// What `attributes` are set to by a call like pthread_mutexattr_settype(&attributes, kind) in `body`.
Recursion attributesSay(const clang::Stmt* body, const clang::VarDecl* attributes) {
  const auto* call = dyn_cast<clang::CallExpr>(body);
  const clang::FunctionDecl* callee = call ? call->getDirectCallee() : nullptr;
  if (callee && callee->getIdentifier() && callee->getName().ends_with("attr_settype") && call->getNumArgs() == 2 &&
      addressed(call->getArg(0)) == attributes)
    return saysRecursive(call->getArg(1)) ? Recursion::Yes : Recursion::No;
  for (const clang::Stmt* child : body->children()) {
    const Recursion said = child ? attributesSay(child, attributes) : Recursion::Unknown;
    if (said != Recursion::Unknown) return said;
  }
  return Recursion::Unknown;
}

}  // namespace

Recursion Emitter::madeAs(const CallShape& shape) {
  if (shape.arguments.size() < 2) return Recursion::Unknown;
  const clang::Expr* kind = shape.arguments[1];
  clang::Expr::EvalResult number;
  if (kind->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull)) return Recursion::No;
  if (kind->getType()->isIntegralOrEnumerationType()) {
    if (saysRecursive(kind)) return Recursion::Yes;
    return !kind->isValueDependent() && kind->EvaluateAsInt(number, tu.ast) ? Recursion::No : Recursion::Unknown;
  }
  const clang::VarDecl* attributes = addressed(kind);
  return attributes && body_ ? attributesSay(body_, attributes) : Recursion::Unknown;
}

/// Whether something may depend on what the call returns.
bool Emitter::isResultUsed(const clang::CallExpr* call) {
  const clang::Stmt* user = parents().getParentIgnoreParenCasts(const_cast<clang::CallExpr*>(call));
  return user && (isa<clang::Expr, clang::DeclStmt, clang::ReturnStmt>(user) ||
                  (isa<clang::IfStmt>(user) && llvm::cast<clang::IfStmt>(user)->getCond()->IgnoreParenCasts() == call));
}

void Emitter::lifetimeCall(const clang::CallExpr* call, const CallShape& shape) {
  const Path object = resolver.object(shape, shape.model->object);
  if (!object.known()) return;
  if (shape.model->effect == Effect::Begin) {
    emit(call->getExprLoc(), Lifetime{object, Lifetime::Phase::Begins, madeAs(shape)});
  } else if (!isResultUsed(call)) {  // Else it ends where the result turns out to be zero.
    emit(call->getExprLoc(), Lifetime{object, Lifetime::Phase::Ends, Recursion::Unknown});
  }
}

}  // namespace deadheat
