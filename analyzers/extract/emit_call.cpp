// Calls of code that is seen as it is: direct, virtual, through pointers and callables.
#include "analyzers/extract/coroutines.h"
#include "analyzers/extract/emitter.h"
#include "clang/Lex/Lexer.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

std::vector<Value> Emitter::passedArguments(const clang::FunctionDecl* function,
                                            llvm::ArrayRef<const clang::Expr*> arguments) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool hasParameter = function && i < function->getNumParams();
    values.push_back(resolver.passed(
        arguments[i], hasParameter ? function->getParamDecl(i)->getType() : arguments[i]->getType()));
    const bool isNumber = arguments[i]->getType()->isIntegralOrEnumerationType();
    if ((scope.regions || isNumber) && values.back().kind == Value::Kind::Constant)
      values.back().number = resolver.indexText(arguments[i]);
  }
  return values;
}

Path Emitter::resultOf(const clang::Expr* call) {
  const clang::QualType type = call->getType();
  const bool isNumber = type->isArithmeticType() || type->isEnumeralType();
  if (!call->isGLValue() && (type->isVoidType() || (!isNumber && !flows(type)))) return {};
  return scope.temporary(RootKind::Result, "result", call);
}

Callee Emitter::directCallee(const clang::FunctionDecl* function) {
  tu.want(function);
  Callee callee;
  callee.function = tu.names.functionId(function);
  callee.name = tu.names.display(function);
  callee.signature = tu.names.canonicalType(function->getType());
  return callee;
}

bool Emitter::isDynamic(const clang::CallExpr* call, const clang::CXXMethodDecl* method, const CallShape& shape) {
  if (!method->isVirtual() || method->hasAttr<clang::FinalAttr>() ||
      method->getParent()->isEffectivelyFinal())
    return false;
  const auto* member = dyn_cast<clang::MemberExpr>(call->getCallee()->IgnoreParens());
  if (member && member->hasQualifier()) return false;
  if (!shape.receiver || shape.receiverIsPointer) return true;
  // The dynamic type of a variable or temporary of class type is its static type.
  const clang::Expr* object = shape.receiver->IgnoreParenImpCasts();
  if (isa<clang::CXXConstructExpr, clang::MaterializeTemporaryExpr>(object)) return false;
  const clang::ValueDecl* decl = nullptr;
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(object)) decl = reference->getDecl();
  if (const auto* field = dyn_cast<clang::MemberExpr>(object)) decl = field->getMemberDecl();
  return !decl || !decl->getType()->isRecordType();
}

Callee Emitter::callee(const clang::CallExpr* call, const CallShape& shape) {
  Callee callee = directCallee(shape.callee);
  const auto* method = dyn_cast<clang::CXXMethodDecl>(shape.callee);
  if (method && isDynamic(call, method, shape)) callee.kind = Callee::Kind::Virtual;
  return callee;
}

void Emitter::userCall(const clang::CallExpr* call, const CallShape& shape) {
  const auto* method = dyn_cast<clang::CXXMethodDecl>(shape.callee);
  if (method && method->isTrivial() && (method->isCopyAssignmentOperator() || method->isMoveAssignmentOperator()) &&
      shape.receiver && !shape.arguments.empty())
    return copyObject(call, resolver.receiver(shape), shape.arguments[0]);
  if (method && (method->isCopyAssignmentOperator() || method->isMoveAssignmentOperator()) && shape.receiver &&
      !shape.arguments.empty())
    moveTask(call, resolver.receiver(shape), shape.arguments[0]);
  if (shape.callee->isReplaceableGlobalAllocationFunction() || shape.callee->isConsteval()) return;
  Call event;
  event.callee = callee(call, shape);
  if (shape.receiver) {
    if (shape.receiverIsPointer) {
      event.receiver = resolver.value(shape.receiver);
    } else {
      Path object = resolver.place(shape.receiver);
      event.receiver = object.known() ? Value::addressOf(object) : Value::unknown();
    }
  }
  event.arguments = passedArguments(shape.callee, shape.arguments);
  event.result = resultOf(call);
  event.task = taskOf(call);
  if (event.task == Call::Task::Kept && isDropped(parents(), call)) event.result = {};
  emit(call->getExprLoc(), std::move(event));
}

void Emitter::indirectCall(const clang::CallExpr* call, const CallShape& shape) {
  const clang::Expr* callee = call->getCallee()->IgnoreParenImpCasts();
  Call event;
  event.callee.kind = Callee::Kind::Indirect;
  const clang::CharSourceRange written = tu.sources.getExpansionRange(callee->getSourceRange());
  event.callee.name = clang::Lexer::getSourceText(written, tu.sources, tu.ast.getLangOpts()).str();
  if (const auto* member = dyn_cast<clang::BinaryOperator>(callee); member && member->isPtrMemOp()) {
    event.callee.target = resolver.value(member->getRHS());
    event.callee.signature = tu.names.canonicalType(
        member->getRHS()->getType()->castAs<clang::MemberPointerType>()->getPointeeType());
    event.receiver = member->getOpcode() == clang::BO_PtrMemI
                         ? resolver.value(member->getLHS())
                         : Value::addressOf(resolver.place(member->getLHS()));
  } else {
    event.callee.target = resolver.value(callee);
    clang::QualType type = callee->getType();
    if (type->isPointerType() || type->isBlockPointerType()) type = type->getPointeeType();
    event.callee.signature = tu.names.canonicalType(type);
  }
  clang::QualType called = callee->getType();
  if (called->isPointerType()) called = called->getPointeeType();
  const auto* prototype = called->getAs<clang::FunctionProtoType>();
  for (std::size_t i = 0; i < shape.arguments.size(); ++i)
    event.arguments.push_back(resolver.passed(
        shape.arguments[i],
        prototype && i < prototype->getNumParams() ? prototype->getParamType(i) : shape.arguments[i]->getType()));
  event.result = resultOf(call);
  if (event.callee.target.kind == Value::Kind::Function && !event.receiver) {
    event.callee.kind = Callee::Kind::Direct;
    event.callee.function = event.callee.target.function;
    event.callee.target = {};
  }
  emit(call->getExprLoc(), std::move(event));
}

void Emitter::noteMoves(const clang::FunctionDecl* callee, llvm::ArrayRef<const clang::Expr*> arguments) {
  const auto* constructor = llvm::dyn_cast_or_null<clang::CXXConstructorDecl>(callee);
  const bool isModelled = constructor && tu.library.type(tu.ast.getRecordType(constructor->getParent()));
  for (std::size_t i = 0; callee && i < arguments.size() && i < callee->getNumParams(); ++i) {
    const clang::QualType type = arguments[i]->getType();
    if (isModelled || tu.library.inSystemHeader(callee))
      noteResultPassed(arguments[i], callee->getParamDecl(i)->getType());
    if (!type->isRecordType() || arguments[i]->isLValue()) continue;
    // A by-value parameter may be moved on by the callee, so what it owned is not known to be deleted after the call.
    const bool isOwner = tu.library.is(type, TypeKind::SmartPointer) || tu.library.is(type, TypeKind::Container);
    if (callee->getParamDecl(i)->getType()->isRValueReferenceType() || isOwner)
      moved.insert(resolver.place(arguments[i]));
  }
}

void Emitter::visitCall(const clang::CallExpr* call) {
  if (call->isTypeDependent() || call->containsErrors()) return;
  if (isa<clang::CXXPseudoDestructorExpr>(call->getCallee()->IgnoreParens())) return;
  const CallShape shape = tu.library.shape(call);
  if (!shape.callee) return indirectCall(call, shape);
  noteHazard(call, shape);
  if (builtinCall(call, shape) || libraryCall(call, shape)) {
    accessArguments(call, shape.callee, shape.arguments, effectOf(shape));
    if (effectOf(shape) != Effect::Forward) noteMoves(shape.callee, shape.arguments);
    return;
  }
  if (const auto* destructor = dyn_cast<clang::CXXDestructorDecl>(shape.callee); destructor && shape.receiver) {
    const Path object = resolver.receiver(shape);
    return destroy(object, tu.ast.getRecordType(destructor->getParent()), call->getExprLoc());
  }
  userCall(call, shape);
  noteMoves(shape.callee, shape.arguments);
}

}  // namespace deadheat
