// What declarations are called in the facts: identities that agree between translation units, and text for people.
#pragma once

#include <memory>
#include <string>

#include "analyzers/facts/path.h"
#include "analyzers/facts/value.h"
#include "clang/AST/Decl.h"
#include "clang/AST/Mangle.h"
#include "clang/AST/Type.h"

namespace deadheat {

/// The name models are looked up by: qualified, no template arguments, no inline namespaces, lambdas as `lambda`.
std::string modelName(const clang::NamedDecl* decl);

/// Names of one translation unit. Not thread safe.
class Names {
 public:
  explicit Names(clang::ASTContext& ast);

  /// Joins a call to its definition; see FunctionId. Requires a declaration that depends on no template parameter.
  FunctionId functionId(const clang::FunctionDecl* function);
  /// Identity of a variable with static or thread storage.
  std::string variableId(const clang::VarDecl* variable);
  /// Qualified name with template arguments: `Bank<int>::transfer`, `Pool::start()::lambda`.
  std::string display(const clang::NamedDecl* decl);
  /// A type as a person writes it.
  std::string type(clang::QualType type);
  /// Canonical type, for comparison.
  std::string canonicalType(clang::QualType type);
  /// The file a declaration stands in, as its path says, without dot segments.
  std::string file(clang::SourceLocation location);

 private:
  std::string mangled(clang::GlobalDecl decl);
  std::string lambdaId(const clang::CXXMethodDecl* callOperator);

  clang::ASTContext& ast_;
  clang::PrintingPolicy policy_;
  std::unique_ptr<clang::MangleContext> mangler_;
};

}  // namespace deadheat
