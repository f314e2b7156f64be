#include "analyzers/extract/resolver.h"

#include "clang/AST/ExprCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Lex/Lexer.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

Path Resolver::deref(const Value& pointer) {
  if (pointer.kind == Value::Kind::AddressOf) return pointer.path;
  if (pointer.kind == Value::Kind::Load) return pointer.path.then(PathStep::deref());
  return {};
}

Path Resolver::pointee(const clang::Expr* expression) {
  clang::QualType type = expression->getType();
  if (type->isPointerType() || type->isArrayType()) return deref(value(expression)).settled();
  const clang::Expr* inner = expression->IgnoreParenImpCasts();
  if (inner->isGLValue() || inner->getType()->isRecordType()) return place(inner);
  return {};
}

/// Whether the same words may name something else once the coroutine has been suspended: an element of a container that
/// others change, the variable of another thread. A reference bound to such a thing is told as the pointer that it is.
bool Resolver::mayMove(const Path& bound) const {
  if (scope_.survey.suspensions.empty()) return false;
  return bound.root.kind == RootKind::ThreadLocal || llvm::any_of(bound.steps, [](const PathStep& step) {
           return step.kind == PathStep::Kind::Element;
         });
}

Path Resolver::referred(const clang::VarDecl* variable) {
  Path path = scope_.storage(variable);
  if (!variable->getType()->isReferenceType()) return path;
  if (isa<clang::ParmVarDecl>(variable) || !variable->hasLocalStorage()) return path.then(PathStep::deref());
  if (auto range = scope_.survey.loopRanges.find(variable); range != scope_.survey.loopRanges.end())
    return calledBy(variable, elementsOf(range->second).then(PathStep::element()));
  const clang::Expr* init = variable->getInit();
  // A reference may be bound to itself, as in `int& x = x`.
  if (!init || llvm::is_contained(binding_, variable)) return path.then(PathStep::deref());
  binding_.push_back(variable);
  Path bound = place(init);
  binding_.pop_back();
  const bool isOwnTemporary = bound.root == path.root;
  if (mayMove(bound)) return path.then(PathStep::deref());
  if (isOwnTemporary || (bound.known() && bound.root.kind != RootKind::Result))
    return calledBy(variable, std::move(bound));
  return path.then(PathStep::deref());
}

/// Whether an object of `type` is a lock or has one of its own.
bool Resolver::holdsLock(clang::QualType type) {
  type = type.getNonReferenceType();
  if (tu_.library.is(type, TypeKind::Lock)) return true;
  const clang::RecordDecl* record = type->getAsRecordDecl();
  if (!record || !record->getDefinition() || tu_.library.inSystemHeader(record)) return false;
  return llvm::any_of(record->getDefinition()->fields(),
                      [&](const clang::FieldDecl* field) { return tu_.library.is(field->getType(), TypeKind::Lock); });
}

/// The element that the reference `variable` is bound to, by the reference's name if nothing else tells which it is.
Path Resolver::calledBy(const clang::VarDecl* variable, Path bound) {
  if (scope_.regions || !holdsLock(variable->getType())) return bound;
  for (auto step = bound.steps.rbegin(); step != bound.steps.rend(); ++step) {
    if (step->kind == PathStep::Kind::Deref) break;
    if (step->kind != PathStep::Kind::Element) continue;
    if (step->name.empty()) step->name = variable->getNameAsString();
    break;
  }
  return bound;
}

bool Resolver::callsElement(const clang::VarDecl* variable) {
  const std::string name = variable->getNameAsString();
  const Path path = referred(variable);
  return llvm::any_of(path.steps, [&](const PathStep& step) {
    return step.kind == PathStep::Kind::Element && !name.empty() && step.name == name;
  });
}

Path Resolver::placeOfBinding(const clang::BindingDecl* binding) {
  const auto* whole = dyn_cast_or_null<clang::VarDecl>(binding->getDecomposedDecl());
  if (!binding->getHoldingVar() || !whole) return binding->getBinding() ? place(binding->getBinding()) : Path{};
  unsigned index = 0;
  for (const clang::BindingDecl* each : llvm::cast<clang::DecompositionDecl>(whole)->bindings()) {
    if (each == binding) break;
    ++index;
  }
  std::string name = std::to_string(index);
  std::string record = "std::tuple";
  if (const auto* decl = whole->getType().getNonReferenceType()->getAsRecordDecl()) record = modelName(decl);
  if (record == "std::pair") name = index == 0 ? "first" : "second";
  return referred(whole).then(PathStep::field(record, name));
}

Path Resolver::placeOfReference(const clang::DeclRefExpr* reference) {
  const clang::ValueDecl* decl = reference->getDecl();
  if (scope_.regions)
    if (const unsigned copy = scope_.regions->copyOf(reference))
      return scope_.storage(VariableCopy{llvm::cast<clang::VarDecl>(decl)->getCanonicalDecl(), copy});
  if (const clang::FieldDecl* field = scope_.capture(decl)) {
    Path path;
    path.root.kind = RootKind::This;
    path = std::move(path).then(PathStep::field("", decl->getNameAsString()));
    return field->getType()->isReferenceType() ? std::move(path).then(PathStep::deref()) : path;
  }
  if (const auto* binding = dyn_cast<clang::BindingDecl>(decl)) return placeOfBinding(binding);
  if (const auto* variable = dyn_cast<clang::VarDecl>(decl)) return referred(variable);
  return {};
}

Path Resolver::placeOfMember(const clang::MemberExpr* member) {
  if (const auto* variable = dyn_cast<clang::VarDecl>(member->getMemberDecl())) return referred(variable);
  const auto* field = dyn_cast<clang::FieldDecl>(member->getMemberDecl());
  if (!field) return {};
  Path base = member->isArrow() ? deref(value(member->getBase())) : place(member->getBase());
  if (!base.known()) return {};
  if (field->isAnonymousStructOrUnion()) return base;
  Path path = std::move(base).then(PathStep::field(tu_.names.display(field->getParent()), field->getNameAsString()));
  return field->getType()->isReferenceType() ? std::move(path).then(PathStep::deref()) : path;
}

/// The member, if it is known which; else the whole object, of which it is some part.
Path Resolver::placeByMemberPointer(const clang::BinaryOperator* access) {
  Path object = access->getOpcode() == clang::BO_PtrMemI ? deref(value(access->getLHS())) : place(access->getLHS());
  clang::Expr::EvalResult pointer;
  const clang::Expr* which = access->getRHS();
  if (!object.known() || which->isValueDependent() || !which->EvaluateAsRValue(pointer, tu_.ast) ||
      !pointer.Val.isMemberPointer())
    return object;
  const auto* field = dyn_cast_or_null<clang::FieldDecl>(pointer.Val.getMemberPointerDecl());
  if (!field) return object;
  return std::move(object).then(PathStep::field(tu_.names.display(field->getParent()), field->getNameAsString()));
}

std::string Resolver::indexText(const clang::Expr* index) {
  if (scope_.regions) return number(index, scope_.regions->regionOf(index)).text();
  index = index->IgnoreParenImpCasts();
  clang::Expr::EvalResult result;
  if (!index->isValueDependent() && index->EvaluateAsInt(result, tu_.ast))
    return llvm::toString(result.Val.getInt(), 10);
  const auto* reference = dyn_cast<clang::DeclRefExpr>(index);
  if (!reference) return {};
  const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
  const bool isOwn = variable && variable->hasLocalStorage() && !variable->getType()->isReferenceType() &&
                     !scope_.capture(variable) && !scope_.survey.exposed.contains(variable);
  const std::string name = reference->getDecl()->getNameAsString();
  return isOwn ? name : ":" + name;
}

Path Resolver::placeOfSubscript(const clang::ArraySubscriptExpr* subscript) {
  const clang::Expr* base = subscript->getBase();
  const clang::Expr* inner = base->IgnoreParenImpCasts();
  Path array = inner->getType()->isArrayType() ? place(inner) : deref(value(base));
  if (!array.known()) return {};
  return std::move(array).then(PathStep::element(indexText(subscript->getIdx())));
}

Path Resolver::destination(const Destination& where) {
  if (where.variable) return scope_.storage(where.variable);
  if (where.allocation) return scope_.allocation(where.allocation);
  if (where.outer) return where.isWhole ? place(where.outer) : place(where.outer).then(where.step);
  Path path;
  path.root.kind = RootKind::This;
  const clang::FieldDecl* field = where.initializer->getAnyMember();
  if (!field || field->isAnonymousStructOrUnion()) return path;
  return std::move(path).then(PathStep::field(tu_.names.display(field->getParent()), field->getNameAsString()));
}

Path Resolver::placeOfMade(const clang::Expr* made) {
  made = makingExpression(made);
  auto found = scope_.survey.destinations.find(made);
  if (isa<clang::LambdaExpr>(made)) {
    const bool isVariable = found != scope_.survey.destinations.end() && found->second.variable &&
                            found->second.variable->hasLocalStorage() &&
                            found->second.variable->getType()->getAsCXXRecordDecl() ==
                                made->getType()->getAsCXXRecordDecl();
    return isVariable ? destination(found->second) : scope_.temporary(RootKind::Local, "$lambda", made);
  }
  if (found != scope_.survey.destinations.end()) return destination(found->second);
  return scope_.temporary(RootKind::Local, "$tmp", made);
}

Path Resolver::placeOfCast(const clang::CastExpr* cast) {
  const clang::Expr* sub = cast->getSubExpr();
  if (cast->getCastKind() == clang::CK_UserDefinedConversion || cast->getCastKind() == clang::CK_ConstructorConversion)
    return place(sub);
  return place(sub);
}

Path Resolver::receiver(const CallShape& shape) {
  if (!shape.receiver) return {};
  return shape.receiverIsPointer ? deref(value(shape.receiver)) : place(shape.receiver);
}

Path Resolver::object(const CallShape& shape, int position) {
  if (position == FunctionModel::kThis && shape.receiver) return receiver(shape);
  if (position == FunctionModel::kThis) position = 0;
  if (position < 0 || static_cast<std::size_t>(position) >= shape.arguments.size()) return {};
  return pointee(shape.arguments[position]);
}

Effect effectOf(const CallShape& shape) {
  if (shape.model) return shape.model->effect;
  if (!shape.receiverType || !shape.callee) return Effect::Nothing;
  const bool isPointer = shape.receiverType->kind == TypeKind::Iterator ||
                         shape.receiverType->kind == TypeKind::SmartPointer || shape.receiverType->pointer;
  if (!isPointer) return Effect::Nothing;
  switch (shape.callee->getOverloadedOperator()) {
    case clang::OO_Star:
    case clang::OO_Arrow:
    case clang::OO_Subscript:
      return Effect::Get;
    default:
      return Effect::Nothing;
  }
}

Path Resolver::placeOfCall(const clang::CallExpr* call) {
  const CallShape shape = tu_.library.shape(call);
  const Effect effect = effectOf(shape);
  const bool isSubscript = shape.callee && shape.callee->getOverloadedOperator() == clang::OO_Subscript;
  switch (effect) {
    case Effect::Forward:
      return object(shape, shape.model->object);
    case Effect::Self: {
      Path self;
      self.root = {RootKind::ThreadLocal, 0, "$self", "the current thread"};
      return self;
    }
    case Effect::Element: {
      const bool isIndexed = !shape.arguments.empty() && shape.arguments[0]->getType()->isIntegerType() &&
                             call->isGLValue();  // Proxies, as of vector<bool>, share memory with their neighbours.
      return elements(shape, FunctionModel::kThis)
          .then(PathStep::element(isIndexed ? indexText(shape.arguments[0]) : std::string()));
    }
    case Effect::Grow:
    case Effect::Mapped:
      return receiver(shape).then(PathStep::element()).then(PathStep::field("std::pair", "second"));
    case Effect::Get: {
      const bool isIterator = shape.receiverType && shape.receiverType->kind == TypeKind::Iterator;
      const bool isGuard = shape.receiverType && shape.receiverType->pointer;
      Path pointed = deref(isIterator ? value(shape.receiver)
                           : isGuard  ? Value::load(receiver(shape).then(PathStep::field("", "$data")))
                                      : Value::load(receiver(shape)));
      return isSubscript ? std::move(pointed).then(PathStep::element(indexText(shape.arguments[0]))) : pointed;
    }
    default:
      break;
  }
  if (shape.receiverType && shape.receiverType->kind == TypeKind::Iterator && call->isGLValue())
    return receiver(shape);  // ++it, it += n
  if (shape.callee && tu_.library.inSystemHeader(shape.callee)) {
    if (!call->isGLValue()) return placeOfMade(call);
    // `a = b`, `out << x` and the like give back their object.
    return shape.receiver && shape.callee->getOverloadedOperator() != clang::OO_None ? receiver(shape) : Path{};
  }
  Path result = scope_.temporary(RootKind::Result, "result", call);
  if (const clang::Expr* bound = call->isGLValue() ? boundForLife(shape) : nullptr) return pointee(bound);
  return call->isGLValue() ? std::move(result).then(PathStep::deref()) : result;
}

Path Resolver::place(const clang::Expr* expression) {
  if (!expression) return {};
  expression = expression->IgnoreParens();
  if (const auto* full = dyn_cast<clang::FullExpr>(expression)) return place(full->getSubExpr());
  if (const auto* bound = dyn_cast<clang::CXXBindTemporaryExpr>(expression)) return place(bound->getSubExpr());
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(expression)) {
    const clang::Expr* made = temporary->getSubExpr();
    return made->getType()->isRecordType() ? place(made) : placeOfMade(made);
  }
  if (const auto* standIn = dyn_cast<clang::OpaqueValueExpr>(expression)) return place(standIn->getSourceExpr());
  if (const auto* argument = dyn_cast<clang::CXXDefaultArgExpr>(expression)) return place(argument->getExpr());
  if (const auto* member = dyn_cast<clang::CXXDefaultInitExpr>(expression)) return place(member->getExpr());
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(expression)) return placeOfReference(reference);
  if (const auto* member = dyn_cast<clang::MemberExpr>(expression)) return placeOfMember(member);
  if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(expression)) return placeOfSubscript(subscript);
  if (const auto* call = dyn_cast<clang::CallExpr>(expression)) return placeOfCall(call);
  if (const auto* unary = dyn_cast<clang::UnaryOperator>(expression)) {
    if (unary->getOpcode() == clang::UO_Deref) return deref(value(unary->getSubExpr())).settled();
    return place(unary->getSubExpr());
  }
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(expression)) {
    if (binary->getOpcode() == clang::BO_Comma) return place(binary->getRHS());
    if (binary->isPtrMemOp()) return placeByMemberPointer(binary);
    return binary->isAssignmentOp() ? place(binary->getLHS()) : Path{};
  }
  if (isa<clang::AbstractConditionalOperator>(expression)) {
    if (!expression->isGLValue()) return placeOfMade(expression);
    return scope_.temporary(RootKind::Local, "$choice", expression).then(PathStep::deref());
  }
  if (const auto* block = dyn_cast<clang::StmtExpr>(expression)) return place(lastOf(block));
  if (const auto* suspension = dyn_cast<clang::CoroutineSuspendExpr>(expression)) return place(suspension->getResumeExpr());
  if (const auto* choice = dyn_cast<clang::ChooseExpr>(expression)) return place(choice->getChosenSubExpr());
  if (const auto* generic = dyn_cast<clang::GenericSelectionExpr>(expression)) return place(generic->getResultExpr());
  if (const auto* constant = dyn_cast<clang::SubstNonTypeTemplateParmExpr>(expression))
    return place(constant->getReplacement());
  // Before C++17 what a function returns is copied, in name.
  if (const auto* returned = dyn_cast<clang::CallExpr>(makingExpression(expression));
      returned && isa<clang::CXXConstructExpr>(expression))
    return place(returned);
  if (isa<clang::CXXConstructExpr, clang::LambdaExpr, clang::InitListExpr, clang::CompoundLiteralExpr,
          clang::CXXScalarValueInitExpr, clang::CXXInheritedCtorInitExpr>(makingExpression(expression)))
    return placeOfMade(expression);
  if (const auto* cast = dyn_cast<clang::CastExpr>(expression)) return placeOfCast(cast);
  return {};
}

}  // namespace deadheat
