#include "analyzers/extract/data_sharing.h"

#include "clang/AST/ExprCXX.h"
#include "clang/AST/ExprOpenMP.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

const clang::VarDecl* listedVariable(const clang::Expr* item) {
  for (;;) {
    item = item->IgnoreParenImpCasts();
    if (const auto* reference = dyn_cast<clang::DeclRefExpr>(item)) {
      const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
      return variable ? variable->getCanonicalDecl() : nullptr;
    }
    if (const auto* section = dyn_cast<clang::ArraySectionExpr>(item)) {
      item = section->getBase();
    } else if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(item)) {
      item = subscript->getBase();
    } else if (const auto* member = dyn_cast<clang::MemberExpr>(item)) {
      item = member->getBase();
    } else {
      return nullptr;
    }
  }
}

DataSharing::DataSharing(const clang::OMPExecutableDirective* directive) {
  auto note = [&](const auto* clause, Sharing sharing) {
    for (const clang::Expr* item : clause->varlists())
      if (const clang::VarDecl* variable = listedVariable(item)) said[variable] = sharing;
  };
  auto noteBack = [&](const auto* clause, Sharing sharing) {
    note(clause, sharing);
    writtenBack.append(clause->varlist_begin(), clause->varlist_end());
  };
  const bool isTarget = clang::isOpenMPTargetExecutionDirective(directive->getDirectiveKind());
  for (const clang::OMPClause* clause : directive->clauses()) {
    if (const auto* list = dyn_cast<clang::OMPPrivateClause>(clause)) note(list, Sharing::Private);
    if (const auto* list = dyn_cast<clang::OMPFirstprivateClause>(clause)) note(list, Sharing::FirstPrivate);
    if (const auto* list = dyn_cast<clang::OMPSharedClause>(clause)) note(list, Sharing::Shared);
    if (const auto* list = dyn_cast<clang::OMPLinearClause>(clause)) noteBack(list, Sharing::Private);
    if (const auto* list = dyn_cast<clang::OMPInReductionClause>(clause)) note(list, Sharing::Combined);
    if (const auto* list = dyn_cast<clang::OMPMapClause>(clause); list && isTarget) note(list, Sharing::Shared);
    if (const auto* list = dyn_cast<clang::OMPReductionClause>(clause)) {
      noteBack(list, Sharing::Combined);
      added.append(list->varlist_begin(), list->varlist_end());
    }
    if (const auto* clauseOfDefault = dyn_cast<clang::OMPDefaultClause>(clause)) {
      if (clauseOfDefault->getDefaultKind() == llvm::omp::OMP_DEFAULT_private) otherwise = Sharing::Private;
      if (clauseOfDefault->getDefaultKind() == llvm::omp::OMP_DEFAULT_firstprivate) otherwise = Sharing::FirstPrivate;
    }
  }
  for (const clang::OMPClause* clause : directive->clauses())
    if (const auto* list = dyn_cast<clang::OMPLastprivateClause>(clause)) {
      for (const clang::Expr* item : list->varlists())
        if (const clang::VarDecl* variable = listedVariable(item)) said.try_emplace(variable, Sharing::Private);
      writtenBack.append(list->varlist_begin(), list->varlist_end());
    }
}

}  // namespace deadheat
