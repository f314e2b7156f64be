// Plain code: reads, writes, initialisations, returns, new and delete.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// Whether memory of this declaration can never change.
bool isImmutable(const clang::Expr* lvalue) {
  lvalue = lvalue->IgnoreParenImpCasts();
  if (const auto* member = dyn_cast<clang::MemberExpr>(lvalue)) {
    if (member->getMemberDecl()->getType().isConstQualified()) return true;
    return !member->isArrow() && isImmutable(member->getBase());
  }
  if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(lvalue)) {
    const clang::Expr* base = subscript->getBase()->IgnoreParenImpCasts();
    return base->getType()->isArrayType() && isImmutable(base);
  }
  const auto* reference = dyn_cast<clang::DeclRefExpr>(lvalue);
  const clang::VarDecl* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  return isa<clang::StringLiteral, clang::PredefinedExpr>(lvalue) ||
         (variable && !variable->getType()->isReferenceType() &&
          variable->getASTContext().getBaseElementType(variable->getType()).isConstQualified());
}

}  // namespace

bool Emitter::flows(clang::QualType type) {
  if (tu.library.is(type, TypeKind::Thread)) return true;
  type = type.getNonReferenceType().getUnqualifiedType();
  if (const auto* atomic = type->getAs<clang::AtomicType>()) type = atomic->getValueType();
  return type->isAnyPointerType() || type->isMemberPointerType() || type->isRecordType() ||
         type->isBlockPointerType();
}

void Emitter::accessPath(clang::SourceLocation at, const Path& path, AccessKind kind, clang::QualType type,
                         const clang::Expr* lvalue) {
  if (!path.known() || !scope.isShared(path)) return;
  Access access;
  access.path = path;
  access.kind = kind;
  if (type->isAtomicType()) {
    access.atomicity = Atomicity::Atomic;
    access.order = MemoryOrder::SeqCst;
  } else if (type.isVolatileQualified()) {
    access.atomicity = Atomicity::Volatile;
  }
  access.type = tu.names.type(type.getUnqualifiedType());
  if (lvalue) markAtomic(lvalue, access);
  emit(at, std::move(access));
}

void Emitter::access(const clang::Expr* lvalue, AccessKind kind) {
  if (kind == AccessKind::Read && isImmutable(lvalue)) return;
  accessPath(lvalue->getExprLoc(), resolver.place(lvalue), kind, lvalue->getType(), lvalue);
}

void Emitter::assign(clang::SourceLocation at, const Path& target, Value value) {
  if (!target.known()) return;
  const bool isSelf = value.kind == Value::Kind::Object && value.path == target;
  if (!isSelf) emit(at, Assign{target, std::move(value)});
}

void Emitter::noteFunctionReference(const clang::Expr* expression) {
  const auto* reference = dyn_cast<clang::DeclRefExpr>(expression);
  const auto* function = reference ? dyn_cast<clang::FunctionDecl>(reference->getDecl()) : nullptr;
  if (function) tu.takeAddress(function);
}

void Emitter::visitCast(const clang::CastExpr* cast) {
  switch (cast->getCastKind()) {
    case clang::CK_LValueToRValue:
      return access(cast->getSubExpr(), AccessKind::Read);
    case clang::CK_FunctionToPointerDecay: {
      const clang::Stmt* parent = parents().getParentIgnoreParens(cast);
      const auto* call = dyn_cast_or_null<clang::CallExpr>(parent);
      if (!call || call->getCallee()->IgnoreParens() != cast) noteFunctionReference(cast->getSubExpr()->IgnoreParens());
      return;
    }
    default:
      return;
  }
}

void Emitter::visitUnary(const clang::UnaryOperator* unary) {
  if (unary->isIncrementDecrementOp()) {
    flag(unary->getOperatorLoc(), unary->getSubExpr(), nullptr);
    const Path counted = resolver.place(unary->getSubExpr());
    if (isTested(counted)) emit(unary->getExprLoc(), Compute{counted, {}});
    walk(unary->getOperatorLoc(), unary->getSubExpr());
    return access(unary->getSubExpr(), AccessKind::ReadWrite);
  }
  if (unary->getOpcode() == clang::UO_AddrOf) noteFunctionReference(unary->getSubExpr()->IgnoreParens());
}

/// A pointer moves on through an array: it stands for some element from now on. Teams of threads need to know which
/// (see Resolver::moved).
void Emitter::walk(clang::SourceLocation at, const clang::Expr* pointer) {
  if (!pointer->getType()->isPointerType() || scope.regions) return;
  const auto* reference = dyn_cast<clang::DeclRefExpr>(pointer->IgnoreParens());
  const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  if (variable && scope.survey.loopIterators.contains(variable)) return;  // Known for what it is.
  const Path cell = resolver.place(pointer);
  if (cell.root.kind != RootKind::Local && cell.root.kind != RootKind::Parameter) return;
  assign(at, cell, Value::addressOf(Path(cell).then(PathStep::deref()).then(PathStep::element())));
}

/// `p = p + n`, or with a minus.
bool Emitter::isStep(const clang::BinaryOperator* assignment) {
  const auto* sum = dyn_cast<clang::BinaryOperator>(assignment->getRHS()->IgnoreParenImpCasts());
  if (!sum || !sum->isAdditiveOp() || !sum->getType()->isPointerType()) return false;
  const Path cell = resolver.place(assignment->getLHS());
  for (const clang::Expr* side : {sum->getLHS(), sum->getRHS()}) {
    if (!side->getType()->isPointerType() || !side->IgnoreParenImpCasts()->isLValue()) continue;
    if (cell.known() && resolver.place(side->IgnoreParenImpCasts()) == cell) return true;
  }
  return false;
}

void Emitter::visitBinary(const clang::BinaryOperator* binary) {
  if (binary->isAssignmentOp())
    flag(binary->getOperatorLoc(), binary->getLHS(), binary->isCompoundAssignmentOp() ? nullptr : binary->getRHS());
  if (binary->isCompoundAssignmentOp()) {
    computeFrom(binary->getOperatorLoc(), resolver.place(binary->getLHS()), binary->getRHS());
    walk(binary->getOperatorLoc(), binary->getLHS());
    return access(binary->getLHS(), AccessKind::ReadWrite);
  }
  if (!binary->isAssignmentOp()) return;
  computeFrom(binary->getOperatorLoc(), resolver.place(binary->getLHS()), binary->getRHS());
  access(binary->getLHS(), AccessKind::Write);
  if (const auto* member = dyn_cast<clang::MemberExpr>(binary->getLHS()->IgnoreParens()))
    if (const auto* field = dyn_cast<clang::FieldDecl>(member->getMemberDecl())) installHandler(field, binary->getRHS());
  if (isStep(binary))
    walk(binary->getOperatorLoc(), binary->getLHS());
  else if (flows(binary->getLHS()->getType()))
    assign(binary->getOperatorLoc(), resolver.place(binary->getLHS()), resolver.value(binary->getRHS()));
}

void Emitter::initializeVariable(const clang::VarDecl* variable) {
  const clang::Expr* init = variable->getInit();
  if (!init) return;
  if (scope.survey.loopIterators.contains(variable)) return turnLoop(variable);
  const clang::QualType type = variable->getType();
  const clang::SourceLocation at = variable->getLocation();
  if (type->isReferenceType() && resolver.callsElement(variable)) emit(at, Flag{scope.storage(variable), std::nullopt});
  if (scope.survey.loopRanges.contains(variable)) {
    turnLoop(variable);
    if (type->isReferenceType() || !flows(type)) return;
    const Path element = resolver.elementsOf(scope.survey.loopRanges[variable]).then(PathStep::element());
    return assign(at, scope.storage(variable), type->isRecordType() && !tu.library.isPointerLike(type)
                                                   ? Value::object(element)
                                                   : Value::load(element));
  }
  Path storage = scope.storage(variable);
  moved.erase(storage);
  flag(at, variable, init);
  if (!type->isReferenceType()) computeFrom(at, storage, init);
  if (type->isReferenceType()) {
    Value bound = resolver.passed(init, type);
    if (bound.kind != Value::Kind::Unknown && resolver.referred(variable) == storage.then(PathStep::deref()))
      assign(at, storage, std::move(bound));
    return;
  }
  if (!flows(type) || takeAwaitedGuard(variable)) return;
  const clang::Expr* made = makingExpression(init);
  if (isa<clang::CXXConstructExpr, clang::InitListExpr>(made)) return;
  Value value = resolver.value(init);
  if (variable->hasLocalStorage() || value.kind != Value::Kind::Constant) assign(at, storage, std::move(value));
}

void Emitter::visitDeclaration(const clang::DeclStmt* declaration) {
  for (const clang::Decl* decl : declaration->decls())
    if (const auto* variable = dyn_cast<clang::VarDecl>(decl)) {
      initializeVariable(variable);
      endStatic(variable);
    }
}

void Emitter::visitReturn(const clang::ReturnStmt* statement) {
  const clang::Expr* result = statement->getRetValue();
  if (!result || !scope.function) return;
  const clang::QualType type = scope.function->getReturnType();
  if (const auto* dropped = dyn_cast<clang::CastExpr>(result); type->isVoidType() && dropped &&
      dropped->getSubExpr()->isGLValue() && dropped->getSubExpr()->getType()->isScalarType())
    access(dropped->getSubExpr(), AccessKind::Read);  // Compilers that let it pass read it.
  if (tu.library.is(type, TypeKind::Guard)) {
    moved.insert(resolver.place(result));
    if (const clang::VarDecl* variable = baseVariable(result)) moved.insert(scope.storage(variable));
    if (const clang::VarDecl* variable = statement->getNRVOCandidate()) moved.insert(scope.storage(variable));
  }
  Return event;
  tellOutcome(result, event);
  const bool isKnown = event.truth != Return::Truth::Unknown || event.outcome.known();
  if (type->isReferenceType() || flows(type)) {
    event.value = resolver.passed(result, type);
    emit(statement->getReturnLoc(), std::move(event));
  } else if (event.from = sources(result); isKnown || !event.from.empty()) {
    event.value = Value::constant();
    emit(statement->getReturnLoc(), std::move(event));
  }
}

void Emitter::visitArm(const clang::Expr* arm) {
  auto found = scope.survey.arms.find(arm);
  if (found == scope.survey.arms.end()) return;
  const clang::AbstractConditionalOperator* choice = found->second;
  const bool isClass = choice->isPRValue() && choice->getType()->isRecordType();
  if (isClass || (choice->isPRValue() && !flows(choice->getType()))) return;
  if (choice->getType()->isVoidType()) return;
  const Path target = scope.temporary(RootKind::Local, "$choice", choice);
  const Path place = choice->isGLValue() ? resolver.place(arm) : Path{};
  if (choice->isGLValue() && !place.known()) return;
  assign(arm->getExprLoc(), target, choice->isGLValue() ? Value::addressOf(place) : resolver.value(arm));
}

void Emitter::visitList(const clang::InitListExpr* list) {
  installHandlers(list);
  const Path home = resolver.place(list);
  for (const clang::Expr* init : list->inits()) {
    auto found = scope.survey.destinations.find(makingExpression(init));
    if (found == scope.survey.destinations.end() || found->second.outer != list) continue;
    if (isa<clang::CXXConstructExpr, clang::InitListExpr>(makingExpression(init))) continue;
    Path part = found->second.isWhole ? home : home.then(found->second.step);
    if (init->isGLValue()) {
      assign(init->getExprLoc(), part, Value::addressOf(resolver.place(init)));
    } else if (flows(init->getType())) {
      Value value = resolver.value(init);
      if (value.kind != Value::Kind::Constant) assign(init->getExprLoc(), part, std::move(value));
    }
  }
}

void Emitter::allocate(const clang::CXXNewExpr* allocation) {
  if (allocation->getNumPlacementArgs() > 0 && !allocation->getOperatorNew()->isReplaceableGlobalAllocationFunction()) {
    const clang::Expr* where = allocation->getPlacementArg(0);
    if (where->getType()->isPointerType()) return;
  }
  emit(allocation->getBeginLoc(),
       Allocate{scope.allocation(allocation), tu.names.type(allocation->getAllocatedType())});
}

void Emitter::visitNew(const clang::CXXNewExpr* allocation) {
  const clang::Expr* init = allocation->getInitializer();
  if (!init || isa<clang::CXXConstructExpr, clang::InitListExpr>(makingExpression(init))) return;
  if (flows(init->getType())) assign(init->getExprLoc(), scope.allocation(allocation), resolver.value(init));
}

void Emitter::visitDelete(const clang::CXXDeleteExpr* expression) {
  const Path object = resolver.deref(resolver.value(expression->getArgument()));
  if (object.known()) emit(expression->getBeginLoc(), Free{object});
}

void Emitter::initializeMember(const clang::CXXCtorInitializer* initializer) {
  if (!initializer->isAnyMemberInitializer()) return;
  const clang::FieldDecl* field = initializer->getAnyMember();
  const clang::Expr* init = initializer->getInit();
  if (!init || field->isUnnamedBitField() || field->getName().empty()) return;
  Path path;
  path.root.kind = RootKind::This;
  path = std::move(path).then(PathStep::field(tu.names.display(field->getParent()), field->getNameAsString()));
  const auto* byDefault = dyn_cast<clang::CXXDefaultInitExpr>(init->IgnoreImplicit());
  const clang::SourceLocation at = initializer->isWritten() ? initializer->getMemberLocation()
                                   : byDefault              ? byDefault->getExpr()->getExprLoc()
                                                            : field->getLocation();
  const clang::QualType type = field->getType();
  const bool constructed = isa<clang::CXXConstructExpr>(makingExpression(init));
  if (type->isReferenceType()) return assign(at, path, resolver.passed(init, type));
  if (!constructed && !type->isRecordType()) accessPath(at, path, AccessKind::Write, type);
  beginMember(path, type, at);
  if (!constructed && !isa<clang::InitListExpr>(makingExpression(init)) && flows(type))
    assign(at, path, resolver.value(init));
}

const clang::ParentMap& Emitter::parents() {
  if (!parents_) {
    parents_.emplace(const_cast<clang::Stmt*>(body_));
    if (scope.regions)
      for (const clang::Stmt* body : scope.regions->bodies) parents_->addStmt(const_cast<clang::Stmt*>(body));
  }
  return *parents_;
}

void Emitter::visitTree(const clang::Stmt* statement) {
  if (!statement) return;
  if (const auto* lambda = dyn_cast<clang::LambdaExpr>(statement)) {
    for (const clang::Expr* init : lambda->capture_inits()) visitTree(init);
  } else {
    for (const clang::Stmt* child : statement->children()) visitTree(child);
  }
  if (const auto* allocation = dyn_cast<clang::CXXNewExpr>(statement)) allocate(allocation);
  visit(statement);
}

void Emitter::beginStatic(const clang::Stmt* part) {
  const clang::VarDecl* variable = scope.survey.staticInitialisers.lookup(part);
  if (!variable || !begunStatics_.insert(variable).second) return;
  Acquire acquire;
  acquire.lock = scope.storage(variable).then(PathStep::field("", "$once"));
  acquire.type = "std::once_flag";
  emit(variable->getLocation(), std::move(acquire));
}

void Emitter::endStatic(const clang::VarDecl* variable) {
  if (!begunStatics_.contains(variable)) return;
  Release release;
  release.lock = scope.storage(variable).then(PathStep::field("", "$once"));
  emit(variable->getLocation(), std::move(release));
}

void Emitter::visit(const clang::Stmt* statement) {
  if (scope.survey.unevaluated.contains(statement)) return;
  if (scope.regions) region = scope.regions->regionOf(statement);
  if (!scope.survey.staticInitialisers.empty()) beginStatic(statement);
  if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
    visitCall(call);
  } else if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(statement)) {
    visitConstruct(construct);
  } else if (const auto* cast = dyn_cast<clang::CastExpr>(statement)) {
    visitCast(cast);
  } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(statement)) {
    visitUnary(unary);
  } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
    visitBinary(binary);
  } else if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
    visitDeclaration(declaration);
  } else if (const auto* result = dyn_cast<clang::ReturnStmt>(statement)) {
    visitReturn(result);
  } else if (const auto* result = dyn_cast<clang::CoreturnStmt>(statement)) {
    visitCoreturn(result);
  } else if (const auto* lambda = dyn_cast<clang::LambdaExpr>(statement)) {
    visitLambda(lambda);
  } else if (const auto* list = dyn_cast<clang::InitListExpr>(statement)) {
    visitList(list);
  } else if (const auto* allocation = dyn_cast<clang::CXXNewExpr>(statement)) {
    visitNew(allocation);
  } else if (const auto* expression = dyn_cast<clang::CXXDeleteExpr>(statement)) {
    visitDelete(expression);
  } else if (const auto* atomic = dyn_cast<clang::AtomicExpr>(statement)) {
    visitAtomic(atomic);
  } else if (const auto* argument = dyn_cast<clang::CXXDefaultArgExpr>(statement)) {
    visitTree(argument->getExpr());
  } else if (const auto* directive = dyn_cast<clang::OMPExecutableDirective>(statement)) {
    visitDirective(directive);
  }
  if (!scope.survey.suspensions.empty())
    if (const auto* suspension = scope.survey.suspensions.lookup(statement)) suspend(suspension);
  if (const auto* expression = dyn_cast<clang::Expr>(statement)) visitArm(expression);
}

}  // namespace deadheat
