// Joins Clang's declarations to the models: what is this type, what does this call do?
#pragma once

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "analyzers/models/models.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace deadheat {

/// A call seen uniformly: method, overloaded operator, function or through a pointer.
struct CallShape {
  const clang::FunctionDecl* callee = nullptr;  ///< Null: through a pointer.
  const clang::Expr* receiver = nullptr;  ///< The object of a method call; a pointer to it if `receiverIsPointer`.
  bool receiverIsPointer = false;
  llvm::SmallVector<const clang::Expr*, 6> arguments;  ///< Without the receiver.
  const FunctionModel* model = nullptr;
  const TypeModel* receiverType = nullptr;
};

/// Looks declarations up in a ModelSet, with caches. One translation unit, one thread.
class Library {
 public:
  Library(const ModelSet& models, const clang::SourceManager& sources) : models_(models), sources_(sources) {}

  /// The model of exactly this type (references, cv and sugar aside), or null.
  const TypeModel* type(clang::QualType type);
  /// The same, base classes considered.
  const TypeModel* typeOrBase(clang::QualType type);
  bool is(clang::QualType type, TypeKind kind);
  /// A class whose objects act as pointers.
  bool isPointerLike(clang::QualType type);
  /// A class whose objects refer to what they are made from (std::string_view). None unless views are followed: it
  /// takes tasks for a view to be there when what it refers to is gone, and elsewhere it would only make facts larger.
  bool isView(clang::QualType type);
  void followViews(bool follow) { followsViews_ = follow; }
  bool followsViews() const { return followsViews_; }

  const FunctionModel* function(const clang::FunctionDecl* function);
  const HazardModel* hazard(const clang::FunctionDecl* function);
  CallShape shape(const clang::CallExpr* call);
  bool inSystemHeader(const clang::Decl* decl);
  /// Whether the configuration says that threads start in `function`.
  bool startsThread(const clang::FunctionDecl* function);
  /// The users' entries that matched so far, by entryKey, sorted.
  std::vector<std::string> usedEntries() const;

 private:
  bool refersByParts(const clang::CXXRecordDecl* record);
  const TypeModel* record(const clang::TagDecl* record);
  const TypeModel* baseOf(const clang::CXXRecordDecl* record);
  const FunctionModel* method(const clang::CXXMethodDecl* method, clang::QualType receiver);
  const TypeModel* typeNamed(llvm::StringRef name);
  /// What the program says of it itself (models/annotation.h), or null.
  const TypeModel* annotatedType(const clang::Decl* decl, const std::string& name);
  const FunctionModel* annotatedFunction(const clang::Decl* decl, const std::string& name);
  const FunctionModel* functionNamed(llvm::StringRef name);

  const ModelSet& models_;
  const clang::SourceManager& sources_;
  llvm::DenseMap<const clang::Decl*, const TypeModel*> types_;
  llvm::DenseMap<const clang::Decl*, const FunctionModel*> functions_;
  std::deque<TypeModel> annotatedTypes_;
  std::deque<FunctionModel> annotatedFunctions_;
  std::set<std::string> used_;
  llvm::DenseMap<const clang::Decl*, const HazardModel*> hazards_;
  bool followsViews_ = false;
};

}  // namespace deadheat
