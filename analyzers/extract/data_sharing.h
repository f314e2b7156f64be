// What an OpenMP directive says of variables: shared between the threads, or a copy for each.
#pragma once

#include "clang/AST/StmtOpenMP.h"
#include "llvm/ADT/DenseMap.h"

namespace deadheat {

enum class Sharing : std::uint8_t {
  Shared,
  Private,       ///< A copy with no value of its own at first.
  FirstPrivate,  ///< A copy that starts with the value outside.
  Combined,      ///< A copy that all threads add to the variable outside at the end: reduction.
};

/// The clauses of one directive. Keys are canonical declarations.
struct DataSharing {
  explicit DataSharing(const clang::OMPExecutableDirective* directive);

  llvm::DenseMap<const clang::VarDecl*, Sharing> said;
  llvm::SmallVector<const clang::Expr*> writtenBack;  ///< lastprivate, linear, reduction: what the end writes.
  llvm::SmallVector<const clang::Expr*> added;        ///< Those of them that are combined.
  Sharing otherwise = Sharing::Shared;                ///< default(…).
};

/// The variable at the bottom of a list item: `a` of `a`, `a[0:n]`, `s.f`; null if there is none.
const clang::VarDecl* listedVariable(const clang::Expr* item);

/// The clause of a kind, or null.
template <typename Clause>
const Clause* clauseOf(const clang::OMPExecutableDirective* directive) {
  for (const clang::OMPClause* clause : directive->clauses())
    if (const auto* found = llvm::dyn_cast<Clause>(clause)) return found;
  return nullptr;
}

}  // namespace deadheat
