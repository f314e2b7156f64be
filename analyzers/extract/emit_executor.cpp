// Executors: what handlers and tasks are given to, and who runs them.
//
// Where a handler runs is said by its handle, a part of the executor: `io.$loop` for one whose handlers run in the threads
// that call run(), `strand.$turn` for one that runs them one at a time. An object that starts operations keeps a pointer to
// the executor that it was made with in `$executor`.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;

namespace {

/// Whether the object, or value, is given another's home when it is made: sockets, timers, executors as values.
bool isHosted(const TypeModel* type) { return type && type->hosted; }

bool isExecutor(const TypeModel* type) { return type && type->kind == TypeKind::Executor; }

const clang::Expr* executorWritten(const clang::Expr* expression) {
  const clang::Expr* inner = makingExpression(expression->IgnoreParenImpCasts());
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(inner))
    inner = makingExpression(temporary->getSubExpr());
  return inner->IgnoreParenImpCasts();
}

/// How a variable or member is made, as far as that is written down once; null if not.
const clang::Expr* initializerOf(const clang::Expr* object) {
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(object))
    if (const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl())) return variable->getInit();
  const auto* member = dyn_cast<clang::MemberExpr>(object);
  const auto* field = member ? dyn_cast<clang::FieldDecl>(member->getMemberDecl()) : nullptr;
  const auto* record = field ? dyn_cast<clang::CXXRecordDecl>(field->getParent()) : nullptr;
  if (!record) return nullptr;
  const clang::Expr* found = nullptr;
  for (const clang::CXXConstructorDecl* constructor : record->ctors()) {
    const clang::FunctionDecl* definition = nullptr;
    if (constructor->isCopyOrMoveConstructor() || !constructor->hasBody(definition)) continue;
    for (const clang::CXXCtorInitializer* each : llvm::cast<clang::CXXConstructorDecl>(definition)->inits())
      if (each->getAnyMember() == field) {
        if (found) return nullptr;
        found = each->getInit();
      }
  }
  return found ? found : field->getInClassInitializer();
}

}  // namespace

/// How many threads the executor has: a pool that is made with the number one has one.
ExecutorThreads Emitter::threadsOf(const clang::Expr* executor, const TypeModel* type) {
  if (type->threads != ExecutorThreads::Many) return type->threads;
  const clang::Expr* made = initializerOf(executorWritten(executor));
  if (const auto* fallback = dyn_cast_or_null<clang::CXXDefaultInitExpr>(made)) made = fallback->getExpr();
  if (!made) return type->threads;
  if (const auto* cleanups = dyn_cast<clang::ExprWithCleanups>(made)) made = cleanups->getSubExpr();
  llvm::ArrayRef<const clang::Expr*> arguments;
  llvm::SmallVector<const clang::Expr*> all;
  if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(made->IgnoreImplicit()))
    all.append(construct->arg_begin(), construct->arg_end());
  arguments = all;
  const clang::Expr* number = arguments.empty() ? nullptr : arguments.front();
  clang::Expr::EvalResult result;
  const bool isOne = number && number->getType()->isIntegerType() && !number->isValueDependent() &&
                     number->EvaluateAsInt(result, tu.ast) && result.Val.getInt() == 1;
  return isOne ? ExecutorThreads::One : ExecutorThreads::Many;
}

/// What handlers of the executor have in common. Of a pool of threads that is the pool.
Path Emitter::turnOf(const Path& executor, ExecutorThreads threads) {
  if (!executor.known()) return {};
  if (threads == ExecutorThreads::Many) return executor;
  return executor.then(PathStep::field("", threads == ExecutorThreads::One ? "$turn" : "$loop"));
}

/// Where handlers run that are given to what `expression` names: an executor, or an object or value that has one.
Path Emitter::homeOf(const clang::Expr* expression) {
  expression = executorWritten(expression);
  if (const auto* call = dyn_cast<clang::CallExpr>(expression)) {
    const CallShape shape = tu.library.shape(call);
    const clang::Expr* same = effectOf(shape) != Effect::Forward            ? nullptr
                              : shape.model->object == FunctionModel::kThis ? shape.receiver
                                                                            : argumentAt(shape, shape.model->object);
    if (same) return homeOf(same);
  }
  const auto* construct = dyn_cast<clang::CXXConstructExpr>(expression);
  clang::QualType named = expression->getType();
  const bool isPointer = named->isPointerType();
  const TypeModel* type = tu.library.typeOrBase(isPointer ? named->getPointeeType() : named);
  if (construct && isHosted(type) && construct->getNumArgs() > 0) return homeOf(construct->getArg(0));
  const Path place = isPointer ? resolver.deref(resolver.value(expression)) : resolver.place(expression);
  if (!place.known()) return {};
  if (isHosted(type)) return place.then(PathStep::field("", "$executor")).then(PathStep::deref());
  return isExecutor(type) ? turnOf(place, threadsOf(expression, type)) : Path();
}

/// A strand is made: what is then given to an executor that has no name may run on it.
void Emitter::noteStrand(clang::SourceLocation at, clang::QualType type, const Path& executor) {
  const TypeModel* model = type->isRecordType() ? tu.library.type(type) : nullptr;
  if (!isExecutor(model) || model->threads != ExecutorThreads::One || !executor.known()) return;
  assign(at, executor.then(PathStep::field("", "$executor")), Value::addressOf(turnOf(executor, ExecutorThreads::One)));
}

/// Where an object is told to run its handlers as it is made.
void Emitter::hostObject(const clang::CXXConstructExpr* construct, const Path& home) {
  if (construct->getNumArgs() == 0) return;
  const clang::Expr* host = construct->getArg(0);
  const TypeModel* type = tu.library.typeOrBase(host->getType().getNonReferenceType());
  if (!isExecutor(type) && !isHosted(type)) return;
  Path from = homeOf(host);
  if (!from.known()) return;
  const Path own = home.then(PathStep::field("", "$executor"));
  const bool isLoaded = !from.steps.empty() && from.steps.back().kind == PathStep::Kind::Deref;
  if (isLoaded) from.steps.pop_back();
  assign(construct->getExprLoc(), own, isLoaded ? Value::load(from) : Value::addressOf(from));
}

/// The executor that is bound to the handler, or null.
const clang::Expr* Emitter::boundExecutor(const CallShape& shape) {
  for (const clang::Expr* argument : shape.arguments) {
    const auto* call = dyn_cast<clang::CallExpr>(executorWritten(argument));
    const CallShape bound = call ? tu.library.shape(call) : CallShape();
    if (!bound.model || bound.model->effect != Effect::Bind) continue;
    if (bound.receiver && isExecutor(bound.receiverType)) return bound.receiver;
    if (bound.model->entry > 0)
      if (const clang::Expr* executor = argumentAt(bound, bound.model->object)) return executor;
  }
  return nullptr;
}

/// Says where the handler runs: on the executor that is bound to it, or that the call or its object names.
void Emitter::runOn(const CallShape& shape, Spawn& event) {
  const FunctionModel& model = *shape.model;
  const clang::Expr* executor = boundExecutor(shape);
  if (!executor && model.handle == FunctionModel::kExecutor)
    executor = shape.receiver ? shape.receiver : argumentAt(shape, 0);
  else if (!executor)
    executor = model.handle == FunctionModel::kThis ? shape.receiver : argumentAt(shape, model.handle);
  clang::QualType named = executor ? executor->IgnoreParenImpCasts()->getType() : clang::QualType();
  if (!named.isNull() && named->isPointerType()) named = named->getPointeeType();
  const TypeModel* type = named.isNull() ? nullptr : tu.library.typeOrBase(named);
  if (!isExecutor(type) && !isHosted(type)) {
    if (model.handle == FunctionModel::kExecutor) event.handle = unknownHome(shape, executor);
  } else {
    event.handle = homeOf(executor);
  }
  // Handlers take turns with whoever runs them, unless that is a pool or link sees several that do.
  const bool isPool = isExecutor(type) && !isHosted(type) && threadsOf(executor, type) == ExecutorThreads::Many;
  const bool isHandler = isExecutor(type) || isHosted(type) || model.handle == FunctionModel::kExecutor;
  if (!isHandler || isPool || event.where != SpawnWhere::Pool) return;
  event.where = SpawnWhere::Task;
  event.runs = Resumption::Executor;
}

/// The home of an object whose class no model knows: a stream made of others.
Path Emitter::unknownHome(const CallShape& shape, const clang::Expr* object) {
  Path place = !object ? Path() : shape.receiver ? resolver.receiver(shape) : resolver.object(shape, 0);
  if (!place.known()) place = scope.temporary(RootKind::Local, "$home", object);
  return place.then(PathStep::field("", "$executor")).then(PathStep::deref());
}

/// What the completion token of a call says that starts an operation; None if that is something to be called.
GuardTag Emitter::tokenOf(const CallShape& shape) {
  if (!shape.model || (shape.model->entry != FunctionModel::kLast && shape.model->token == FunctionModel::kNone))
    return GuardTag::None;
  const clang::Expr* token = lastWritten(shape);
  if (!token) return GuardTag::Awaited;  // The default token of an executor that has one.
  if (isCallable(token)) return GuardTag::None;
  const auto* call = dyn_cast<clang::CallExpr>(executorWritten(token));
  const CallShape made = call ? tu.library.shape(call) : CallShape();
  if (const TypeModel* type = tu.library.typeOrBase(executorWritten(token)->getType());
      type && type->kind == TypeKind::Tag)
    return type->tag;
  if (made.receiverType && made.receiverType->kind == TypeKind::Tag) return made.receiverType->tag;
  // A token that is made of another: as_tuple(use_awaitable), redirect_error(use_awaitable, error).
  for (const clang::Expr* each : made.arguments)
    if (const TypeModel* type = tu.library.typeOrBase(each->IgnoreParenImpCasts()->getType());
        type && type->kind == TypeKind::Tag)
      return type->tag;
  return GuardTag::None;
}

const clang::Expr* Emitter::lastWritten(const CallShape& shape) {
  for (const clang::Expr* argument : llvm::reverse(shape.arguments))
    if (!llvm::isa<clang::CXXDefaultArgExpr>(argument)) return argument;
  return nullptr;
}

/// The thread runs handlers itself; when it is through, all are.
void Emitter::runExecutor(const clang::CallExpr* call, const CallShape& shape) {
  if (!shape.receiver || !shape.receiverType) return;
  const Path loop = turnOf(resolver.object(shape, shape.model->object), shape.receiverType->threads);
  emit(call->getExprLoc(), Block{"run", loop});
  emit(call->getExprLoc(), Join{loop});
}

}  // namespace deadheat
