// Views in coroutines: where they are used, and where one is given back.
#include "analyzers/extract/emitter.h"
#include "clang/AST/Attr.h"
#include "clang/AST/StmtCXX.h"

namespace deadheat {

using llvm::dyn_cast_or_null;
using llvm::isa_and_nonnull;

/// What a view refers to is read where a coroutine uses the view: it may have been suspended since the view was made.
/// So are the numbers and characters that the library is given a pointer to and promises to leave as they are.
void Emitter::lookThrough(const clang::Expr* view) {
  const clang::Stmt* body = scope.function ? scope.function->getBody() : nullptr;
  if (!isa_and_nonnull<clang::CoroutineBodyStmt>(body)) return;
  const clang::QualType type = view->getType();
  const clang::QualType pointee = type->isPointerType() ? type->getPointeeType() : clang::QualType();
  const bool isText = !pointee.isNull() && pointee.isConstQualified() && pointee->isArithmeticType();
  if (!isText && !tu.library.isView(type)) return;
  const Path seen = resolver.deref(resolver.value(view));
  libraryAccess(view, seen, AccessKind::Read, view->getType(), {});
}

/// An object of a class whose attributes say that it refers to what it is made from.
void Emitter::bindView(const clang::CXXConstructExpr* construct, const Path& home) {
  const clang::CXXConstructorDecl* constructor = construct->getConstructor();
  if (!tu.library.followsViews() || constructor->isCopyOrMoveConstructor()) return;
  const bool isPointer = constructor->getParent()->hasAttr<clang::PointerAttr>();
  for (unsigned i = 0; i < construct->getNumArgs() && i < constructor->getNumParams(); ++i) {
    const bool isBound = (isPointer && i == 0) || constructor->getParamDecl(i)->hasAttr<clang::LifetimeBoundAttr>();
    if (!isBound) continue;
    Value seen = resolver.passed(construct->getArg(i), constructor->getParamDecl(i)->getType());
    if (seen.kind == Value::Kind::AddressOf || seen.kind == Value::Kind::Load)
      assign(construct->getExprLoc(), home.then(PathStep::field("", "$view")), std::move(seen));
    return;
  }
}

/// `co_return` of a view or pointer: who awaits the task gets it when the frame's own objects are gone.
void Emitter::visitCoreturn(const clang::CoreturnStmt* statement) {
  const auto* call = dyn_cast_or_null<clang::CallExpr>(statement->getPromiseCall());
  if (!call || call->getNumArgs() != 1) return;
  const clang::Expr* given = call->getArg(0);
  if (!given->getType()->isPointerType() && !tu.library.isView(given->getType())) return;
  Value value = resolver.value(given);
  if (value.kind == Value::Kind::AddressOf || value.kind == Value::Kind::Load)
    emit(statement->getBeginLoc(), Return{std::move(value)});
}

}  // namespace deadheat
