// Calls of library functions: what the models say, and the rule for those without a model.
#include "analyzers/extract/contracts.h"
#include "analyzers/extract/coroutines.h"
#include "analyzers/extract/emitter.h"
#include "clang/AST/DeclTemplate.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

Suspend switchIn(const FunctionModel& model) {
  return {Suspend::Kind::Switch, model.what.empty() ? model.name : model.what, {}, {}, model.resumes};
}

/// What waits for the object is a fiber, which lets its thread run others meanwhile.
bool isOfFibers(const CallShape& shape) {
  const TypeModel* type = shape.receiverType;
  if (!type || type->resumes == Resumption::Unknown) return false;
  return type->kind == TypeKind::Thread || type->kind == TypeKind::Future || type->kind == TypeKind::Condition;
}

}  // namespace

std::string Emitter::operationName(const CallShape& shape) {
  std::string method = llvm::StringRef(modelName(shape.callee)).rsplit("::").second.str();
  if (shape.receiverType) return shape.receiverType->name + "::" + method;
  return modelName(shape.callee);
}

void Emitter::libraryAccess(const clang::Expr* at, const Path& path, AccessKind kind, clang::QualType type,
                            const std::string& operation, bool foreign) {
  if (!path.known() || !scope.isShared(path)) return;
  Access access;
  access.path = path;
  access.kind = kind;
  if (type->isPointerType()) type = type->getPointeeType();
  access.type = tu.names.type(type.getNonReferenceType().getUnqualifiedType());
  access.operation = operation;
  access.foreign = foreign;
  emit(at->getExprLoc(), std::move(access));
}

bool Emitter::libraryCall(const clang::CallExpr* call, const CallShape& shape) {
  if (shape.receiver && !shape.receiverIsPointer) lookThrough(shape.receiver);
  if (shape.model) {
    modelledCall(call, shape);
    return true;
  }
  const bool isLibrary = tu.library.inSystemHeader(shape.callee);
  if (!isLibrary || hasContracts(shape.callee)) return false;
  unmodelledCall(call, shape);
  return true;
}

std::string Emitter::allocatedType(const clang::CallExpr* call) {
  const clang::Stmt* user = parents().getParentIgnoreParens(call);
  const auto* cast = dyn_cast_or_null<clang::CastExpr>(user);
  const clang::QualType type = cast ? cast->getType() : call->getType();
  return tu.names.type(type->isPointerType() ? type->getPointeeType() : type);
}

void Emitter::modelledCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const clang::SourceLocation at = call->getExprLoc();
  if (model.awaited) return;  // See resumeWith.
  noteResultCall(call, shape);
  switch (model.effect) {
    case Effect::Nothing:
      return noteStrand(at, call->getType(), resolver.place(call));
    case Effect::Gather:
      for (const clang::Expr* argument : shape.arguments) {
        const clang::Expr* task = handedOn(tu, argument);
        const Path path = isTask(tu, task->getType()) ? resolver.place(task) : Path();
        if (path.known()) emit(at, Escape{Value::object(path)});
      }
      return;
    case Effect::Try:
    case Effect::TryAll:
      if (expected_.contains(call)) {
        Success success = Success::True;
        for (Event& event : triedBy(call, success)) out->push_back(std::move(event));
      }
      return;
    case Effect::Owns:
    case Effect::Self:
    case Effect::Forward:
    case Effect::Ref:
      return;
    case Effect::Once:
      return onceCall(call, shape);
    case Effect::Invoke:
      if (isPolicy(shape, GuardTag::Parallel)) return parallelCall(call, withoutPolicy(shape));
      return invokeCall(call, isPolicy(shape, GuardTag::Sequential) ? withoutPolicy(shape) : shape);
    case Effect::Bind:
      // A callable with its executor: runOn looks at it where it is given.
      if (model.entry > 0 || (shape.receiverType && shape.receiverType->kind == TypeKind::Executor)) return;
      return bindCall(call, shape);
    case Effect::Allocate:
      return emit(at, Allocate{scope.allocation(call), allocatedType(call)});
    case Effect::Reallocate:
      if (const Path object = resolver.object(shape, model.object); object.known()) return emit(at, Free{object});
      return emit(at, Allocate{scope.allocation(call), allocatedType(call)});
    case Effect::Free: {
      const Path object = resolver.object(shape, model.object);
      if (object.known()) emit(at, Free{object});
      return;
    }
    case Effect::Make:
      return makeObject(call, shape);
    case Effect::Fill:
      return fillMemory(call, shape);
    case Effect::Copy:
      return copyMemory(call, shape);
    case Effect::Load:
    case Effect::Store:
    case Effect::Exchange:
    case Effect::Fence:
      return atomicCall(call, shape, model.effect);
    case Effect::Get:
    case Effect::Reset:
      return pointerLikeCall(call, shape, model.effect);
    case Effect::Read:
    case Effect::Write:
    case Effect::Element:
    case Effect::Grow:
    case Effect::Mapped:
    case Effect::Iterate:
    case Effect::Insert:
    case Effect::Emplace:
      return containerCall(call, shape, model.effect);
    default:
      return synchronisingCall(call, shape);
  }
}

void Emitter::synchronisingCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const clang::SourceLocation at = call->getExprLoc();
  switch (model.effect) {
    case Effect::Acquire:
    case Effect::Release:
    case Effect::Disown:
      return lockCall(call, shape);
    case Effect::AcquireAll:
      return lockAll(call, shape);
    case Effect::Upgrade:
    case Effect::Downgrade:
      return changeMode(call, shape);
    case Effect::Swap:
      return swapGuards(call, shape);
    case Effect::LockPointer:
      return lockPointerCall(call, shape);
    case Effect::LockedCall:
      return lockedCall(call, shape);
    case Effect::Parallel:
      return parallelCall(call, shape);
    case Effect::Wait:
      if (isOfFibers(shape)) emit(at, switchIn(model));
      return waitCall(call, shape);
    case Effect::NotifyOne:
      return emit(at, Notify{signalled(shape), Notify::Whom::One, isSafeInSignal(shape)});
    case Effect::NotifyAll:
      return emit(at, Notify{signalled(shape), Notify::Whom::All, isSafeInSignal(shape)});
    case Effect::Spawn:
      return spawnCall(call, shape);
    case Effect::Join:
      if (isOfFibers(shape)) emit(at, switchIn(model));
      if (const clang::Expr* awaitable = argumentAt(shape, model.object)) joinGathered(awaitable);
      return emit(at, Join{resolver.object(shape, model.object),
                           model.awaited                      ? Join::By::Await
                           : model.wait == LockWait::Blocking ? Join::By::Call
                                                              : Join::By::Try,
                           shape.receiverType && shape.receiverType->kind == TypeKind::Future});
    case Effect::Run:
      return runExecutor(call, shape);
    case Effect::Detach:
      return emit(at, Detach{resolver.object(shape, model.object)});
    case Effect::Begin:
    case Effect::End:
      return lifetimeCall(call, shape);
    case Effect::Block:
      if (model.what == "sleep") notePolling(call);
      return emit(at, Block{model.what, resolver.object(shape, model.object)});
    case Effect::Suspend:
      return emit(at, switchIn(model));
    case Effect::Resume:
    case Effect::Destroy:
      return emit(at, Resume{resolver.object(shape, model.object),
                             model.effect == Effect::Resume ? Resume::How::Resume : Resume::How::Destroy});
    case Effect::Start:
      if (const clang::Expr* task = argumentAt(shape, model.object)) startTask(call, task, model.handle);
      return;
    default:
      return;
  }
}

/// What a call signals: of a promise the state that its future shares.
Path Emitter::signalled(const CallShape& shape) {
  Path object = resolver.object(shape, shape.model->object);
  const bool isPromise = shape.receiverType && shape.receiverType->kind == TypeKind::Promise;
  return isPromise && object.known() ? std::move(object).then(PathStep::deref()) : object;
}

void Emitter::containerCall(const clang::CallExpr* call, const CallShape& shape, Effect effect) {
  const int position = shape.model ? shape.model->object : FunctionModel::kThis;
  const Path object = resolver.object(shape, position);
  const clang::Expr* named = position == FunctionModel::kThis                              ? shape.receiver
                             : static_cast<std::size_t>(position) < shape.arguments.size() ? shape.arguments[position]
                                                                                           : nullptr;
  if (!named) return;
  // A range-for reads its range once.
  const auto* range = dyn_cast<clang::DeclRefExpr>(named->IgnoreParenImpCasts());
  const bool isHidden = range && range->getDecl()->isImplicit() && range->getDecl()->getName().starts_with("__range");
  if (isHidden && shape.callee->getIdentifier() && shape.callee->getName() == "end") return;
  const clang::QualType type = named->IgnoreParenImpCasts()->getType();
  const bool isWrite =
      effect == Effect::Write || effect == Effect::Grow || effect == Effect::Insert || effect == Effect::Emplace;
  const clang::QualType bare = type->isPointerType() ? type->getPointeeType() : type;
  const bool immutable = !isWrite && bare.isConstQualified() && isa<clang::DeclRefExpr>(named->IgnoreParenImpCasts()) &&
                         !bare->isReferenceType() && object.steps.empty();
  if (!immutable)
    libraryAccess(call, object, isWrite ? AccessKind::Write : AccessKind::Read, type, operationName(shape));
  const Path element = object.then(PathStep::element());
  if (effect == Effect::Insert && !shape.arguments.empty()) {
    const clang::Expr* kept = shape.arguments.back();
    if (tu.library.is(bare, TypeKind::Container) && flows(kept->getType()))
      assign(call->getExprLoc(), element, resolver.value(kept));
  } else if (effect == Effect::Emplace) {
    const auto* record = dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(bare->getAsCXXRecordDecl());
    if (!record || record->getTemplateArgs().size() == 0 ||
        record->getTemplateArgs()[0].getKind() != clang::TemplateArgument::Type)
      return;
    const auto from = std::min<std::size_t>(std::max(shape.model->bound, 0), shape.arguments.size());
    constructElement(call, element, record->getTemplateArgs()[0].getAsType(),
                     llvm::ArrayRef(shape.arguments).drop_front(from));
  }
}

void Emitter::pointerLikeCall(const clang::CallExpr* call, const CallShape& shape, Effect effect) {
  const Path pointer = resolver.receiver(shape);
  if (sideOf(shape.receiverType)) return;  // A task that is reset has a new state under the old name.
  if (!shape.receiver || (shape.receiverType && shape.receiverType->kind == TypeKind::Guard)) return;
  const clang::QualType type = shape.receiver->IgnoreParenImpCasts()->getType();
  if (effect == Effect::Get) return libraryAccess(call, pointer, AccessKind::Read, type, operationName(shape));
  if (shape.receiverType && shape.receiverType->owns) loseObject(pointer, type, call->getExprLoc());
  libraryAccess(call, pointer, AccessKind::Write, type, operationName(shape));
  const bool empties = shape.arguments.empty() || isa<clang::CXXDefaultArgExpr>(shape.arguments[0]);
  assign(call->getExprLoc(), pointer, empties ? Value::constant() : resolver.value(shape.arguments[0]));
  if (empties)
    moved.insert(pointer);
  else
    moved.erase(pointer);
}

void Emitter::copyMemory(const clang::CallExpr* call, const CallShape& shape) {
  for (std::size_t i = 0; i < 2 && i < shape.arguments.size(); ++i) {
    const clang::Expr* argument = shape.arguments[i]->IgnoreParenImpCasts();
    libraryAccess(call, resolver.object(shape, static_cast<int>(i)), i == 0 ? AccessKind::Write : AccessKind::Read,
                  argument->getType(), operationName(shape));
  }
}

void Emitter::fillMemory(const clang::CallExpr* call, const CallShape& shape) {
  for (std::size_t i = std::max(shape.model->object, 0); i < shape.arguments.size(); ++i) {
    const clang::QualType type = shape.arguments[i]->IgnoreParenImpCasts()->getType();
    if (!type->isPointerType() && !type->isArrayType()) continue;
    libraryAccess(call, resolver.object(shape, static_cast<int>(i)), AccessKind::Write, type, {});
  }
}

void Emitter::callHeld(const clang::CallExpr* call, const CallShape& shape) {
  const Path object = resolver.receiver(shape);
  libraryAccess(call, object, AccessKind::Read, shape.receiver->IgnoreParenImpCasts()->getType(), operationName(shape));
  Call event;
  event.callee.kind = Callee::Kind::Indirect;
  event.callee.target = Value::load(object);
  event.callee.name = object.text();
  event.callee.signature = tu.names.canonicalType(shape.callee->getType());
  event.arguments = passedArguments(shape.callee, shape.arguments);
  event.result = resultOf(call);
  emit(call->getExprLoc(), std::move(event));
}

void Emitter::unmodelledCall(const clang::CallExpr* call, const CallShape& shape) {
  const auto* method = dyn_cast<clang::CXXMethodDecl>(shape.callee);
  const TypeKind kind = shape.receiverType ? shape.receiverType->kind : TypeKind::Plain;
  const clang::OverloadedOperatorKind op = shape.callee->getOverloadedOperator();
  if (!method || method->isStatic() || !shape.receiver) return escapeCallbacks(call, shape);
  const Path object = resolver.receiver(shape);
  const clang::QualType type = shape.receiver->IgnoreParenImpCasts()->getType();
  const clang::SourceLocation at = call->getExprLoc();
  if (!shape.receiverIsPointer) handTask(shape.receiver);
  const bool isAssignment = op == clang::OO_Equal && !shape.arguments.empty();
  switch (kind) {
    case TypeKind::Callable:
      if (op == clang::OO_Call) return callHeld(call, shape);
      break;
    case TypeKind::Thread:
    case TypeKind::Future:
    case TypeKind::Promise:
      if (const auto side = sideOf(shape.receiverType)) {
        const bool isGiven = isAssignment && side == ResultUse::Side::Reader;
        useResult(at, object, *side, isGiven ? ResultUse::How::Begins : ResultUse::How::Tests);
      }
      if (!isAssignment) return;
      if (shape.receiverType->joins) {
        emit(at, Join{object, Join::By::End});
      } else if (shape.receiverType->terminates) {
        emit(at, Abandon{object, Abandon::How::Overwritten});
      }
      return assign(at, object, resolver.value(shape.arguments[0]));
    case TypeKind::Guard:
      if (!isAssignment) return;
      releaseGuard(at, object, type, shape.receiverType->mode);
      moveGuard(at, object, shape.arguments[0]);
      return;
    case TypeKind::SmartPointer:
    case TypeKind::Iterator:
      if (op == clang::OO_Star || op == clang::OO_Arrow || op == clang::OO_Subscript)
        return pointerLikeCall(call, shape, Effect::Get);
      if (isAssignment) {
        Value held = resolver.value(shape.arguments[0]);
        const bool empties = held.kind == Value::Kind::Constant;
        if (shape.receiverType->owns && empties) loseObject(object, type, at);
        libraryAccess(call, object, AccessKind::Write, type, operationName(shape));
        moved.erase(object);
        return assign(at, object, std::move(held));
      }
      break;
    case TypeKind::Atomic:
      return atomicCall(call, shape, method->isConst() ? Effect::Load : Effect::Exchange);
    case TypeKind::Lock:
    case TypeKind::Condition:
    case TypeKind::Once:
    case TypeKind::Synchronized:
    case TypeKind::Awaitable:
    case TypeKind::Executor:
    case TypeKind::Tag:
      return escapeCallbacks(call, shape);
    default:
      break;
  }
  if (kind == TypeKind::Container && shape.callee->getIdentifier() && shape.callee->getName() == "reset")
    emptyHolder(object, type, at);
  const bool isObjectConst = type.isConstQualified();
  const std::string operation = operationName(shape);
  libraryAccess(call, object, method->isConst() || isObjectConst ? AccessKind::Read : AccessKind::Write, type,
                operation, !shape.receiverType && !llvm::StringRef(operation).starts_with("std::"));
  if (isAssignment && (kind == TypeKind::Callable || kind == TypeKind::Container || flows(type)))
    return assign(at, object, resolver.value(shape.arguments[0]));
  escapeCallbacks(call, shape);
}

void Emitter::accessArguments(const clang::Expr* call, const clang::FunctionDecl* callee,
                              llvm::ArrayRef<const clang::Expr*> arguments, Effect effect) {
  if (effect == Effect::Forward || effect == Effect::Ref) return;
  for (const clang::Expr* argument : arguments) lookThrough(argument);
  for (const clang::Expr* argument : arguments) handTask(argument);
  if (effect == Effect::Copy || effect == Effect::Write) return;
  // What gives a reference back, like std::get, may only pass one on.
  const bool aliases =
      call->isGLValue() && effect == Effect::Nothing && callee->getOverloadedOperator() == clang::OO_None;
  const clang::FunctionDecl* pattern = callee->getTemplateInstantiationPattern();
  for (std::size_t i = 0; i < arguments.size() && i < callee->getNumParams(); ++i) {
    const clang::Expr* argument = arguments[i];
    const clang::QualType parameter = callee->getParamDecl(i)->getType();
    if (!parameter->isReferenceType() || !argument->isLValue()) continue;
    const clang::QualType type = argument->getType();
    const TypeModel* model = tu.library.type(type);
    const clang::TagDecl* tag = type->getAsTagDecl();
    const bool isScalar = type->isScalarType();
    const bool isLibraryObject = tag && type->isRecordType() && tu.library.inSystemHeader(tag) &&
                                 (!model || model->kind == TypeKind::Plain || model->kind == TypeKind::Container ||
                                  model->kind == TypeKind::SmartPointer);
    if (!isScalar && !isLibraryObject) continue;
    if (aliases && !(isScalar && parameter.getNonReferenceType().isConstQualified())) continue;
    const bool forwards = pattern && pattern->getNumParams() == callee->getNumParams() &&
                          pattern->getParamDecl(i)->getType()->isRValueReferenceType();
    const bool isPack = pattern && pattern->getNumParams() != callee->getNumParams();
    const bool reads = forwards || isPack || parameter.getNonReferenceType().isConstQualified();
    if (isScalar) {
      access(argument, reads ? AccessKind::Read : AccessKind::ReadWrite);
    } else if (!reads || !type.isConstQualified()) {
      libraryAccess(call, resolver.place(argument), reads ? AccessKind::Read : AccessKind::Write, type,
                    modelName(callee));
    }
  }
}

void Emitter::escapeCallbacks(const clang::CallExpr* call, const CallShape& shape) {
  auto isCallable = [&](const clang::Expr* argument) {
    const clang::QualType type = argument->getType();
    if (type->isFunctionPointerType() || type->isFunctionType())
      return resolver.namedFunction(argument) != nullptr || !type->isFunctionType();
    return tu.library.is(type, TypeKind::Callable) || resolver.callOperator(type) != nullptr;
  };
  bool hasCallback = false;
  for (const clang::Expr* argument : shape.arguments)
    if (isCallable(argument->IgnoreParenImpCasts()) || isCallable(argument)) hasCallback = true;
  if (!hasCallback) return;
  for (const clang::Expr* argument : shape.arguments) {
    Value value = resolver.value(argument);
    if (value.kind == Value::Kind::Unknown || value.kind == Value::Kind::Constant) continue;
    if (argument->getType()->isPointerType() && argument->getType()->getPointeeType().isConstQualified()) continue;
    emit(call->getExprLoc(), Escape{std::move(value)});
  }
}

}  // namespace deadheat
