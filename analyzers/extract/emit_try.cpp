// Lock attempts: which branch of a test holds the lock.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;

namespace {

/// Without what a temporary is wrapped in, its copies among that.
const clang::Expr* made(const clang::Expr* expression) {
  for (const clang::Expr* last = nullptr; expression != last;) {
    last = expression;
    expression = expression->IgnoreParenImpCasts();
    if (const auto* full = dyn_cast<clang::FullExpr>(expression)) expression = full->getSubExpr();
    if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(expression)) expression = cast->getSubExpr();
    if (const auto* bind = dyn_cast<clang::CXXBindTemporaryExpr>(expression)) expression = bind->getSubExpr();
    if (const auto* kept = dyn_cast<clang::MaterializeTemporaryExpr>(expression)) expression = kept->getSubExpr();
    const auto* construct = dyn_cast<clang::CXXConstructExpr>(expression);
    if (construct && construct->getConstructor()->isCopyOrMoveConstructor()) expression = construct->getArg(0);
  }
  return expression;
}

/// The bool that an object was made from which is converted to bool, as what assertions of test frameworks make; else
/// null. What they expect is taken to be so: they do not go on with what comes after, or tell that it is wrong.
const clang::Expr* wrappedOutcome(const clang::Expr* condition) {
  const auto* call = dyn_cast<clang::CXXMemberCallExpr>(made(condition));
  const auto* conversion = call ? llvm::dyn_cast_or_null<clang::CXXConversionDecl>(call->getMethodDecl()) : nullptr;
  if (!conversion || !conversion->getConversionType()->isBooleanType()) return nullptr;
  const clang::Expr* object = made(call->getImplicitObjectArgument());
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(object)) {
    const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
    if (!variable || !variable->hasLocalStorage() || !variable->getInit()) return nullptr;
    object = made(variable->getInit());
  }
  const auto* construct = dyn_cast<clang::CXXConstructExpr>(object);
  if (!construct || construct->getNumArgs() == 0) return nullptr;
  if (construct->getConstructor()->getParent()->isInStdNamespace()) return nullptr;  // An optional asks something else.
  const clang::Expr* outcome = made(construct->getArg(0));
  return outcome->getType()->isBooleanType() ? outcome : nullptr;
}

}  // namespace

std::vector<Event> Emitter::triedBy(const clang::Expr* expression, Success& success) {
  std::vector<Event> events;
  const auto* call = dyn_cast<clang::CallExpr>(expression);
  if (!call) return events;
  const CallShape shape = tu.library.shape(call);
  if (!shape.model) return events;
  const FunctionModel& model = *shape.model;
  std::vector<Event>* const block = out;
  out = &events;
  success = model.success;
  const bool isGuard = shape.receiverType && shape.receiverType->kind == TypeKind::Guard;
  if (model.effect == Effect::TryAll) {
    lockAll(call, shape);
    for (Event& event : events)
      if (auto* acquire = std::get_if<Acquire>(&event.what)) acquire->wait = LockWait::Try;
  } else if (model.effect == Effect::Owns && isGuard) {
    events = triedAtConstruction(shape.receiver);
  } else if (model.effect == Effect::Spawn && model.handle >= 0 && call->getType()->isIntegerType()) {
    success = Success::True;  // Of the failure: no thread was started, so there is nothing to wait for.
    emit(call->getExprLoc(), Join{resolver.object(shape, model.handle), Join::By::NotStarted});
  } else if (model.effect == Effect::End) {
    success = Success::Zero;
    emit(call->getExprLoc(), Lifetime{resolver.object(shape, model.object), Lifetime::Phase::Ends, Recursion::Unknown});
  } else if (model.effect == Effect::Try || (model.effect == Effect::Acquire && isTestedAcquire(call))) {
    const Path object = resolver.object(shape, model.object);
    const clang::Expr* named = argumentAt(shape, model.object);
    if (!named) {
      out = block;
      return events;
    }
    clang::QualType type = named->IgnoreParenImpCasts()->getType();
    if (type->isPointerType()) type = type->getPointeeType();
    if (isGuard) {
      for (GuardLock& lock : guardLocks(object, type)) {
        lock.path = std::move(lock.path).then(PathStep::deref());
        takeLock(call->getExprLoc(), lock, shape.receiverType->mode, model.wait, LockHolder::Guard, 0);
      }
      if (!events.empty()) tellOwned(call->getExprLoc(), object, true);
    } else if (object.known()) {
      emit(call->getExprLoc(), acquireOf({object, type}, model.mode, model.wait, LockHolder::Hand, 0));
    }
  }
  out = block;
  return events;
}

std::optional<TryTest> Emitter::testedThread(const clang::Expr* condition) {
  condition = condition->IgnoreParenImpCasts();
  const auto* negation = dyn_cast<clang::UnaryOperator>(condition);
  if (negation && negation->getOpcode() == clang::UO_LNot) {
    std::optional<TryTest> inner = testedThread(negation->getSubExpr());
    if (inner) inner->successOnTrue = !inner->successOnTrue;
    return inner;
  }
  const auto* call = dyn_cast<clang::CallExpr>(condition);
  if (!call) return std::nullopt;
  const CallShape shape = tu.library.shape(call);
  // A plain object that is asked for its end: the handle of a coroutine.
  const bool isThread = shape.receiverType && shape.receiverType->kind == TypeKind::Thread;
  const bool isHandle = shape.receiverType && shape.receiverType->kind == TypeKind::Plain;
  if (effectOf(shape) != Effect::Owns || (!isThread && !isHandle)) return std::nullopt;
  const Path handle = resolver.receiver(shape);
  if (!handle.known()) return std::nullopt;
  return TryTest{{{tu.location(call->getExprLoc()), Abandon{handle, Abandon::How::Empty}}}, isHandle};
}

std::vector<Event> Emitter::triedAtConstruction(const clang::Expr* guard) {
  std::vector<Event> events;
  const clang::VarDecl* variable = baseVariable(guard);
  if (!variable || !variable->getInit()) return events;
  const auto* construct = dyn_cast<clang::CXXConstructExpr>(makingExpression(variable->getInit()));
  const TypeModel* model = tu.library.type(variable->getType());
  if (!construct || !model || model->kind != TypeKind::Guard || construct->getNumArgs() < 2) return events;
  LockWait wait = LockWait::Blocking;
  for (const clang::Expr* argument : construct->arguments()) {
    const TypeModel* type = tu.library.type(argument->getType());
    if (type && type->kind == TypeKind::Tag) {
      if (type->tag != GuardTag::Try) return events;
      wait = LockWait::Try;
    } else if (argument != construct->getArg(0) && wait == LockWait::Blocking) {
      wait = LockWait::Timed;
    }
  }
  std::vector<Event>* const block = out;
  out = &events;
  for (GuardLock& lock : guardLocks(scope.storage(variable), variable->getType())) {
    lock.path = std::move(lock.path).then(PathStep::deref());
    takeLock(construct->getExprLoc(), lock, model->mode, wait, LockHolder::Guard, 0);
  }
  out = block;
  return events;
}

std::optional<TryTest> Emitter::testedComparison(const clang::BinaryOperator* comparison) {
  clang::Expr::EvalResult right;
  const clang::Expr* tested = comparison->getLHS();
  if (comparison->getRHS()->isValueDependent()) return std::nullopt;
  if (!comparison->getRHS()->EvaluateAsInt(right, tu.ast)) {
    tested = comparison->getRHS();
    if (!comparison->getLHS()->EvaluateAsInt(right, tu.ast)) return std::nullopt;
  }
  std::optional<TryTest> test = testedTry(tested);
  if (!test) return std::nullopt;
  Success success = Success::True;
  if (const clang::Expr* call = triedCall(tested)) triedBy(call, success);
  const std::int64_t number = right.Val.getInt().getExtValue();
  const bool isSuccessValue = success == Success::Zero       ? number == 0
                              : success == Success::MinusOne ? number == -1
                                                             : number != 0;
  test->successOnTrue = isSuccessValue == (comparison->getOpcode() == clang::BO_EQ);
  return test;
}

const clang::Expr* Emitter::triedCall(const clang::Expr* tested) {
  tested = tested->IgnoreParenImpCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(tested)) tested = full->getSubExpr()->IgnoreParenImpCasts();
  if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(tested)) return triedCall(cast->getSubExpr());
  if (const auto* assignment = dyn_cast<clang::BinaryOperator>(tested);
      assignment && assignment->getOpcode() == clang::BO_Assign)
    return triedCall(assignment->getRHS());
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(tested))
    if (const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
        variable && variable->hasLocalStorage()) {
      auto found = scope.survey.assignments.find(variable);
      if (found == scope.survey.assignments.end() || found->second.size() != 1) return nullptr;
      return dyn_cast<clang::DeclRefExpr>(found->second[0]->IgnoreParenImpCasts()) ? nullptr
                                                                                   : triedCall(found->second[0]);
    }
  return dyn_cast<clang::CallExpr>(tested);
}

void Emitter::noteTest(const clang::Expr* condition) {
  noteTestedLocals(condition);
  for (const clang::Expr* last = nullptr; condition != last;) {
    last = condition;
    condition = condition->IgnoreParenImpCasts();
    if (const auto* full = dyn_cast<clang::FullExpr>(condition)) condition = full->getSubExpr();
    const auto* negation = dyn_cast<clang::UnaryOperator>(condition);
    if (negation && negation->getOpcode() == clang::UO_LNot) condition = negation->getSubExpr();
    if (const clang::Expr* outcome = wrappedOutcome(condition)) {
      if (const clang::Expr* expected = triedCall(outcome)) expected_.insert(dyn_cast<clang::CallExpr>(expected));
      return;
    }
    const auto* comparison = dyn_cast<clang::BinaryOperator>(condition);
    if (!comparison || !comparison->isEqualityOp() || comparison->getRHS()->isValueDependent()) continue;
    clang::Expr::EvalResult number;
    const bool isRight = comparison->getRHS()->EvaluateAsInt(number, tu.ast);
    condition = isRight ? comparison->getLHS() : comparison->getRHS();
  }
  const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(triedCall(condition));
  if (!call || call->getType()->isVoidType()) return;
  decided_.insert(call);
  const CallShape shape = tu.library.shape(call);
  if (shape.model && shape.model->effect == Effect::Acquire && shape.model->success == Success::Zero) ++tests_[call];
}

bool Emitter::isDecided(const clang::Expr* result) {
  return decided_.contains(llvm::dyn_cast_or_null<clang::CallExpr>(triedCall(result)));
}

std::optional<TryTest> Emitter::testedTry(const clang::Expr* condition) {
  condition = condition->IgnoreParenImpCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(condition)) return testedTry(full->getSubExpr());
  if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(condition)) return testedTry(cast->getSubExpr());
  if (const auto* negation = dyn_cast<clang::UnaryOperator>(condition);
      negation && negation->getOpcode() == clang::UO_LNot) {
    std::optional<TryTest> test = testedTry(negation->getSubExpr());
    if (test) test->successOnTrue = !test->successOnTrue;
    return test;
  }
  if (const auto* comparison = dyn_cast<clang::BinaryOperator>(condition); comparison && comparison->isEqualityOp())
    return testedComparison(comparison);
  const clang::Expr* call = triedCall(condition);
  if (!call) return std::nullopt;
  Success success = Success::True;
  std::vector<Event> acquires = triedBy(call, success);
  if (acquires.empty()) return std::nullopt;
  return TryTest{std::move(acquires), success == Success::True};
}

}  // namespace deadheat
