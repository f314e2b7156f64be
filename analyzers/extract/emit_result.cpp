// Results that are made once: what happens to promises, packaged tasks and futures.
#include "analyzers/extract/emitter.h"

namespace deadheat {

using How = ResultUse::How;
using Side = ResultUse::Side;

namespace {

/// What a modelled method does to the share of its object.
How howOf(const FunctionModel& model, Side side) {
  switch (model.effect) {
    case Effect::NotifyOne:
    case Effect::NotifyAll:
      return How::Stores;
    case Effect::Reset:
      return How::Begins;
    case Effect::Forward:
      if (side == Side::Maker) return How::Hands;
      return model.consumes ? How::Leaves : How::Tests;
    case Effect::Join:
      if (model.consumes) return How::Takes;
      return model.wait == LockWait::Blocking ? How::Awaits : How::Polls;
    default:
      return How::Tests;
  }
}

}  // namespace

std::optional<Side> Emitter::sideOf(const TypeModel* model) {
  if (model && model->kind == TypeKind::Promise) return Side::Maker;
  if (model && model->kind == TypeKind::Future) return Side::Reader;
  return std::nullopt;
}

void Emitter::useResult(clang::SourceLocation at, const Path& object, Side side, How how) {
  if (object.known()) emit(at, ResultUse{object, side, how});
}

/// A task keeps its callable in the state that it shares with its future, so that it is found wherever the task goes.
Path Emitter::callableOf(const Path& maker) {
  return maker.then(PathStep::deref()).then(PathStep::field("", "$task"));
}

void Emitter::constructMaker(const clang::Expr* at, const Path& home, clang::QualType type,
                             llvm::ArrayRef<const clang::Expr*> arguments) {
  const Path state = home.then(PathStep::field("", "$state"));
  const bool isTask = resolver.callOperator(type) != nullptr;
  moved.erase(home);
  assign(at->getExprLoc(), home, Value::addressOf(state));
  if (isTask && arguments.empty()) return useResult(at->getExprLoc(), home, Side::Maker, How::Empty);
  useResult(at->getExprLoc(), home, Side::Maker, How::Begins);
  if (isTask)
    assign(at->getExprLoc(), state.then(PathStep::field("", "$task")), resolver.value(arguments.back()));
}

/// What a method that a model describes does to the promise, task or future that it is called on.
void Emitter::noteResultCall(const clang::CallExpr* call, const CallShape& shape) {
  const std::optional<Side> side = sideOf(shape.receiverType);
  if (!side || !shape.receiver) return;
  const Path object = resolver.receiver(shape);
  const How how = howOf(*shape.model, *side);
  if (how == How::Stores && resolver.callOperator(shape.receiver->IgnoreParenImpCasts()->getType())) {
    Call event;
    event.callee.kind = Callee::Kind::Indirect;
    event.callee.target = Value::load(callableOf(object));
    event.callee.name = object.text();
    event.arguments = passedArguments(shape.callee, shape.arguments);
    emit(call->getExprLoc(), std::move(event));
  }
  useResult(call->getExprLoc(), object, *side, how);
  if (how == How::Hands) useResult(call->getExprLoc(), resolver.placeOfMade(call), Side::Reader, How::Begins);
}

/// A promise, task or future goes to library code by move, or is open to it.
void Emitter::noteResultPassed(const clang::Expr* argument, clang::QualType parameter) {
  const std::optional<Side> side = sideOf(tu.library.type(argument->getType()));
  if (!side || !parameter->isReferenceType() || parameter.getNonReferenceType().isConstQualified()) return;
  if (argument->isLValue() && !parameter->isLValueReferenceType()) return;
  useResult(argument->getExprLoc(), resolver.place(argument), *side,
            argument->isLValue() ? How::Tests : How::Leaves);
}

}  // namespace deadheat
