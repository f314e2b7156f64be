// Executors: what handlers and tasks are given to, and who runs them.
//
// Where a handler runs is said by its handle, a part of the executor: `io.$loop` for one whose handlers run in the threads
// that call run(), `strand.$turn` for one that runs them one at a time. An object that starts operations keeps a pointer to
// the executor that it was made with in `$executor`.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;

/// What handlers of the executor have in common. Of a pool of threads that is the pool.
Path Emitter::turnOf(const Path& executor, const TypeModel* type) {
  if (!executor.known()) return {};
  const ExecutorThreads threads = type && type->kind == TypeKind::Executor ? type->threads : ExecutorThreads::Unknown;
  if (threads == ExecutorThreads::Many) return executor;
  return executor.then(PathStep::field("", threads == ExecutorThreads::One ? "$turn" : "$loop"));
}

/// Where an object is told to run its handlers as it is made.
void Emitter::hostObject(const clang::CXXConstructExpr* construct, const Path& home) {
  if (construct->getNumArgs() == 0) return;
  const clang::Expr* host = construct->getArg(0);
  const TypeModel* type = tu.library.type(host->getType());
  const bool isExecutor = type && type->kind == TypeKind::Executor;
  if (isExecutor)
    assign(construct->getExprLoc(), home.then(PathStep::field("", "$executor")),
           Value::addressOf(turnOf(resolver.place(host), type)));
}

/// Says where the handler runs: on the executor that is bound to it, or that the call or its object names.
void Emitter::runOn(const CallShape& shape, Spawn& event) {
  const FunctionModel& model = *shape.model;
  for (const clang::Expr* argument : shape.arguments) {
    const auto* call = dyn_cast<clang::CallExpr>(makingExpression(argument->IgnoreParenImpCasts()));
    const CallShape bound = call ? tu.library.shape(call) : CallShape();
    if (!bound.model || bound.model->effect != Effect::Bind || bound.model->entry <= 0) continue;
    if (const clang::Expr* executor = argumentAt(bound, bound.model->object))
      event.handle = turnOf(resolver.pointee(executor), tu.library.type(executor->getType()));
    return;
  }
  if (model.handle == FunctionModel::kExecutor) {
    const Path object = shape.receiver ? resolver.receiver(shape) : resolver.object(shape, 0);
    if (object.known()) event.handle = object.then(PathStep::field("", "$executor")).then(PathStep::deref());
    return;
  }
  const clang::Expr* executor = model.handle == FunctionModel::kThis ? shape.receiver : argumentAt(shape, model.handle);
  const TypeModel* type = executor ? tu.library.type(executor->getType()) : nullptr;
  if (type && type->kind == TypeKind::Executor) event.handle = turnOf(event.handle, type);
}

/// The thread runs handlers itself; when it is through, all are.
void Emitter::runExecutor(const clang::CallExpr* call, const CallShape& shape) {
  const Path loop = turnOf(resolver.object(shape, shape.model->object), shape.receiverType);
  emit(call->getExprLoc(), Block{"run", loop});
  emit(call->getExprLoc(), Join{loop});
}

}  // namespace deadheat
