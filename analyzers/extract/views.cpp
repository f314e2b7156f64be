// The half of Resolver about views: objects that refer to what they are made from and own nothing of it. Their values
// are those of pointers.
#include "analyzers/extract/resolver.h"
#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/TypeLoc.h"

namespace deadheat {

using llvm::dyn_cast;

Path Resolver::elementsOf(const clang::Expr* range) {
  return tu_.library.isView(range->getType()) ? deref(value(range)) : place(range);
}

Path Resolver::elements(const CallShape& shape, int position) {
  const bool isReceiver = position == FunctionModel::kThis && shape.receiver;
  const std::size_t number = position == FunctionModel::kThis ? 0 : static_cast<std::size_t>(position);
  const clang::Expr* range = isReceiver                        ? shape.receiver
                             : number < shape.arguments.size() ? shape.arguments[number]
                                                               : nullptr;
  if (range && tu_.library.isView(range->getType())) return deref(value(range));
  return object(shape, position);
}

Value Resolver::viewed(const clang::Expr* expression) {
  const clang::QualType type = expression->getType();
  if (type->isPointerType() || tu_.library.isPointerLike(type)) return value(expression);
  const bool isObject = type->isRecordType() || type->isArrayType() || expression->isGLValue();
  if (!isObject || llvm::isa<clang::StringLiteral>(expression->IgnoreParenImpCasts())) return value(expression);
  const Path object = place(expression);
  return object.known() ? Value::addressOf(object) : Value::unknown();
}

namespace {

bool isForLife(const clang::FunctionDecl* method) {
  const clang::TypeSourceInfo* written = method->getTypeSourceInfo();
  if (!written) return false;
  clang::AttributedTypeLoc attributed;
  for (clang::TypeLoc at = written->getTypeLoc(); (attributed = at.getAsAdjusted<clang::AttributedTypeLoc>());
       at = attributed.getModifiedLoc())
    if (attributed.getAttrAs<clang::LifetimeBoundAttr>()) return true;
  return false;
}

}  // namespace

/// The argument that the result of a function without a body refers to, as its attributes have it; or null.
const clang::Expr* Resolver::boundForLife(const CallShape& shape) {
  if (!tu_.library.followsViews() || !shape.callee || shape.callee->hasBody()) return nullptr;
  for (std::size_t i = 0; i < shape.arguments.size() && i < shape.callee->getNumParams(); ++i)
    if (shape.callee->getParamDecl(i)->hasAttr<clang::LifetimeBoundAttr>()) return shape.arguments[i];
  return shape.receiver && isForLife(shape.callee) ? shape.receiver : nullptr;
}

Value Resolver::viewOfCall(const clang::CallExpr* call, const CallShape& shape) {
  const clang::QualType type = call->getType();
  if (!tu_.library.followsViews() || call->isGLValue()) return Value::unknown();
  const bool refers = type->isPointerType() || tu_.library.isView(type);
  if (const clang::Expr* bound = refers ? boundForLife(shape) : nullptr) return viewed(bound);
  if (!tu_.library.isView(type) || !shape.callee || !tu_.library.inSystemHeader(shape.callee)) return Value::unknown();
  // A part of a view, or what an adaptor makes of a range.
  if (shape.receiver && tu_.library.isView(shape.receiver->getType())) return value(shape.receiver);
  for (const clang::Expr* argument : shape.arguments) {
    const TypeModel* model = tu_.library.typeOrBase(argument->getType());
    const bool isRange = model && (model->kind == TypeKind::Container || model->kind == TypeKind::Plain);
    if (argument->getType()->isArrayType() || isRange || tu_.library.isView(argument->getType()))
      return viewed(argument);
  }
  return Value::unknown();
}

}  // namespace deadheat
