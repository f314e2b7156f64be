// Values that carry their lock (folly::Synchronized, boost::synchronized_value), holds that change their mode, and
// work done by several threads at once before a call returns.
#include "analyzers/extract/emitter.h"

namespace deadheat {

namespace {

Path innerLock(const Path& object) { return object.then(PathStep::field("", "$mutex")); }
Path innerValue(const Path& object) { return object.then(PathStep::field("", "$value")); }

}  // namespace

/// `object.wlock()`: the guard it returns names the lock as any guard does, and the value by a field of its own.
void Emitter::lockPointerCall(const clang::CallExpr* call, const CallShape& shape) {
  const Path object = resolver.object(shape, shape.model->object);
  const Path guard = resolver.place(call);
  if (!object.known() || !guard.known()) return;
  const clang::SourceLocation at = call->getExprLoc();
  const Path lock = guard.then(PathStep::field("", "$lock"));
  moved.erase(guard);
  assign(at, lock, Value::addressOf(innerLock(object)));
  assign(at, guard.then(PathStep::field("", "$data")), Value::addressOf(innerValue(object)));
  const GuardLock inner{lock.then(PathStep::deref()), {}};
  if (shape.model->wait == LockWait::Blocking)
    takeLock(at, inner, shape.model->mode, LockWait::Blocking, LockHolder::Guard, 0);
  if (!out->empty())
    if (auto* acquire = std::get_if<Acquire>(&out->back().what)) acquire->type = lockedTypeName(shape);
}

std::string Emitter::lockedTypeName(const CallShape& shape) {
  if (!shape.receiver) return {};
  clang::QualType type = shape.receiver->IgnoreParenImpCasts()->getType();
  if (type->isPointerType()) type = type->getPointeeType();
  return tu.names.type(type.getUnqualifiedType());
}

/// `object.withWLock(f)`: f gets the value while the lock is held.
void Emitter::lockedCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const Path object = resolver.object(shape, model.object);
  const clang::Expr* callable = callableArgument(shape, model.entry);
  if (!object.known() || !callable) return;
  const clang::SourceLocation at = call->getExprLoc();
  Acquire acquire;
  acquire.lock = innerLock(object);
  acquire.mode = model.mode;
  acquire.holder = LockHolder::Guard;
  acquire.type = lockedTypeName(shape);
  emit(at, std::move(acquire));
  Entry start = entry(callable, {});
  start.arguments.push_back(Value::addressOf(innerValue(object)));
  invokeEntry(call, std::move(start), call);
  emit(at, Release{innerLock(object), model.mode, LockHolder::Guard});
}

/// A shared hold becomes exclusive or the other way round, with nobody else in between.
void Emitter::changeMode(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const Path object = resolver.object(shape, model.object);
  const clang::Expr* named = argumentAt(shape, model.object);
  if (!object.known() || !named) return;
  clang::QualType type = named->IgnoreParenImpCasts()->getType();
  if (type->isPointerType()) type = type->getPointeeType();
  const bool isUpgrade = model.effect == Effect::Upgrade;
  changeMode(call->getExprLoc(), {object, type}, isUpgrade, LockHolder::Hand);
}

void Emitter::changeMode(clang::SourceLocation at, const GuardLock& lock, bool toExclusive, LockHolder holder) {
  emit(at, Release{lock.path, toExclusive ? LockMode::Shared : LockMode::Exclusive, holder});
  takeLock(at, lock, toExclusive ? LockMode::Exclusive : LockMode::Shared, LockWait::Blocking, holder, 0);
}

/// A guard that is made of another and holds its lock exclusively while it lives.
void Emitter::upgradeGuard(clang::SourceLocation at, const Path& guard, const clang::Expr* source) {
  const Path from = resolver.place(source);
  if (!from.known()) return;
  for (const GuardLock& lock : guardLocks(from, source->getType())) {
    const Path own = guard.then(lock.path.steps.back());
    assign(at, own, Value::load(lock.path));
    changeMode(at, {own.then(PathStep::deref()), lock.type}, true, LockHolder::Guard);
  }
}

const clang::Expr* Emitter::argumentAt(const CallShape& shape, int position) {
  if (position == FunctionModel::kThis && shape.receiver) return shape.receiver;
  if (position == FunctionModel::kThis) position = 0;
  if (position == FunctionModel::kCallable) return callableArgument(shape, position);
  const bool exists = position >= 0 && static_cast<std::size_t>(position) < shape.arguments.size();
  return exists ? shape.arguments[position] : nullptr;
}

bool Emitter::isCallable(const clang::Expr* argument) {
  const clang::QualType type = argument->getType().getNonReferenceType();
  if (tu.library.is(type, TypeKind::Tag)) return false;  // Some can be called, to make others.
  if (type->isFunctionPointerType() || type->isMemberFunctionPointerType()) return true;
  if (type->isFunctionType()) return resolver.namedFunction(argument) != nullptr;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(makingExpression(argument)))
    if (effectOf(tu.library.shape(call)) == Effect::Bind) return true;
  return tu.library.is(type, TypeKind::Callable) || resolver.callOperator(type) != nullptr;
}

const clang::Expr* Emitter::callableArgument(const CallShape& shape, int position) {
  if (position == FunctionModel::kLast) {
    const clang::Expr* last = lastWritten(shape);
    return last && (isCallable(last) || isCallable(last->IgnoreParenImpCasts())) ? last : nullptr;
  }
  if (position != FunctionModel::kCallable) return argumentAt(shape, position);
  for (const clang::Expr* argument : shape.arguments)
    if (isCallable(argument) || isCallable(argument->IgnoreParenImpCasts())) return argument;
  return nullptr;
}

llvm::ArrayRef<const clang::Expr*> Emitter::boundArguments(const CallShape& shape, const clang::Expr* callable) {
  const FunctionModel& model = *shape.model;
  const llvm::ArrayRef<const clang::Expr*> all = shape.arguments;
  if (model.entry == FunctionModel::kCallable && callable) {
    const auto* at = std::find(all.begin(), all.end(), callable);
    return at == all.end() ? llvm::ArrayRef<const clang::Expr*>() : llvm::ArrayRef(at + 1, all.end());
  }
  if (model.bound < 0 || static_cast<std::size_t>(model.bound) >= all.size()) return {};
  return all.drop_front(model.bound);
}

/// `object.run()` or `pool.start(object)`: what runs is a method of an object.
std::optional<Entry> Emitter::methodEntry(const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const clang::Expr* object = argumentAt(shape, model.entry);
  if (!object) return std::nullopt;
  clang::QualType type = object->IgnoreParenImpCasts()->getType().getNonReferenceType();
  const bool isPointer = type->isPointerType() || tu.library.isPointerLike(type);
  if (tu.library.isPointerLike(type)) {
    const auto* holder = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
    if (!holder || holder->getTemplateArgs().size() == 0 ||
        holder->getTemplateArgs()[0].getKind() != clang::TemplateArgument::Type)
      return std::nullopt;
    type = holder->getTemplateArgs()[0].getAsType();
  } else if (isPointer) {
    type = type->getPointeeType();
  }
  const clang::CXXMethodDecl* method = methodNamed(type->getAsCXXRecordDecl(), model.method);
  if (!method) return std::nullopt;
  Entry start;
  start.callee = directCallee(method);
  const bool isExact = !isPointer && llvm::isa<clang::DeclRefExpr>(object->IgnoreParenImpCasts());
  if (method->isVirtual() && !isExact && !method->getParent()->isEffectivelyFinal())
    start.callee.kind = Callee::Kind::Virtual;
  start.receiver = isPointer ? resolver.value(object->IgnoreParenImpCasts())
                             : Value::addressOf(resolver.place(object->IgnoreParenImpCasts()));
  return start;
}

const clang::CXXMethodDecl* Emitter::methodNamed(const clang::CXXRecordDecl* record, llvm::StringRef name) {
  if (!record || !record->getDefinition()) return nullptr;
  for (const clang::CXXMethodDecl* method : record->getDefinition()->methods())
    if (method->getIdentifier() && method->getName() == name) return method;
  for (const clang::CXXBaseSpecifier& base : record->getDefinition()->bases())
    if (const clang::CXXMethodDecl* method = methodNamed(base.getType()->getAsCXXRecordDecl(), name)) return method;
  return nullptr;
}

bool Emitter::isPolicy(const CallShape& shape, GuardTag tag) {
  const TypeModel* type = shape.arguments.empty() ? nullptr : tu.library.type(shape.arguments[0]->getType());
  return type && type->kind == TypeKind::Tag && type->tag == tag;
}

CallShape Emitter::withoutPolicy(CallShape shape) {
  shape.arguments.erase(shape.arguments.begin());
  return shape;
}

/// Each guard holds what the other held.
void Emitter::swapGuards(const clang::CallExpr* call, const CallShape& shape) {
  const clang::Expr* other = argumentAt(shape, shape.model->object);
  if (!other || !shape.receiver) return;
  const Path a = resolver.receiver(shape);
  const Path b = resolver.place(other);
  if (!a.known() || !b.known()) return;
  const Path aside = scope.temporary(RootKind::Local, "$swap", call);
  for (const GuardLock& lock : guardLocks(a, other->getType())) {
    const PathStep& cell = lock.path.steps.back();
    assign(call->getExprLoc(), aside.then(cell), Value::load(a.then(cell)));
    assign(call->getExprLoc(), a.then(cell), Value::load(b.then(cell)));
    assign(call->getExprLoc(), b.then(cell), Value::load(aside.then(cell)));
  }
  const bool wasMoved = moved.contains(a);
  moved.contains(b) ? void(moved.insert(a)) : void(moved.erase(a));
  wasMoved ? void(moved.insert(b)) : void(moved.erase(b));
}

/// Two threads stand for as many as the library takes.
void Emitter::parallelCall(const clang::CallExpr* call, const CallShape& shape) {
  constexpr int kThreads = 2;
  const clang::Expr* callable = callableArgument(shape, shape.model->entry);
  if (!callable) return;
  const Path handle = scope.temporary(RootKind::Local, "$parallel", call);
  for (int i = 0; i < kThreads; ++i) {
    Entry start = entry(callable, boundArguments(shape, callable));
    Spawn event;
    event.entry = std::move(start.callee);
    event.receiver = std::move(start.receiver);
    if (event.receiver && event.receiver->kind == Value::Kind::Object)
      event.receiver = Value::addressOf(event.receiver->path);  // One callable for all of them.
    event.arguments = std::move(start.arguments);
    event.handle = handle.then(PathStep::element(std::to_string(i)));
    event.where = SpawnWhere::Task;
    event.how = shape.model->name;
    emit(call->getExprLoc(), std::move(event));
  }
  for (int i = 0; i < kThreads; ++i)
    emit(call->getExprLoc(), Join{handle.then(PathStep::element(std::to_string(i)))});
}

}  // namespace deadheat
