// Atomic operations: library types and functions, C11 _Atomic, compiler builtins.
#include <algorithm>

#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;

namespace {

/// A compare-and-exchange that may fail for no reason.
bool isWeak(const clang::AtomicExpr* atomic) {
  if (atomic->getOp() == clang::AtomicExpr::AO__c11_atomic_compare_exchange_weak) return true;
  const bool gnu = atomic->getOp() == clang::AtomicExpr::AO__atomic_compare_exchange ||
                   atomic->getOp() == clang::AtomicExpr::AO__atomic_compare_exchange_n;
  const auto* weak = gnu ? dyn_cast<clang::IntegerLiteral>(atomic->getWeak()->IgnoreParenImpCasts()) : nullptr;
  const auto* flag = gnu ? dyn_cast<clang::CXXBoolLiteralExpr>(atomic->getWeak()->IgnoreParenImpCasts()) : nullptr;
  return (weak && weak->getValue() != 0) || (flag && flag->getValue());
}

}  // namespace

MemoryOrder memoryOrder(std::int64_t number) {
  switch (number) {
    case 0:
      return MemoryOrder::Relaxed;
    case 1:
      return MemoryOrder::Consume;
    case 2:
      return MemoryOrder::Acquire;
    case 3:
      return MemoryOrder::Release;
    case 4:
      return MemoryOrder::AcqRel;
    default:
      return MemoryOrder::SeqCst;
  }
}

MemoryOrder Emitter::order(const clang::Expr* argument) {
  clang::Expr::EvalResult result;
  if (!argument || argument->isValueDependent() || !argument->EvaluateAsInt(result, tu.ast)) return MemoryOrder::SeqCst;
  return memoryOrder(result.Val.getInt().getExtValue());
}

void Emitter::atomicCall(const clang::CallExpr* call, const CallShape& shape, Effect effect) {
  Access event;
  event.kind = effect == Effect::Load    ? AccessKind::Read
               : effect == Effect::Store ? AccessKind::Write
                                         : AccessKind::ReadWrite;
  event.atomicity = Atomicity::Atomic;
  event.order = MemoryOrder::SeqCst;
  for (const clang::Expr* argument : shape.arguments) {
    const clang::TagDecl* tag = argument->getType()->getAsTagDecl();
    const auto* alias = argument->IgnoreParenImpCasts()->getType()->getAs<clang::TypedefType>();
    const bool isOrder = (tag && modelName(tag) == "std::memory_order") || (tag && tag->getName() == "memory_order") ||
                         (alias && alias->getDecl()->getName() == "memory_order");
    if (!isOrder) continue;
    event.order = order(argument);
    break;
  }
  if (effect == Effect::Fence) {
    event.operation = "fence";
    return emit(call->getExprLoc(), std::move(event));
  }
  const clang::Expr* named = shape.receiver;
  const int position = shape.model ? std::max(shape.model->object, 0) : 0;
  event.path = resolver.object(shape, shape.receiver ? FunctionModel::kThis : position);
  if (!named && shape.arguments.size() > static_cast<std::size_t>(position)) named = shape.arguments[position];
  if (!named) return;
  if (shape.receiverType && shape.receiverType->name == "std::atomic_ref")
    event.path = std::move(event.path).then(PathStep::field("", "$ref")).then(PathStep::deref());
  if (!event.path.known() || !scope.isShared(event.path)) return;
  clang::QualType type = named->IgnoreParenImpCasts()->getType();
  if (type->isPointerType()) type = type->getPointeeType();
  event.type = tu.names.type(type.getUnqualifiedType());
  if (llvm::StringRef(shape.callee->getNameAsString()).contains("compare_exchange_weak"))
    event.operation = shape.callee->getNameAsString();
  const std::size_t first = shape.receiver ? 0 : 1;
  if (effect == Effect::Store && shape.arguments.size() > first)
    computeFrom(call->getExprLoc(), event.path, shape.arguments[first]);
  emit(call->getExprLoc(), std::move(event));
  if (shape.callee->getOverloadedOperator() == clang::OO_Equal && flows(shape.arguments[0]->getType()))
    assign(call->getExprLoc(), resolver.receiver(shape), resolver.value(shape.arguments[0]));
  if (effect == Effect::Store && shape.receiver && shape.callee->getOverloadedOperator() == clang::OO_None &&
      !shape.arguments.empty() && shape.arguments[0]->getType()->isPointerType())
    assign(call->getExprLoc(), resolver.receiver(shape), resolver.value(shape.arguments[0]));
}

void Emitter::visitAtomic(const clang::AtomicExpr* atomic) {
  const llvm::StringRef name = atomic->getOp() == clang::AtomicExpr::AO__c11_atomic_init ? "init" : "";
  if (name == "init") return;
  Access event;
  event.path = resolver.pointee(atomic->getPtr());
  switch (atomic->getOp()) {
    case clang::AtomicExpr::AO__c11_atomic_load:
    case clang::AtomicExpr::AO__atomic_load:
    case clang::AtomicExpr::AO__atomic_load_n:
      event.kind = AccessKind::Read;
      break;
    case clang::AtomicExpr::AO__c11_atomic_store:
    case clang::AtomicExpr::AO__atomic_store:
    case clang::AtomicExpr::AO__atomic_store_n:
      event.kind = AccessKind::Write;
      break;
    default:
      event.kind = AccessKind::ReadWrite;
  }
  event.atomicity = Atomicity::Atomic;
  event.order = order(atomic->getOrder());
  if (!event.path.known() || !scope.isShared(event.path)) return;
  event.type = tu.names.type(atomic->getPtr()->getType()->getPointeeType().getUnqualifiedType());
  if (isWeak(atomic)) event.operation = "compare_exchange_weak";
  if (event.kind == AccessKind::Write && atomic->getNumSubExprs() > 2)
    computeFrom(atomic->getBeginLoc(), event.path, atomic->getVal1());
  emit(atomic->getBeginLoc(), event);
  if (event.kind != AccessKind::Read && atomic->getNumSubExprs() > 2 && flows(atomic->getVal1()->getType()) &&
      event.kind == AccessKind::Write)
    assign(atomic->getBeginLoc(), resolver.pointee(atomic->getPtr()), resolver.value(atomic->getVal1()));
}

bool Emitter::builtinCall(const clang::CallExpr* call, const CallShape& shape) {
  if (!shape.callee->getIdentifier()) return false;
  const llvm::StringRef name = shape.callee->getName();
  if (name.starts_with("__") && name.ends_with("atomic_thread_fence")) {
    Access fence;
    fence.atomicity = Atomicity::Atomic;
    fence.kind = AccessKind::ReadWrite;
    fence.order = order(call->getNumArgs() > 0 ? call->getArg(0) : nullptr);
    fence.operation = "fence";
    emit(call->getExprLoc(), std::move(fence));
    return true;
  }
  if (!name.starts_with("__sync_")) return name.starts_with("__builtin_") && !shape.model;
  Access event;
  event.atomicity = Atomicity::Atomic;
  event.order = MemoryOrder::SeqCst;
  event.kind = AccessKind::ReadWrite;
  if (name == "__sync_synchronize") {
    event.operation = "fence";
    emit(call->getExprLoc(), std::move(event));
    return true;
  }
  if (name.starts_with("__sync_lock_release")) {
    event.kind = AccessKind::Write;
    event.order = MemoryOrder::Release;
  }
  if (name.starts_with("__sync_lock_test_and_set")) event.order = MemoryOrder::Acquire;
  if (call->getNumArgs() == 0) return true;
  event.path = resolver.pointee(call->getArg(0));
  if (!event.path.known() || !scope.isShared(event.path)) return true;
  clang::QualType pointer = call->getArg(0)->getType();
  event.type = tu.names.type(pointer->isPointerType() ? pointer->getPointeeType().getUnqualifiedType() : pointer);
  emit(call->getExprLoc(), std::move(event));
  return true;
}

}  // namespace deadheat
