// Coroutines and fibers: where they are suspended, what they await, what becomes of the tasks that calls give back.
//
// A task that is awaited at once is a call. One that is kept is a call that link turns into the start of a task, if the
// callee turns out to be a coroutine; awaiting it later is a join.
#include "analyzers/extract/coroutines.h"
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::isa;

void Emitter::beginCoroutine(const clang::CoroutineBodyStmt* body, Function& function) {
  function.coroutine = describeCoroutine(tu, scope.function, body);
  for (const auto& [handsOver, suspension] : scope.survey.suspensions) noteAwaitedCalls(awaitedOperand(tu, suspension));
  if (function.coroutine->start == Coroutine::Start::Lazy)
    emit(scope.function->getLocation(), Suspend{Suspend::Kind::Initial, "initial_suspend", {}, {}, Resumption::Unknown});
}

void Emitter::endCoroutine(const clang::CoroutineBodyStmt* body) {
  if (!describeCoroutine(tu, scope.function, body).endsItself)
    emit(body->getBody()->getEndLoc(), Suspend{Suspend::Kind::Final, "final_suspend", {}, {}, Resumption::Unknown});
}

/// Tasks that are awaited where they are made, also by way of their own methods: `co_await load().via(pool)`.
void Emitter::noteAwaitedCalls(const clang::Expr* operand) {
  while (const auto* call = dyn_cast_or_null<clang::CallExpr>(operand)) {
    awaited_.insert(call);
    const CallShape shape = tu.library.shape(call);
    operand = shape.receiver && isTask(tu, shape.receiver->getType()) ? handedOn(tu, shape.receiver) : nullptr;
  }
}

void Emitter::suspend(const clang::CoroutineSuspendExpr* suspension) {
  if (maySuspend(tu, suspension)) emit(suspension->getKeywordLoc(), suspensionOf(suspension));
  if (const clang::Expr* operand = awaitedOperand(tu, suspension)) resumeWith(operand, suspension->getType());
}

Suspend Emitter::suspensionOf(const clang::CoroutineSuspendExpr* suspension) {
  Suspend event;
  const bool yields = isa<clang::CoyieldExpr>(suspension);
  event.kind = yields ? Suspend::Kind::Yield : Suspend::Kind::Await;
  event.what = yields ? "co_yield" : "co_await";
  const clang::Expr* operand = awaitedOperand(tu, suspension);
  if (!operand) return event;
  event.type = tu.names.type(operand->getType().getNonReferenceType().getUnqualifiedType());
  if (isa<clang::DeclRefExpr, clang::MemberExpr>(operand)) event.awaited = resolver.place(operand);
  auto take = [&](Resumption resumes) {
    if (event.resumes == Resumption::Unknown) event.resumes = resumes;
  };
  if (const auto* call = dyn_cast<clang::CallExpr>(operand)) {
    const CallShape shape = tu.library.shape(call);
    if (shape.model) take(shape.model->resumes);
    if (shape.receiverType) take(shape.receiverType->resumes);
  }
  if (const TypeModel* model = tu.library.type(operand->getType())) take(model->resumes);
  if (const TypeModel* model = tu.library.type(suspension->getCommonExpr()->getType())) take(model->resumes);
  return event;
}

/// What has happened by the time the coroutine goes on: the lock is taken, the tasks are over.
void Emitter::resumeWith(const clang::Expr* operand, clang::QualType result) {
  const auto* call = dyn_cast<clang::CallExpr>(operand);
  const CallShape shape = call ? tu.library.shape(call) : CallShape();
  if (!shape.model || !shape.model->awaited) return awaitTasks(operand);
  // A guard that comes back takes the lock where it is kept.
  if (shape.model->effect != Effect::Acquire || !tu.library.is(result, TypeKind::Guard)) synchronisingCall(call, shape);
}

void Emitter::awaitTasks(const clang::Expr* operand) {
  const auto* call = dyn_cast<clang::CallExpr>(operand);
  if (!call) {
    const Path awaited = resolver.place(operand);
    if (!awaited.known()) return;
    if (isTask(tu, operand->getType())) return emit(operand->getExprLoc(), Join{awaited, Join::By::Await});
    // What comes after an event has seen all that came before it was set.
    if (tu.library.is(operand->getType(), TypeKind::Awaitable) && scope.isShared(awaited)) {
      Access access;
      access.path = awaited;
      access.kind = AccessKind::Read;
      access.atomicity = Atomicity::Atomic;
      access.order = MemoryOrder::Acquire;
      access.type = tu.names.type(operand->getType().getNonReferenceType().getUnqualifiedType());
      emit(operand->getExprLoc(), std::move(access));
    }
    return;
  }
  const CallShape shape = tu.library.shape(call);
  auto joinPart = [&](const clang::Expr* part) {
    part = handedOn(tu, part);
    if (effectOf(shape) == Effect::Gather && tu.library.is(part->getType(), TypeKind::Container))
      if (const Path all = resolver.place(part); all.known())
        return emit(operand->getExprLoc(), Join{all.then(PathStep::element()), Join::By::Await});
    const auto* made = dyn_cast<clang::CallExpr>(part);
    if (!isTask(tu, part->getType()) || (made && awaited_.contains(made))) return;
    const Path task = resolver.place(part);
    if (task.known()) emit(operand->getExprLoc(), Join{task, Join::By::Await});
  };
  if (effectOf(shape) == Effect::Spawn && tokenOf(shape) == GuardTag::Awaited)
    emit(operand->getExprLoc(), Join{resolver.place(call), Join::By::Await});
  if (shape.receiver && !shape.receiverIsPointer) joinPart(shape.receiver);
  for (const clang::Expr* argument : shape.arguments) joinPart(argument);
}

/// A thread that waits for an awaitable of several tasks, made at the call, waits for all of them.
void Emitter::joinGathered(const clang::Expr* awaitable) {
  const auto* call = dyn_cast<clang::CallExpr>(handedOn(tu, awaitable));
  const CallShape shape = call ? tu.library.shape(call) : CallShape();
  if (effectOf(shape) != Effect::Gather) return;
  for (const clang::Expr* argument : shape.arguments) {
    const clang::Expr* part = handedOn(tu, argument);
    if (tu.library.is(part->getType(), TypeKind::Container))
      if (const Path all = resolver.place(part); all.known())
        emit(awaitable->getExprLoc(), Join{all.then(PathStep::element())});
    if (!isTask(tu, part->getType())) continue;
    if (const Path task = resolver.place(part); task.known()) emit(awaitable->getExprLoc(), Join{task});
    joinGathered(part);
  }
}

/// Whether whoever waits for the end of a task does so where it is made: `sync_wait(load())`.
bool Emitter::isJoinedAtOnce(const clang::Expr* task) {
  const clang::Stmt* user = parents().getParent(const_cast<clang::Expr*>(task));
  while (user && !isa<clang::CallExpr>(user)) {
    if (!isa<clang::FullExpr, clang::CastExpr, clang::CXXBindTemporaryExpr, clang::MaterializeTemporaryExpr,
             clang::ParenExpr, clang::MemberExpr, clang::CXXConstructExpr>(user))
      return false;
    user = parents().getParent(const_cast<clang::Stmt*>(user));
  }
  const auto* call = dyn_cast_or_null<clang::CallExpr>(user);
  return call && effectOf(tu.library.shape(call)) == Effect::Join;
}

Call::Task Emitter::taskOf(const clang::CallExpr* call) {
  if (!call->getType()->isRecordType() || call->isGLValue() || !isTask(tu, call->getType())) return Call::Task::None;
  return awaited_.contains(call) || isJoinedAtOnce(call) ? Call::Task::Awaited : Call::Task::Kept;
}

/// The variable that an awaited acquisition initialises holds the lock.
bool Emitter::takeAwaitedGuard(const clang::VarDecl* variable) {
  if (!tu.coroutineTraits() || !tu.library.is(variable->getType(), TypeKind::Guard)) return false;
  const auto* suspension = dyn_cast<clang::CoroutineSuspendExpr>(handedOn(tu, variable->getInit()));
  const auto* call = suspension ? dyn_cast_or_null<clang::CallExpr>(awaitedOperand(tu, suspension)) : nullptr;
  if (!call) return false;
  const CallShape shape = tu.library.shape(call);
  if (!shape.model || !shape.model->awaited || shape.model->effect != Effect::Acquire) return false;
  const Path guard = scope.storage(variable), lock = resolver.object(shape, shape.model->object);
  const clang::SourceLocation at = suspension->getKeywordLoc();
  for (const GuardLock& held : guardLocks(guard, variable->getType())) {
    assign(at, held.path, Value::addressOf(lock));
    Acquire event = acquireOf({held.path.then(PathStep::deref()), held.type}, shape.model->mode, LockWait::Blocking,
                              LockHolder::Guard, 0);
    event.byTask = true;
    emit(at, std::move(event));
    break;
  }
  return true;
}

/// A loop over a container goes on, in each turn, with the place in it that it had before the coroutine was suspended:
/// `variable` is its hidden beginning, or the variable that takes the next element.
void Emitter::turnLoop(const clang::VarDecl* variable) {
  if (scope.survey.suspensions.empty()) return;
  const bool begins = scope.survey.loopIterators.contains(variable);
  if (begins && !variable->getName().starts_with("__begin")) return;
  const clang::Expr* range = begins ? scope.survey.loopIterators.lookup(variable) : scope.survey.loopRanges.lookup(variable);
  const Path place = scope.temporary(RootKind::Local, "$place", range);
  if (begins)
    return assign(variable->getLocation(), place,
                  Value::addressOf(resolver.elementsOf(range).then(PathStep::element())));
  assign(variable->getLocation(), scope.temporary(RootKind::Local, "$turn", range), Value::load(place));
}

/// The task object `to` stands for what `from` stood for.
void Emitter::moveTask(const clang::Expr* at, const Path& to, const clang::Expr* from) {
  if (!isTask(tu, from->getType())) return;
  const Path source = resolver.place(from);
  if (source.known()) assign(at->getExprLoc(), to, Value::object(source));
}

/// A task that has a name is given to code that is not seen, which may do anything with it.
void Emitter::handTask(const clang::Expr* given) {
  if (!isTask(tu, given->getType()) || !given->isGLValue()) return;
  const Path task = resolver.place(handedOn(tu, given));
  if (task.known()) emit(given->getExprLoc(), Escape{Value::object(task)});
}

/// A task is given to somebody who runs it.
void Emitter::startTask(const clang::CallExpr* call, const clang::Expr* task, int handle) {
  const Path path = resolver.place(handedOn(tu, task));
  if (!path.known()) return;
  if (handle == FunctionModel::kNone) return emit(call->getExprLoc(), Detach{path});
  const CallShape shape = tu.library.shape(call);
  const Path home = handle == FunctionModel::kResult ? resolver.place(call)
                    : handle == FunctionModel::kThis ? resolver.receiver(shape)
                                                     : resolver.object(shape, handle);
  assign(call->getExprLoc(), home, Value::object(path));
}

}  // namespace deadheat
