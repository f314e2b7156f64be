// A first look over one body, before its control-flow graph is walked: where objects are constructed, which locals can
// be reached by others, what local scalars are assigned, which declarations stand inside.
#pragma once

#include "analyzers/extract/library.h"
#include "analyzers/facts/path.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

namespace clang {
class OMPExecutableDirective;
}

namespace deadheat {

/// Where the object made by an expression lives. Exactly one of the pointers is set.
struct Destination {
  const clang::VarDecl* variable = nullptr;
  const clang::CXXCtorInitializer* initializer = nullptr;
  const clang::CXXNewExpr* allocation = nullptr;
  const clang::Expr* outer = nullptr;  ///< A part (`step`) of what this expression makes.
  PathStep step = {};
  bool isWhole = false;  ///< With `outer`: all of it; the step is one of the library's own.
};

/// What a body holds. Filled by `look`.
class Survey {
 public:
  explicit Survey(Library& library) : library_(library) {}

  void look(const clang::Stmt* body);
  void lookAtInitializer(const clang::CXXCtorInitializer* initializer);
  /// `expression` makes the object of `variable`.
  void construct(const clang::Expr* expression, const Destination& where);

  llvm::DenseMap<const clang::Expr*, Destination> destinations;
  llvm::DenseSet<const clang::VarDecl*> exposed;  ///< Reachable through a pointer, reference or closure.
  /// The arms of conditional operators whose value is an address or object.
  llvm::DenseMap<const clang::Expr*, const clang::AbstractConditionalOperator*> arms;
  llvm::DenseMap<const clang::VarDecl*, llvm::SmallVector<const clang::Expr*, 1>> assignments;
  llvm::DenseMap<const clang::VarDecl*, const clang::Expr*> loopRanges;  ///< Variables of range-for over containers.
  llvm::DenseMap<const clang::VarDecl*, const clang::Expr*> loopIterators;  ///< Their hidden begin and end.
  llvm::DenseSet<const clang::Stmt*> unevaluated;                        ///< Inside sizeof, noexcept and the like.
  /// What stands in the dynamic initialiser of a static local, and that local.
  llvm::DenseMap<const clang::Stmt*, const clang::VarDecl*> staticInitialisers;
  llvm::SetVector<const clang::VarDecl*> tested;  ///< Local numbers that conditions name or that are returned.
  llvm::DenseSet<const clang::VarDecl*> indices;  ///< Local numbers that choose an element that is no number.
  llvm::SmallVector<const clang::CXXTryStmt*> tries;
  /// By the expression that hands the coroutine over (await_suspend): what suspends there.
  llvm::DenseMap<const clang::Stmt*, const clang::CoroutineSuspendExpr*> suspensions;
  llvm::SmallVector<const clang::LambdaExpr*> lambdas;
  llvm::SmallVector<const clang::CXXRecordDecl*> records;

 private:
  void lookAt(const clang::Stmt* statement);
  void lookInside(const clang::OMPExecutableDirective* directive);
  void skip(const clang::Stmt* statement);
  void lookAtCondition(const clang::Stmt* condition);
  void lookAtReturned(const clang::Expr* result);
  void lookAtIndex(const clang::Expr* index);
  void noteStaticInitialiser(const clang::Stmt* part, const clang::VarDecl* variable);
  void lookAtVariable(const clang::VarDecl* variable);
  void lookAtCall(const clang::CallExpr* call);
  void exposeContainer(const clang::Expr* element);
  void lookAtView(const clang::CallExpr* call, const CallShape& shape);
  void lookAtLambda(const clang::LambdaExpr* lambda);
  void lookAtRangeFor(const clang::CXXForRangeStmt* loop);
  void lookAtList(const clang::InitListExpr* list);
  void lookAtArguments(const clang::FunctionDecl* callee, llvm::ArrayRef<const clang::Expr*> arguments);
  void expose(const clang::Expr* lvalue);

  Library& library_;
};

/// The local variable that `lvalue` is or is a part of, following local references; null if it is reached through a
/// pointer or is not local.
const clang::VarDecl* baseVariable(const clang::Expr* lvalue);

/// Strips what does not change which object an expression makes: parentheses, cleanups, bindings, elided copies.
const clang::Expr* makingExpression(const clang::Expr* expression);

}  // namespace deadheat
