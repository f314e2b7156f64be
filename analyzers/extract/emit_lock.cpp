// Locks: guards, locking by hand, several locks at once, conditions.
#include "analyzers/extract/emitter.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/StmtCXX.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// The lock types a guard class is made for.
std::vector<clang::QualType> lockTypes(clang::QualType guard, Library& library) {
  std::vector<clang::QualType> types;
  const clang::CXXRecordDecl* record = guard.getNonReferenceType()->getAsCXXRecordDecl();
  if (!record) return types;
  if (const auto* specialization = dyn_cast<clang::ClassTemplateSpecializationDecl>(record)) {
    for (const clang::TemplateArgument& argument : specialization->getTemplateArgs().asArray()) {
      if (argument.getKind() == clang::TemplateArgument::Type) types.push_back(argument.getAsType());
      if (argument.getKind() != clang::TemplateArgument::Pack) continue;
      for (const clang::TemplateArgument& each : argument.pack_elements())
        if (each.getKind() == clang::TemplateArgument::Type) types.push_back(each.getAsType());
    }
    return types;
  }
  if (record->getDefinition())
    for (const clang::CXXConstructorDecl* constructor : record->getDefinition()->ctors())
      for (const clang::ParmVarDecl* parameter : constructor->parameters()) {
        clang::QualType type = parameter->getType().getNonReferenceType();
        if (type->isPointerType()) type = type->getPointeeType();
        if (library.is(type, TypeKind::Lock)) return {type};
      }
  return {clang::QualType()};
}

clang::QualType lockedType(const clang::Expr* lock) {
  clang::QualType type = lock->IgnoreParenImpCasts()->getType();
  return type->isPointerType() ? type->getPointeeType() : type;
}

}  // namespace

std::vector<Emitter::GuardLock> Emitter::guardLocks(const Path& guard, clang::QualType type) {
  std::vector<GuardLock> locks;
  const std::vector<clang::QualType> types = lockTypes(type, tu.library);
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string field = types.size() == 1 ? "$lock" : "$lock" + std::to_string(i);
    locks.push_back({guard.then(PathStep::field("", field)), types[i]});
  }
  return locks;
}

bool Emitter::callUserLock(clang::SourceLocation at, const GuardLock& lock, llvm::StringRef name, LockHolder holder) {
  if (lock.type.isNull() || tu.library.typeOrBase(lock.type)) return false;
  const clang::CXXRecordDecl* record = lock.type->getAsCXXRecordDecl();
  if (!record || !record->getDefinition() || tu.library.inSystemHeader(record)) return false;
  for (const clang::CXXMethodDecl* method : record->getDefinition()->methods()) {
    if (!method->getIdentifier() || method->getName() != name) continue;
    if (tu.library.function(method)) return false;  // A model says what it does.
    Call event;
    event.callee = directCallee(method);
    if (method->isVirtual()) event.callee.kind = Callee::Kind::Virtual;
    event.receiver = Value::addressOf(lock.path);
    event.byGuard = holder == LockHolder::Guard;
    emit(at, std::move(event));
    return true;
  }
  return false;
}

/// The one lock that functions without arguments take.
Path Emitter::unnamedLock(const FunctionModel& model) {
  Path path;
  path.root = {RootKind::Global, 0, "$lock:" + model.what, model.what.empty() ? "the global lock" : model.what};
  return path;
}

void Emitter::takeLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockWait wait,
                       LockHolder holder, std::uint32_t group) {
  if (wait == LockWait::Blocking && callUserLock(at, lock, mode == LockMode::Shared ? "lock_shared" : "lock", holder)) return;
  emit(at, acquireOf(lock, mode, wait, holder, group));
}

Acquire Emitter::acquireOf(const GuardLock& lock, LockMode mode, LockWait wait, LockHolder holder,
                           std::uint32_t group) {
  Acquire event;
  event.lock = lock.path;
  event.mode = mode;
  event.wait = wait;
  event.holder = holder;
  if (const TypeModel* model = tu.library.typeOrBase(lock.type)) {
    event.recursion = model->recursion;
    event.byTask = model->asynchronous;
  }
  event.group = group;
  if (!lock.type.isNull()) event.type = tu.names.type(lock.type.getUnqualifiedType());
  return event;
}

void Emitter::giveLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockHolder holder) {
  if (callUserLock(at, lock, mode == LockMode::Shared ? "unlock_shared" : "unlock", holder)) return;
  emit(at, Release{lock.path, mode, holder});
}

void Emitter::acquireGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode) {
  std::vector<GuardLock> locks = guardLocks(guard, type);
  const std::uint32_t group = locks.size() > 1 ? ++groups_ : 0;
  for (GuardLock& lock : locks) {
    lock.path = std::move(lock.path).then(PathStep::deref());
    takeLock(at, lock, mode, LockWait::Blocking, LockHolder::Guard, group);
  }
}

void Emitter::releaseGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode) {
  if (moved.contains(guard)) return;
  if (const TypeModel* model = tu.library.type(type); model && model->upgrades) {
    for (const GuardLock& lock : guardLocks(guard, type))
      changeMode(at, {lock.path.then(PathStep::deref()), lock.type}, false, LockHolder::Guard);
    return;
  }
  std::vector<GuardLock> locks = guardLocks(guard, type);
  for (auto lock = locks.rbegin(); lock != locks.rend(); ++lock) {
    lock->path = std::move(lock->path).then(PathStep::deref());
    giveLock(at, *lock, mode, LockHolder::Guard);
  }
}

void Emitter::moveGuard(clang::SourceLocation at, const Path& guard, const clang::Expr* source) {
  const Path from = resolver.place(source);
  const std::vector<GuardLock> to = guardLocks(guard, source->getType());
  for (const GuardLock& lock : to)
    if (from.known()) assign(at, lock.path, Value::load(from.then(lock.path.steps.back())));
  if (from.known()) moved.insert(from);
  moved.erase(guard);
  tellOwned(source->getExprLoc(), guard, std::nullopt);
  tellOwned(source->getExprLoc(), from, false);
}

void Emitter::constructGuard(clang::SourceLocation at, const Path& guard, clang::QualType guardType,
                             llvm::ArrayRef<const clang::Expr*> arguments) {
  const TypeModel& model = *tu.library.type(guardType);
  std::vector<GuardLock> locks = guardLocks(guard, guardType);
  GuardTag tag = GuardTag::None;
  std::size_t next = 0;
  moved.erase(guard);
  for (const clang::Expr* argument : arguments) {
    const TypeModel* type = tu.library.type(argument->getType());
    // A lock is never copied: a declaration that takes it by value stands for one that takes a reference.
    const auto* copy = dyn_cast<clang::CXXConstructExpr>(argument->IgnoreImplicit());
    if (copy && type && type->kind == TypeKind::Lock && copy->getNumArgs() == 1) argument = copy->getArg(0);
    if (type && type->kind == TypeKind::Guard)
      return model.upgrades ? upgradeGuard(at, guard, argument) : moveGuard(at, guard, argument);
    if (type && type->kind == TypeKind::Tag) {
      tag = type->tag;
    } else if (next < locks.size() && !isa<clang::CXXDefaultArgExpr>(argument)) {
      const bool isPointer = argument->getType()->isPointerType();
      assign(at, locks[next++].path,
             isPointer ? resolver.value(argument) : Value::addressOf(resolver.place(argument)));
    } else {
      tag = GuardTag::Try;  // a duration or a point in time
    }
  }
  locks.resize(next);
  if (tag == GuardTag::Try || tag == GuardTag::Adopt)
    tellOwned(at, guard, tag == GuardTag::Adopt ? std::optional(true) : std::nullopt);
  else
    tellOwned(at, guard, next != 0 && tag == GuardTag::None);
  if (next == 0) return startGuard(at, guard, {}, GuardStart::How::Empty);
  switch (tag) {
    case GuardTag::None: return acquireGuard(at, guard, guardType, model.mode);
    case GuardTag::Adopt: return startGuard(at, guard, locks, GuardStart::How::Adopted);
    case GuardTag::Defer: return startGuard(at, guard, locks, GuardStart::How::Deferred);
    case GuardTag::Try: return startGuard(at, guard, locks, GuardStart::How::Tried);
  }
}

void Emitter::startGuard(clang::SourceLocation at, const Path& guard, const std::vector<GuardLock>& locks,
                         GuardStart::How how) {
  if (locks.empty()) return emit(at, GuardStart{guard, {}, how});
  for (const GuardLock& lock : locks) emit(at, GuardStart{guard, lock.path.then(PathStep::deref()), how});
}

void Emitter::lockCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const clang::SourceLocation at = call->getExprLoc();
  if (isTestedAcquire(call)) return;
  const Path object = resolver.object(shape, model.object);
  if (shape.receiverType && shape.receiverType->kind == TypeKind::Guard) {
    const clang::QualType type = lockedType(shape.receiver);
    const bool disowned = model.effect != Effect::Acquire && model.effect != Effect::Release;
    tellOwned(at, object, model.wait == LockWait::Blocking || disowned ? std::optional(model.effect == Effect::Acquire)
                                                                       : std::nullopt);
    if (model.effect == Effect::Acquire) return acquireGuard(at, object, type, shape.receiverType->mode);
    if (model.effect == Effect::Release) return releaseGuard(at, object, type, shape.receiverType->mode);
    moved.insert(object);
    return;
  }
  const clang::Expr* named = argumentAt(shape, model.object);
  const Path locked = named ? object : unnamedLock(model);
  if (!locked.known()) return;
  if (model.effect != Effect::Acquire) return emit(at, Release{locked, model.mode, LockHolder::Hand});
  emit(at, acquireOf({locked, named ? lockedType(named) : clang::QualType()}, model.mode, model.wait, LockHolder::Hand, 0));
  const clang::Expr* predicate = argumentAt(shape, model.predicate);
  if (predicate && isCallable(predicate->IgnoreParenImpCasts())) invokeEntry(call, entry(predicate, {}), nullptr);
}

void Emitter::lockAll(const clang::CallExpr* call, const CallShape& shape) {
  const std::uint32_t group = ++groups_;
  for (const clang::Expr* argument : shape.arguments) {
    const Path object = resolver.pointee(argument);
    const TypeModel* type = tu.library.typeOrBase(argument->getType());
    if (!object.known()) continue;
    if (!type || type->kind != TypeKind::Guard) {
      takeLock(call->getExprLoc(), {object, lockedType(argument)}, LockMode::Exclusive, LockWait::Blocking,
               LockHolder::Hand, group);
      continue;
    }
    for (GuardLock& lock : guardLocks(object, argument->getType())) {
      lock.path = std::move(lock.path).then(PathStep::deref());
      takeLock(call->getExprLoc(), lock, type->mode, LockWait::Blocking, LockHolder::Guard, group);
    }
  }
}

Wait::Guarded Emitter::waitGuard(const clang::CallExpr* call, const clang::Expr* lock) {
  const clang::Stmt* loop = loopAround(call);
  if (!loop || !lock) return Wait::Guarded::No;
  // Inside a loop that takes the lock anew each time round, the condition is not tested again.
  if (const clang::VarDecl* guard = baseVariable(lock)) {
    const clang::SourceManager& sources = tu.sources;
    const clang::SourceLocation declared = sources.getExpansionLoc(guard->getLocation());
    if (!isa<clang::ParmVarDecl>(guard) &&
        sources.isPointWithin(declared, sources.getExpansionLoc(loop->getBeginLoc()),
                              sources.getExpansionLoc(loop->getEndLoc())))
      return Wait::Guarded::No;
  }
  const Path held = resolver.pointee(lock);
  llvm::SmallVector<const clang::Stmt*> todo{loop};
  while (!todo.empty()) {
    const clang::Stmt* next = todo.pop_back_val();
    if (!next) continue;
    todo.append(next->child_begin(), next->child_end());
    const auto* inner = dyn_cast<clang::CallExpr>(next);
    if (!inner || inner == call) continue;
    const CallShape shape = tu.library.shape(inner);
    if (shape.model && shape.model->effect == Effect::Acquire &&
        resolver.object(shape, shape.model->object) == held)
      return Wait::Guarded::No;
  }
  return Wait::Guarded::Loop;
}

void Emitter::waitCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const clang::Expr* lock = nullptr;
  if (model.lock >= 0 && static_cast<std::size_t>(model.lock) < shape.arguments.size())
    lock = shape.arguments[model.lock];
  Wait event;
  event.condition = resolver.object(shape, model.object);
  event.timed = model.wait == LockWait::Timed;
  if (lock) {
    event.lock = resolver.pointee(lock);
    const TypeModel* type = tu.library.typeOrBase(lock->getType());
    if (type && type->kind == TypeKind::Guard)
      event.lock = std::move(event.lock).then(PathStep::field("", "$lock")).then(PathStep::deref());
  }
  const clang::Expr* last = shape.arguments.empty() ? nullptr : shape.arguments.back();
  const bool hasPredicate = model.predicate >= 0 && last && last != lock &&
                            (resolver.callOperator(last->getType()) || resolver.namedFunction(last) ||
                             tu.library.is(last->getType(), TypeKind::Callable) ||
                             last->getType()->isFunctionPointerType());
  if (hasPredicate) {
    invokeEntry(call, entry(last, {}), nullptr);
    event.guarded = Wait::Guarded::Predicate;
    noteAwaited(call, {last}, &event);
  } else {
    event.guarded = waitGuard(call, lock);
    if (event.guarded == Wait::Guarded::Loop) {
      noteAwaited(call, conditionsOf(loopAround(call)), &event);
    } else if (const clang::Expr* test = testAround(call)) {
      noteAwaited(call, {test}, &event);
    }
  }
  emit(call->getExprLoc(), std::move(event));
}

}  // namespace deadheat
