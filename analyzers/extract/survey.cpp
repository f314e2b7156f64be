#include "analyzers/extract/survey.h"

#include "analyzers/extract/names.h"
#include "clang/AST/StmtCXX.h"
#include "clang/AST/StmtOpenMP.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// References bound to references are followed so far; one bound to itself ends here.
constexpr unsigned kMostBindings = 32;

const clang::VarDecl* baseVariable(const clang::Expr* lvalue, unsigned bindings) {
  for (;;) {
    lvalue = lvalue->IgnoreParenImpCasts();
    if (const auto* member = dyn_cast<clang::MemberExpr>(lvalue)) {
      if (member->isArrow() || member->getMemberDecl()->getType()->isReferenceType()) return nullptr;
      lvalue = member->getBase();
    } else if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(lvalue)) {
      if (!subscript->getBase()->IgnoreParenImpCasts()->getType()->isArrayType()) return nullptr;
      lvalue = subscript->getBase();
    } else if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(lvalue)) {
      lvalue = temporary->getSubExpr();
    } else if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(lvalue)) {
      if (!cast->isGLValue()) return nullptr;
      lvalue = cast->getSubExpr();
    } else if (const auto* call = dyn_cast<clang::CallExpr>(lvalue); call && call->isCallToStdMove()) {
      lvalue = call->getArg(0);
    } else {
      break;
    }
  }
  const auto* reference = dyn_cast<clang::DeclRefExpr>(lvalue);
  const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  if (!variable || !variable->hasLocalStorage()) return nullptr;
  if (!variable->getType()->isReferenceType()) return variable;
  const bool isBound = !isa<clang::ParmVarDecl>(variable) && variable->getInit() && bindings < kMostBindings;
  return isBound ? baseVariable(variable->getInit(), bindings + 1) : nullptr;
}

}  // namespace

const clang::VarDecl* baseVariable(const clang::Expr* lvalue) { return baseVariable(lvalue, 0); }

const clang::Expr* makingExpression(const clang::Expr* expression) {
  for (const clang::Expr* last = nullptr; expression != last;) {
    last = expression;
    expression = expression->IgnoreParens();
    if (const auto* full = dyn_cast<clang::FullExpr>(expression)) expression = full->getSubExpr();
    if (const auto* bound = dyn_cast<clang::CXXBindTemporaryExpr>(expression)) expression = bound->getSubExpr();
    if (const auto* member = dyn_cast<clang::CXXDefaultInitExpr>(expression)) expression = member->getExpr();
    if (const auto* cast = dyn_cast<clang::CastExpr>(expression);
        cast && !cast->isGLValue() &&
        (cast->getCastKind() == clang::CK_NoOp || cast->getCastKind() == clang::CK_ConstructorConversion ||
         cast->getCastKind() == clang::CK_UserDefinedConversion))
      expression = cast->getSubExpr();
    const auto* construct = dyn_cast<clang::CXXConstructExpr>(expression);
    if (construct && construct->isElidable() && construct->getNumArgs() > 0) {
      const auto* source = dyn_cast<clang::MaterializeTemporaryExpr>(construct->getArg(0)->IgnoreImplicitAsWritten());
      if (const auto* direct = dyn_cast<clang::MaterializeTemporaryExpr>(construct->getArg(0))) source = direct;
      if (source) expression = source->getSubExpr();
    }
  }
  return expression;
}

void Survey::expose(const clang::Expr* lvalue) {
  if (const clang::VarDecl* variable = baseVariable(lvalue)) exposed.insert(variable);
}

void Survey::construct(const clang::Expr* expression, const Destination& where) {
  expression = makingExpression(expression);
  destinations.try_emplace(expression, where);
  if (const auto* choice = dyn_cast<clang::ConditionalOperator>(expression)) {
    construct(choice->getTrueExpr(), where);
    construct(choice->getFalseExpr(), where);
  }
}

void Survey::skip(const clang::Stmt* statement) {
  if (!statement) return;
  unevaluated.insert(statement);
  for (const clang::Stmt* child : statement->children()) skip(child);
}

void Survey::lookAtCondition(const clang::Stmt* condition) {
  if (!condition || isa<clang::LambdaExpr>(condition)) return;
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(condition))
    if (const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
        variable && variable->hasLocalStorage() && variable->getType()->isIntegralOrEnumerationType())
      tested.insert(variable);
  for (const clang::Stmt* child : condition->children()) lookAtCondition(child);
}

/// Callers branch on the variable that is returned.
void Survey::lookAtReturned(const clang::Expr* result) {
  result = result->IgnoreParenImpCasts();
  if (isa<clang::DeclRefExpr>(result)) lookAtCondition(result);
}

void Survey::lookAtIndex(const clang::Expr* index) {
  const auto* reference = dyn_cast<clang::DeclRefExpr>(index->IgnoreParenImpCasts());
  const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  if (variable && variable->hasLocalStorage() && variable->getType()->isIntegralOrEnumerationType())
    indices.insert(variable);
}

void Survey::look(const clang::Stmt* body) {
  if (!body) return;
  if (isa<clang::CXXNoexceptExpr, clang::RequiresExpr>(body)) return skip(body);
  lookAt(body);
  if (isa<clang::LambdaExpr>(body)) {
    for (const clang::Expr* init : llvm::cast<clang::LambdaExpr>(body)->capture_inits())
      if (init) look(init);
    return;
  }
  if (const auto* directive = dyn_cast<clang::OMPExecutableDirective>(body)) return lookInside(directive);
  for (const clang::Stmt* child : body->children()) look(child);
}

/// The children of an OpenMP construct are what it captures; the body stands behind them.
void Survey::lookInside(const clang::OMPExecutableDirective* directive) {
  for (const clang::Stmt* part : clang::OMPExecutableDirective::used_clauses_children(directive->clauses())) look(part);
  if (directive->hasAssociatedStmt() && !directive->isStandaloneDirective()) look(directive->getRawStmt());
}

void Survey::lookAtInitializer(const clang::CXXCtorInitializer* initializer) {
  const clang::Expr* init = initializer->getInit();
  if (!init) return;
  construct(init, {.initializer = initializer});
  if (initializer->isAnyMemberInitializer() && initializer->getAnyMember()->getType()->isReferenceType()) expose(init);
  look(init);
  if (const auto* member = dyn_cast<clang::CXXDefaultInitExpr>(init)) look(member->getExpr());
}

void Survey::lookAtArguments(const clang::FunctionDecl* callee, llvm::ArrayRef<const clang::Expr*> arguments) {
  const FunctionModel* model = callee ? library_.function(callee) : nullptr;
  const bool harmless = callee && library_.inSystemHeader(callee) && (!model || model->effect != Effect::Ref);
  // Whoever is called may choose an element by a number; the system does not.
  if (callee && !library_.inSystemHeader(callee) && !model)
    for (const clang::Expr* argument : arguments) lookAtIndex(argument);
  if (harmless) return;
  for (const clang::Expr* argument : arguments)
    if (argument->isGLValue()) expose(argument);
}

void Survey::lookAtCall(const clang::CallExpr* call) {
  const CallShape shape = library_.shape(call);
  lookAtArguments(shape.callee, shape.arguments);
  if (shape.model && shape.model->effect == Effect::Element && !shape.arguments.empty()) lookAtIndex(shape.arguments[0]);
  if (shape.receiver && !shape.receiverIsPointer && shape.callee && !library_.inSystemHeader(shape.callee))
    expose(shape.receiver);
  if (library_.followsViews() && shape.callee) lookAtView(call, shape);
}

/// `&container[0]`.
void Survey::exposeContainer(const clang::Expr* element) {
  const auto* call = dyn_cast<clang::CallExpr>(element->IgnoreParenImpCasts());
  if (!call || !call->isGLValue()) return;
  const CallShape shape = library_.shape(call);
  if (shape.model && shape.model->effect == Effect::Element && shape.receiver && !shape.receiverIsPointer)
    expose(shape.receiver);
}

/// A view, pointer or iterator leads to the object whose method gives it, or which a library function makes it of.
void Survey::lookAtView(const clang::CallExpr* call, const CallShape& shape) {
  const clang::QualType type = call->getType();
  if (!library_.inSystemHeader(shape.callee) || call->isGLValue()) return;
  if (!type->isPointerType() && !library_.isPointerLike(type)) return;
  if (shape.receiver && !shape.receiverIsPointer) expose(shape.receiver);
  for (const clang::Expr* argument : shape.arguments)
    if (library_.isView(type) && argument->isGLValue()) expose(argument);
}

void Survey::lookAtLambda(const clang::LambdaExpr* lambda) {
  lambdas.push_back(lambda);
  for (auto [capture, init] : llvm::zip(lambda->captures(), lambda->capture_inits()))
    if (capture.capturesVariable() && capture.getCaptureKind() == clang::LCK_ByRef && init) expose(init);
}

void Survey::lookAtRangeFor(const clang::CXXForRangeStmt* loop) {
  const clang::Expr* range = loop->getRangeInit();
  if (!range) return;
  const TypeModel* type = library_.typeOrBase(range->getType());
  if (!range->getType()->isArrayType() && (!type || type->kind != TypeKind::Container)) return;
  loopRanges[loop->getLoopVariable()] = range;
  for (const clang::DeclStmt* hidden : {loop->getBeginStmt(), loop->getEndStmt()})
    if (const auto* variable = hidden ? dyn_cast<clang::VarDecl>(hidden->getSingleDecl()) : nullptr)
      loopIterators[variable] = range;
}

void Survey::noteStaticInitialiser(const clang::Stmt* part, const clang::VarDecl* variable) {
  if (!part) return;
  staticInitialisers[part] = variable;
  if (isa<clang::LambdaExpr>(part)) return;
  for (const clang::Stmt* child : part->children()) noteStaticInitialiser(child, variable);
}

void Survey::lookAtVariable(const clang::VarDecl* variable) {
  const clang::Expr* init = variable->getInit();
  if (!init) return;
  if (variable->isStaticLocal() && variable->getTLSKind() == clang::VarDecl::TLS_None && !init->isValueDependent() &&
      variable->getASTContext().getLangOpts().CPlusPlus && !variable->hasConstantInitialization())
    noteStaticInitialiser(init, variable);
  construct(init, {.variable = variable});
  if (!variable->getType()->isReferenceType()) assignments[variable].push_back(init);
  // The object a reference keeps alive is called as the reference is.
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(makingExpression(init)))
    construct(temporary->getSubExpr(), {.variable = variable});
}

void Survey::lookAtList(const clang::InitListExpr* list) {
  const clang::RecordDecl* record = list->getType()->getAsRecordDecl();
  auto field = record ? record->field_begin() : clang::RecordDecl::field_iterator();
  unsigned index = 0;
  const auto* derived = llvm::dyn_cast_or_null<clang::CXXRecordDecl>(record);
  unsigned bases = derived && derived->hasDefinition() ? derived->getNumBases() : 0;
  for (const clang::Expr* init : list->inits()) {
    if (init->isGLValue()) expose(init);
    if (!record) {
      construct(init, {.outer = list, .step = PathStep::element(std::to_string(index++))});
    } else if (bases > 0) {
      --bases;
      construct(init, {.outer = list, .step = PathStep::element("base")});
    } else if (record->isUnion()) {
      if (const clang::FieldDecl* chosen = list->getInitializedFieldInUnion())
        construct(init, {.outer = list, .step = PathStep::field(modelName(record), chosen->getNameAsString())});
    } else if (library_.is(list->getType(), TypeKind::Container)) {
      construct(init, {.outer = list, .isWhole = true});
    } else if (field != record->field_end()) {
      construct(init, {.outer = list, .step = PathStep::field(modelName(record), field->getNameAsString())});
      ++field;
    }
  }
}

void Survey::lookAt(const clang::Stmt* statement) {
  if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
    for (const clang::Decl* decl : declaration->decls()) {
      if (const auto* variable = dyn_cast<clang::VarDecl>(decl)) lookAtVariable(variable);
      if (const auto* record = dyn_cast<clang::CXXRecordDecl>(decl)) records.push_back(record);
    }
  } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(statement)) {
    if (unary->getOpcode() == clang::UO_AddrOf) {
      expose(unary->getSubExpr());
      if (library_.followsViews()) exposeContainer(unary->getSubExpr());
    }
  } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
    const auto* target = dyn_cast<clang::DeclRefExpr>(binary->getLHS()->IgnoreParenImpCasts());
    const auto* variable = target ? dyn_cast<clang::VarDecl>(target->getDecl()) : nullptr;
    if (variable && binary->isAssignmentOp()) assignments[variable].push_back(binary->getRHS());
  } else if (const auto* cast = dyn_cast<clang::ImplicitCastExpr>(statement)) {
    if (cast->getCastKind() == clang::CK_ArrayToPointerDecay) expose(cast->getSubExpr());
  } else if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(statement)) {
    if (!subscript->getType()->isArithmeticType()) lookAtIndex(subscript->getIdx());
  } else if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
    lookAtCall(call);
  } else if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(statement)) {
    lookAtArguments(construct->getConstructor(), {construct->getArgs(), construct->getNumArgs()});
    if (library_.isView(construct->getType()))
      for (const clang::Expr* argument : construct->arguments())
        if (argument->isGLValue()) expose(argument);
  } else if (const auto* lambda = dyn_cast<clang::LambdaExpr>(statement)) {
    lookAtLambda(lambda);
  } else if (const auto* loop = dyn_cast<clang::CXXForRangeStmt>(statement)) {
    lookAtRangeFor(loop);
  } else if (const auto* list = dyn_cast<clang::InitListExpr>(statement)) {
    lookAtList(list);
  } else if (const auto* allocation = dyn_cast<clang::CXXNewExpr>(statement)) {
    if (const clang::Expr* init = allocation->getInitializer()) this->construct(init, {.allocation = allocation});
  } else if (const auto* choice = dyn_cast<clang::AbstractConditionalOperator>(statement)) {
    arms[choice->getTrueExpr()->IgnoreParens()] = choice;
    arms[choice->getFalseExpr()->IgnoreParens()] = choice;
  } else if (const auto* attempt = dyn_cast<clang::CXXTryStmt>(statement)) {
    tries.push_back(attempt);
  }
  if (const auto* suspension = dyn_cast<clang::CoroutineSuspendExpr>(statement))
    suspensions[makingExpression(suspension->getSuspendExpr())] = suspension;
  if (const auto* branch = dyn_cast<clang::IfStmt>(statement)) lookAtCondition(branch->getCond());
  if (const auto* result = dyn_cast<clang::ReturnStmt>(statement); result && result->getRetValue())
    lookAtReturned(result->getRetValue());
  if (const auto* choice = dyn_cast<clang::AbstractConditionalOperator>(statement)) lookAtCondition(choice->getCond());
}

}  // namespace deadheat
