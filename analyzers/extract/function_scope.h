// The frame of the function being extracted: what its variables, temporaries and captures are called.
#pragma once

#include <string>

#include "analyzers/extract/region_survey.h"
#include "analyzers/extract/survey.h"
#include "analyzers/extract/tu_context.h"
#include "llvm/ADT/StringMap.h"

namespace deadheat {

/// Names of one frame. `function` is null for the initialisers of global variables.
class FunctionScope {
 public:
  FunctionScope(TuContext& tu, const clang::FunctionDecl* function);

  TuContext& tu;
  const clang::FunctionDecl* const function;
  Survey survey;
  std::optional<RegionSurvey> regions;  ///< Only where the translation unit uses OpenMP.

  /// The storage of `variable`, references not followed.
  Path storage(const clang::VarDecl* variable);
  /// The storage of a private copy, or of the variable itself.
  Path storage(const VariableCopy& copy);
  /// Finds the regions of the function, if the translation unit uses OpenMP.
  void lookForRegions();
  /// A temporary or call result: `prefix@line:column`, unique in this function, the same for the same expression.
  Path temporary(RootKind kind, llvm::StringRef prefix, const clang::Expr* expression);
  /// A heap object made by `expression`.
  Path allocation(const clang::Expr* expression);

  /// Inside a lambda: the capture of `variable`, or null.
  const clang::FieldDecl* capture(const clang::ValueDecl* variable) const;
  /// Inside a lambda that captures `this`: the field that holds it, or null.
  const clang::FieldDecl* capturedThis() const { return capturedThis_; }

  /// Whether anybody but this function's own statements can reach the memory at `path`.
  bool isShared(const Path& path) const;

 private:
  bool isOwnParameter(const clang::ParmVarDecl* parameter) const;
  llvm::DenseMap<const clang::VarDecl*, Path> variables_;
  llvm::DenseMap<std::pair<const clang::Expr*, unsigned>, Path> temporaries_;
  llvm::StringMap<unsigned> names_;
  llvm::StringMap<const clang::VarDecl*> locals_;
  llvm::DenseMap<const clang::ValueDecl*, clang::FieldDecl*> captures_;
  clang::FieldDecl* capturedThis_ = nullptr;
};

}  // namespace deadheat
