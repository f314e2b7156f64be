// The value half of Resolver: pointers, callables and class objects.
#include "analyzers/extract/resolver.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

const clang::Expr* lastOf(const clang::StmtExpr* block) {
  const clang::CompoundStmt* statements = block->getSubStmt();
  return statements->body_empty() ? nullptr : dyn_cast<clang::Expr>(statements->body_back());
}

const clang::FunctionDecl* Resolver::namedFunction(const clang::Expr* expression) {
  for (;;) {
    expression = expression->IgnoreParenImpCasts();
    const auto* unary = dyn_cast<clang::UnaryOperator>(expression);
    if (unary && (unary->getOpcode() == clang::UO_AddrOf || unary->getOpcode() == clang::UO_Deref)) {
      expression = unary->getSubExpr();
    } else if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(expression)) {
      expression = cast->getSubExpr();
    } else if (const auto* full = dyn_cast<clang::FullExpr>(expression)) {
      expression = full->getSubExpr();
    } else if (const auto* constant = dyn_cast<clang::SubstNonTypeTemplateParmExpr>(expression)) {
      expression = constant->getReplacement();
    } else {
      break;
    }
  }
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(expression))
    return dyn_cast<clang::FunctionDecl>(reference->getDecl());
  // A lambda without captures turned into a function pointer.
  if (const auto* call = dyn_cast<clang::CXXMemberCallExpr>(expression))
    if (const auto* conversion = dyn_cast_or_null<clang::CXXConversionDecl>(call->getMethodDecl()))
      if (conversion->getParent()->isLambda()) return conversion->getParent()->getLambdaCallOperator();
  return nullptr;
}

const clang::FunctionDecl* Resolver::callOperator(clang::QualType type) {
  const clang::CXXRecordDecl* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  if (!record || !record->getDefinition() || record->isDependentType()) return nullptr;
  record = record->getDefinition();
  const clang::FunctionDecl* only = nullptr;
  if (record->isLambda()) {
    if (const clang::FunctionTemplateDecl* generic = record->getDependentLambdaCallOperator()) {
      for (const clang::FunctionDecl* instance : generic->specializations()) only = only ? nullptr : instance;
      return only;
    }
    return record->getLambdaCallOperator();
  }
  for (const clang::CXXMethodDecl* method : record->methods()) {
    if (method->getOverloadedOperator() != clang::OO_Call) continue;
    if (only) return nullptr;
    only = method;
  }
  return only;
}

FunctionId Resolver::bindId(const clang::CallExpr* call) {
  std::string id = "$bind:" + tu_.names.file(call->getBeginLoc()) + ":" + tu_.position(call->getBeginLoc());
  if (scope_.function && scope_.function->isTemplateInstantiation()) id += "@" + tu_.names.functionId(scope_.function);
  return id;
}

Value Resolver::valueOfThis() {
  Path self;
  self.root.kind = RootKind::This;
  const clang::FieldDecl* field = scope_.capturedThis();
  if (!field) return Value::addressOf(self);
  Path held = std::move(self).then(PathStep::field("", "this"));
  return field->getType()->isPointerType() ? Value::load(held) : Value::addressOf(held);
}

Value Resolver::valueOfObject(const clang::Expr* object) {
  const clang::QualType type = object->getType();
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(object->IgnoreParenImpCasts()))
    if (const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl()))
      if (auto range = scope_.survey.loopIterators.find(variable); range != scope_.survey.loopIterators.end())
        return Value::addressOf(elementsOf(range->second).then(PathStep::element()));
  Path path = place(object);
  if (tu_.library.isPointerLike(type) || tu_.library.is(type, TypeKind::Callable)) return Value::load(path);
  const clang::FunctionDecl* callOperator = this->callOperator(type);
  return Value::object(path, callOperator ? tu_.names.functionId(callOperator) : FunctionId());
}

Value Resolver::valueOfConstruct(const clang::CXXConstructExpr* construct) {
  const clang::QualType type = construct->getType();
  const bool holds = tu_.library.isPointerLike(type) || tu_.library.is(type, TypeKind::Callable);
  if (tu_.library.is(type, TypeKind::Promise) && !construct->getConstructor()->isCopyOrMoveConstructor())
    return Value::addressOf(place(construct).then(PathStep::field("", "$state")));
  if (holds && construct->getNumArgs() > 0 && tu_.library.isView(type)) return viewed(construct->getArg(0));
  if (holds) return construct->getNumArgs() == 0 ? Value::constant() : value(construct->getArg(0));
  if (construct->getConstructor()->isCopyOrMoveConstructor() && construct->getNumArgs() > 0 &&
      construct->getConstructor()->isTrivial())
    return valueOfObject(construct->getArg(0));
  return valueOfObject(construct);
}

Value Resolver::valueOfCast(const clang::CastExpr* cast) {
  const clang::Expr* sub = cast->getSubExpr();
  switch (cast->getCastKind()) {
    case clang::CK_LValueToRValue:
      if (cast->getType()->isRecordType()) return valueOfObject(sub);
      if (const auto* loaded = dyn_cast<clang::DeclRefExpr>(sub->IgnoreParens()))
        if (const auto* variable = dyn_cast<clang::VarDecl>(loaded->getDecl()))
          if (auto range = scope_.survey.loopIterators.find(variable); range != scope_.survey.loopIterators.end())
            return Value::addressOf(elementsOf(range->second).then(PathStep::element()));
      return Value::load(place(sub));
    case clang::CK_ArrayToPointerDecay:
      return isa<clang::StringLiteral>(sub->IgnoreParens()) ? Value::constant() : Value::addressOf(place(sub));
    case clang::CK_NullToPointer:
    case clang::CK_NullToMemberPointer:
      return Value::constant();
    case clang::CK_IntegralToPointer:
      return Value::constant();
    default:
      return value(sub);
  }
}

Value Resolver::valueOfUnary(const clang::UnaryOperator* unary) {
  if (unary->getOpcode() == clang::UO_AddrOf) {
    Path path = place(unary->getSubExpr());
    if (scope_.regions && !path.steps.empty() && path.steps.back().kind == PathStep::Kind::Element)
      path.steps.back().record = PathStep::kOffset;
    return path.known() ? Value::addressOf(path) : Value::unknown();
  }
  if (unary->isIncrementDecrementOp() && unary->getType()->isPointerType())
    return Value::load(place(unary->getSubExpr()));
  return unary->getOpcode() == clang::UO_Deref ? Value::unknown() : value(unary->getSubExpr());
}

/// `base`, an object of an array, moved on (or back) by a number of elements.
Path Resolver::moved(Path base, const clang::Expr* by, bool back) {
  Affine distance = number(by, scope_.regions->regionOf(by));
  if (back) distance = distance.times(Affine::number(-1)).value_or(unknown(by));
  const bool isElement = !base.steps.empty() && base.steps.back().kind == PathStep::Kind::Element &&
                         base.steps.back().record == PathStep::kOffset;
  if (isElement) {
    const std::optional<Affine> before = Affine::parse(base.steps.back().name);
    const std::optional<Affine> sum = before ? before->plus(distance) : std::nullopt;
    base.steps.pop_back();
    return std::move(base).then(PathStep::offset(sum.value_or(unknown(by)).text()));
  }
  return std::move(base).then(PathStep::offset(distance.text()));
}

bool Resolver::memberOffset(const clang::Expr* offset, std::vector<const clang::FieldDecl*>& members) {
  while (const auto* cast = dyn_cast<clang::CastExpr>(offset->IgnoreParens())) offset = cast->getSubExpr();
  offset = offset->IgnoreParens();
  if (const auto* known = dyn_cast<clang::OffsetOfExpr>(offset)) {
    for (unsigned i = 0; i < known->getNumComponents(); ++i) {
      if (known->getComponent(i).getKind() != clang::OffsetOfNode::Field) return false;
      members.push_back(known->getComponent(i).getField());
    }
    return !members.empty();
  }
  // The address of a member of an object at 0.
  const auto* address = dyn_cast<clang::UnaryOperator>(offset);
  if (!address || address->getOpcode() != clang::UO_AddrOf) return false;
  const clang::Expr* at = address->getSubExpr()->IgnoreParens();
  while (const auto* member = dyn_cast<clang::MemberExpr>(at)) {
    const auto* field = dyn_cast<clang::FieldDecl>(member->getMemberDecl());
    if (!field) return false;
    members.insert(members.begin(), field);
    at = member->getBase()->IgnoreParens();
    if (member->isArrow()) break;
  }
  return !members.empty() && at->IgnoreParenCasts()->isNullPointerConstant(tu_.ast, clang::Expr::NPC_NeverValueDependent) !=
                                 clang::Expr::NPCK_NotNull;
}

Value Resolver::containerOf(const Value& member, llvm::ArrayRef<const clang::FieldDecl*> members) {
  Path object = deref(member);
  if (!object.known()) return Value::unknown();
  for (auto field = members.rbegin(); field != members.rend(); ++field) {
    if ((*field)->isAnonymousStructOrUnion()) continue;
    const std::string record = tu_.names.display((*field)->getParent()), name = (*field)->getNameAsString();
    if (!object.steps.empty() && object.steps.back() == PathStep::field(record, name)) {
      object.steps.pop_back();
    } else {
      object = std::move(object).then(PathStep::back(record, name));
    }
  }
  return Value::addressOf(std::move(object));
}

Value Resolver::valueOfBinary(const clang::BinaryOperator* binary) {
  if (binary->getOpcode() == clang::BO_Comma) return value(binary->getRHS());
  if (binary->isAssignmentOp())
    return binary->isCompoundAssignmentOp() ? Value::load(place(binary->getLHS())) : value(binary->getRHS());
  if (!binary->isAdditiveOp() || !binary->getType()->isPointerType()) return Value::unknown();
  if (std::vector<const clang::FieldDecl*> members;
      binary->getOpcode() == clang::BO_Sub && memberOffset(binary->getRHS(), members))
    return containerOf(value(binary->getLHS()), members);
  const bool isLeft = binary->getLHS()->getType()->isPointerType();
  Value base = value(isLeft ? binary->getLHS() : binary->getRHS());
  if (scope_.regions && base.kind == Value::Kind::Load && base.path.known())
    base = Value::addressOf(std::move(base.path).then(PathStep::deref()));
  if (base.kind != Value::Kind::AddressOf || !base.path.known()) return base;
  if (scope_.regions) {
    base.path = moved(std::move(base.path), isLeft ? binary->getRHS() : binary->getLHS(),
                      binary->getOpcode() == clang::BO_Sub);
    return base;
  }
  if (!base.path.steps.empty() && base.path.steps.back().kind == PathStep::Kind::Element)
    base.path.steps.pop_back();
  base.path = std::move(base.path).then(PathStep::element(indexText(isLeft ? binary->getRHS() : binary->getLHS())));
  return base;
}

Value Resolver::valueOfLibraryCall(const clang::CallExpr* call, const CallShape& shape) {
  const clang::QualType type = call->getType();
  switch (effectOf(shape)) {
    case Effect::Forward:
      if (shape.model->object == FunctionModel::kThis && shape.receiver) return value(shape.receiver);
      return shape.arguments.empty() ? Value::unknown() : value(shape.arguments[0]);
    case Effect::Ref:
      return Value::addressOf(object(shape, shape.model->object));
    case Effect::Reallocate:  // Wherever it is now, it is the same object, unless there was none.
      if (Value kept = value(shape.arguments[shape.model->object]); kept.kind != Value::Kind::Constant) return kept;
      return Value::addressOf(scope_.allocation(call));
    case Effect::Make:
    case Effect::Allocate:
      return Value::addressOf(scope_.allocation(call));
    case Effect::Iterate:
      return Value::addressOf(elements(shape, shape.model->object).then(PathStep::element()));
    case Effect::Element: {
      // A container of owners: the value is what the element holds, not where it lies.
      Path element = elements(shape, FunctionModel::kThis).then(PathStep::element());
      return tu_.library.isPointerLike(type) ? Value::load(std::move(element)) : Value::addressOf(std::move(element));
    }
    case Effect::Get:
      return shape.receiverType && shape.receiverType->kind == TypeKind::Guard
                 ? Value::load(receiver(shape).then(
                       PathStep::field("", shape.receiverType->pointer ? "$data" : "$lock")))
                 : Value::load(receiver(shape));
    case Effect::Bind:
      return Value::object(place(call), bindId(call));
    case Effect::Spawn:
      // What a function returns for its thread is known by that thread alone.
      if (type->isPointerType()) return Value::addressOf(scope_.allocation(call));
      break;
    default:
      break;
  }
  if (const Value view = viewOfCall(call, shape); view.kind != Value::Kind::Unknown) return view;
  if (tu_.library.is(type, TypeKind::Iterator) && shape.receiverType) {
    if (shape.receiverType->kind == TypeKind::Iterator) return Value::load(receiver(shape));
    if (shape.receiverType->kind == TypeKind::Container)
      return Value::addressOf(receiver(shape).then(PathStep::element()));
  }
  if (tu_.library.isPointerLike(type) && !shape.receiver && !shape.arguments.empty() &&
      tu_.library.isPointerLike(shape.arguments[0]->getType()))
    return value(shape.arguments[0]);
  return type->isRecordType() ? valueOfObject(call) : Value::unknown();
}

Value Resolver::valueOfCall(const clang::CallExpr* call) {
  const CallShape shape = tu_.library.shape(call);
  if (shape.model || (shape.callee && tu_.library.inSystemHeader(shape.callee))) return valueOfLibraryCall(call, shape);
  const clang::QualType type = call->getType();
  Path result = scope_.temporary(RootKind::Result, "result", call);
  if (const Value view = viewOfCall(call, shape); view.kind != Value::Kind::Unknown) return view;
  if (type->isRecordType() && !tu_.library.isPointerLike(type) && !tu_.library.is(type, TypeKind::Callable))
    return valueOfObject(call);
  if (type->isArithmeticType() || type->isEnumeralType()) return Value::constant();
  return Value::load(result);
}

Value Resolver::value(const clang::Expr* expression) {
  if (!expression) return Value::unknown();
  expression = expression->IgnoreParens();
  if (const auto* full = dyn_cast<clang::FullExpr>(expression)) return value(full->getSubExpr());
  if (const auto* bound = dyn_cast<clang::CXXBindTemporaryExpr>(expression)) return value(bound->getSubExpr());
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(expression))
    return value(temporary->getSubExpr());
  if (const auto* standIn = dyn_cast<clang::OpaqueValueExpr>(expression)) return value(standIn->getSourceExpr());
  if (const auto* block = dyn_cast<clang::StmtExpr>(expression)) return value(lastOf(block));
  if (const auto* suspension = dyn_cast<clang::CoroutineSuspendExpr>(expression)) return value(suspension->getResumeExpr());
  if (const auto* argument = dyn_cast<clang::CXXDefaultArgExpr>(expression)) return value(argument->getExpr());
  if (const auto* member = dyn_cast<clang::CXXDefaultInitExpr>(expression)) return value(member->getExpr());
  if (const auto* constant = dyn_cast<clang::SubstNonTypeTemplateParmExpr>(expression))
    return value(constant->getReplacement());
  const clang::QualType type = expression->getType();
  if (type->isFunctionType() || type->isFunctionPointerType() || type->isMemberFunctionPointerType() ||
      type->isSpecificBuiltinType(clang::BuiltinType::BoundMember))
    if (const clang::FunctionDecl* function = namedFunction(expression))
      return Value::functionRef(tu_.names.functionId(function));
  if ((expression->getType()->isArithmeticType() || expression->getType()->isEnumeralType()) &&
      !tu_.library.is(expression->getType(), TypeKind::Thread))
    return Value::constant();
  if (const auto* call = dyn_cast<clang::CallExpr>(expression)) return valueOfCall(call);
  if (expression->isGLValue()) {
    if (expression->getType()->isRecordType()) return valueOfObject(expression);
    return Value::load(place(expression));
  }
  if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(expression)) return valueOfConstruct(construct);
  if (const auto* list = dyn_cast<clang::CXXStdInitializerListExpr>(expression); list && tu_.library.followsViews())
    return viewed(list->getSubExpr());
  if (const auto* cast = dyn_cast<clang::CastExpr>(expression)) return valueOfCast(cast);
  if (isa<clang::CXXThisExpr>(expression)) return valueOfThis();
  if (isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(expression)) return Value::constant();
  if (isa<clang::CXXNewExpr>(expression)) return Value::addressOf(scope_.allocation(expression));
  if (isa<clang::AbstractConditionalOperator>(expression) && !expression->getType()->isRecordType())
    return expression->getType()->isAnyPointerType()
               ? Value::load(scope_.temporary(RootKind::Local, "$choice", expression))
               : Value::constant();
  if (expression->getType()->isRecordType()) return valueOfObject(expression);
  if (const auto* unary = dyn_cast<clang::UnaryOperator>(expression)) {
    Value result = valueOfUnary(unary);
    if (result.kind != Value::Kind::Unknown || expression->getType()->isPointerType()) return result;
  } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(expression)) {
    Value result = valueOfBinary(binary);
    if (result.kind != Value::Kind::Unknown || expression->getType()->isPointerType()) return result;
  }
  return expression->getType()->isArithmeticType() || expression->getType()->isEnumeralType() ||
                 expression->getType()->isNullPtrType() || isa<clang::GNUNullExpr>(expression)
             ? Value::constant()
             : Value::unknown();
}

Value Resolver::passed(const clang::Expr* expression, clang::QualType target) {
  if (target->isReferenceType()) {
    if (expression->getType()->isFunctionType()) return value(expression);
    // A callable or pointer-like object bound to a temporary passes what it holds.
    Path path = place(expression);
    return path.known() ? Value::addressOf(path) : Value::unknown();
  }
  return value(expression);
}

}  // namespace deadheat
