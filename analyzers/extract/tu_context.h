// What the extraction of one translation unit shares: names, models, the facts being built, functions still to do.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "analyzers/extract/library.h"
#include "analyzers/extract/names.h"
#include "analyzers/facts/tu_facts.h"
#include "clang/AST/ASTContext.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace clang {
class Sema;
}

namespace deadheat {

/// State of one extraction. One thread.
class TuContext {
 public:
  TuContext(clang::Sema& sema, clang::ASTContext& ast, const ModelSet& models, TuFacts& facts);

  clang::Sema& sema;
  clang::ASTContext& ast;
  clang::SourceManager& sources;
  Library library;
  Names names;
  TuFacts& facts;

  /// The C library compiled against.
  const Libc& libc();

  /// std::coroutine_traits, or null where the unit knows no coroutines.
  const clang::ClassTemplateDecl* coroutineTraits();
  llvm::DenseMap<const clang::CXXRecordDecl*, bool> taskTypes;  ///< What isTask (coroutines.h) has found out.

  /// Where `location` stands in a file; inside a macro's body, where the macro is used.
  Location location(clang::SourceLocation location);
  /// `line:column` of `location`, for names of temporaries.
  std::string position(clang::SourceLocation location);

  /// Asks for `function` to be extracted if it has a body here and is not in a system header.
  void want(const clang::FunctionDecl* function);
  /// The same for one that is only declared, if its attributes say what it does to locks.
  void wantDeclaration(const clang::FunctionDecl* function);
  /// Takes the next wanted function, or null.
  const clang::FunctionDecl* nextWanted();

  /// Notes that the address of `function` is taken.
  void takeAddress(const clang::FunctionDecl* function);
  bool addressTaken(const clang::FunctionDecl* function) const;

  /// Notes that `variable`, which has static or thread storage, is used.
  Path globalPath(const clang::VarDecl* variable);
  const llvm::DenseSet<const clang::VarDecl*>& usedGlobals() const { return globals_; }

 private:
  void defineImplicit(const clang::FunctionDecl* function);
  std::uint32_t fileIndex(clang::FileID file);

  llvm::DenseMap<clang::FileID, std::uint32_t> fileIndices_;
  llvm::StringMap<std::uint32_t> fileNames_;
  std::deque<const clang::FunctionDecl*> wanted_;
  llvm::DenseSet<const clang::FunctionDecl*> seen_;
  llvm::DenseSet<const clang::FunctionDecl*> addressTaken_;
  llvm::DenseSet<const clang::VarDecl*> globals_;
  llvm::DenseMap<const clang::VarDecl*, Path> globalPaths_;
  std::optional<Libc> libc_;
  std::optional<const clang::ClassTemplateDecl*> coroutineTraits_;
};

}  // namespace deadheat
