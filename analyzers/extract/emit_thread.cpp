// Threads: what is started with which arguments, callbacks called at once, once flags.
#include "analyzers/extract/coroutines.h"
#include "analyzers/extract/emitter.h"
#include "analyzers/extract/signals.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

Spawn spawnOf(Entry start) {
  Spawn event;
  event.entry = std::move(start.callee);
  event.receiver = std::move(start.receiver);
  event.arguments = std::move(start.arguments);
  return event;
}

}  // namespace

Entry Emitter::entry(const clang::Expr* callable, llvm::ArrayRef<const clang::Expr*> bound) {
  const clang::Expr* made = makingExpression(callable);
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(made))
    made = makingExpression(temporary->getSubExpr());
  // A variable that holds the result of std::bind or std::mem_fn is as good as the call itself.
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(made->IgnoreParenImpCasts()))
    if (const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
        variable && variable->getInit() && variable->hasLocalStorage())
      if (isa<clang::CallExpr>(makingExpression(variable->getInit()))) made = makingExpression(variable->getInit());
  if (const auto* call = dyn_cast<clang::CallExpr>(made)) {
    const CallShape shape = tu.library.shape(call);
    if (effectOf(shape) == Effect::Bind && !shape.arguments.empty()) {
      const std::size_t at = shape.model->entry > 0 ? shape.model->entry : 0;
      if (at >= shape.arguments.size()) return {};
      llvm::SmallVector<const clang::Expr*> all(shape.arguments.begin() + at + 1, shape.arguments.end());
      all.append(bound.begin(), bound.end());
      return entry(shape.arguments[at], all);
    }
    if (effectOf(shape) == Effect::Forward && !shape.arguments.empty()) return entry(shape.arguments[0], bound);
  }
  if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(made)) {
    if (std::optional<Entry> held = entryOfHolder(construct)) return std::move(*held);
    if (const clang::Expr* closure = closureIn(construct)) return entry(closure, bound);
  }
  std::vector<Value> values;
  for (const clang::Expr* argument : bound) values.push_back(resolver.value(argument));
  return entryOfValue(callable, std::move(values));
}

/// A callable made of a function and its arguments, of an object and a method of it, or of a pointer to a closure, as
/// conditions that a mutex waits for are.
std::optional<Entry> Emitter::entryOfHolder(const clang::CXXConstructExpr* construct) {
  if (!tu.library.is(construct->getType(), TypeKind::Callable) || construct->getNumArgs() == 0) return std::nullopt;
  const clang::Expr* first = construct->getArg(0);
  const clang::Expr* second = construct->getNumArgs() > 1 ? construct->getArg(1) : nullptr;
  if (second && isa<clang::CXXDefaultArgExpr>(second)) second = nullptr;
  if (second && second->getType()->isMemberFunctionPointerType()) return entryOfValue(second, {resolver.value(first)});
  if (second && isCallable(first)) return entryOfValue(first, {resolver.value(second)});
  const clang::QualType type = first->getType();
  if (second || !type->isPointerType()) return std::nullopt;
  const clang::FunctionDecl* body = resolver.callOperator(type->getPointeeType());
  if (!body) return std::nullopt;
  Entry start;
  start.callee = directCallee(body);
  start.receiver = resolver.value(first);
  return start;
}

/// The closure, written where it stands, that a holder of callables is made of; null if it is made of something else.
const clang::Expr* Emitter::closureIn(const clang::CXXConstructExpr* construct) {
  if (!tu.library.is(construct->getType(), TypeKind::Callable) || construct->getNumArgs() != 1) return nullptr;
  const clang::Expr* held = construct->getArg(0);
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(held)) held = temporary->getSubExpr();
  const auto* closure = held->getType()->getAsCXXRecordDecl();
  return closure && closure->isLambda() && isa<clang::LambdaExpr>(held->IgnoreImplicit()) ? construct->getArg(0)
                                                                                          : nullptr;
}

Entry Emitter::entryOfValue(const clang::Expr* callable, std::vector<Value> bound) {
  Entry entry;
  entry.arguments = std::move(bound);
  const clang::FunctionDecl* function = resolver.namedFunction(callable);
  const auto* method = dyn_cast_or_null<clang::CXXMethodDecl>(function);
  if (method && method->isInstance() && !method->getParent()->isLambda() && !entry.arguments.empty()) {
    entry.callee = directCallee(method);
    if (method->isVirtual() && !method->getParent()->isEffectivelyFinal()) entry.callee.kind = Callee::Kind::Virtual;
    entry.receiver = entry.arguments.front();
    entry.arguments.erase(entry.arguments.begin());
    return entry;
  }
  if (!function) function = resolver.callOperator(callable->getType());
  const bool isHolder = tu.library.is(callable->getType(), TypeKind::Callable);
  if (!function || isHolder) {
    entry.callee.kind = Callee::Kind::Indirect;
    entry.callee.target = resolver.value(callable);
    entry.callee.name = resolver.place(callable).known() ? resolver.place(callable).text() : std::string("callable");
    clang::QualType type = callable->getType();
    if (type->isPointerType()) type = type->getPointeeType();
    if (type->isFunctionType()) entry.callee.signature = tu.names.canonicalType(type);
    if (entry.callee.target.kind == Value::Kind::Function) {
      entry.callee.kind = Callee::Kind::Direct;
      entry.callee.function = entry.callee.target.function;
      entry.callee.target = {};
    }
    return entry;
  }
  if (!method) tu.takeAddress(function);
  entry.callee = directCallee(function);
  if (dyn_cast<clang::CXXMethodDecl>(function) && llvm::cast<clang::CXXMethodDecl>(function)->isInstance())
    if (callable->getType().getNonReferenceType()->isRecordType())
      entry.receiver = Value::object(resolver.place(callable), entry.callee.function);
  // std::jthread passes a stop_token when the callable takes one.
  const clang::TagDecl* first = function->getNumParams() == entry.arguments.size() + 1
                                    ? function->getParamDecl(0)->getType().getNonReferenceType()->getAsTagDecl()
                                    : nullptr;
  if (first && modelName(first) == "std::stop_token")
    entry.arguments.insert(entry.arguments.begin(), Value::constant());
  return entry;
}

void Emitter::constructThread(const clang::Expr* at, const Path& handle, clang::QualType type,
                              llvm::ArrayRef<const clang::Expr*> arguments) {
  if (arguments.empty()) return;
  if (tu.library.is(arguments[0]->getType(), TypeKind::Thread)) {
    moved.insert(resolver.place(arguments[0]));
    return assign(at->getExprLoc(), handle, Value::object(resolver.place(arguments[0])));
  }
  const TypeModel& model = *tu.library.type(type);
  const bool isFiber = model.resumes != Resumption::Unknown;
  if (isFiber) {
    // Policies and allocators stand before what is run.
    const auto* first = llvm::find_if(arguments, [&](const clang::Expr* each) { return isCallable(each); });
    if (first == arguments.end()) return;
    arguments = arguments.drop_front(first - arguments.begin());
  }
  Entry start = entry(arguments[0], arguments.drop_front());
  Spawn event = spawnOf(std::move(start));
  event.handle = handle;
  event.how = model.name;
  if (isFiber) event.where = SpawnWhere::Fiber;
  event.runs = model.resumes;
  emit(at->getBeginLoc(), std::move(event));
}

bool Emitter::isLaunchPolicy(const clang::Expr* argument) {
  const clang::TagDecl* tag = argument->getType().getNonReferenceType()->getAsTagDecl();
  return tag && modelName(tag) == "std::launch";
}

bool Emitter::isDeferred(const clang::Expr* policy) {
  clang::Expr::EvalResult result;
  return !policy->isValueDependent() && policy->EvaluateAsInt(result, tu.ast) &&
         result.Val.getInt().getExtValue() == 2;
}

void Emitter::spawnCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  std::optional<Entry> start;
  Path handle;  // Of what the call gives back to be waited for.
  bool deferred = false;
  if (!model.method.empty()) {
    start = methodEntry(shape);
  } else {
    CallShape rest = shape;
    if (!rest.arguments.empty() && isLaunchPolicy(rest.arguments[0])) {
      deferred = isDeferred(rest.arguments[0]);
      rest.arguments.erase(rest.arguments.begin());
    }
    const GuardTag token = tokenOf(rest);
    if (token == GuardTag::Suspends)
      emit(call->getExprLoc(), Suspend{Suspend::Kind::Switch, model.name, {}, {}, Resumption::Executor});
    const clang::Expr* callable = callableArgument(rest, model.entry);
    if (!callable || callable->getType()->isIntegerType() ||
        callable->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull))
      return;
    const bool isWaitedFor = token == GuardTag::Awaited || token == GuardTag::Suspends;
    if (isTask(tu, callable->getType())) {
      if (!isWaitedFor)
        startTask(call, callable, model.token == FunctionModel::kNone ? model.handle : FunctionModel::kNone);
      return;
    }
    if (isWaitedFor) handle = resolver.place(call);
    start = entry(callable, boundArguments(rest, callable));
  }
  if (!start || (start->callee.kind == Callee::Kind::Indirect && start->callee.target.kind == Value::Kind::Constant))
    return;
  if (sideOf(tu.library.type(call->getType())))
    useResult(call->getExprLoc(), resolver.place(call), ResultUse::Side::Reader,
              deferred ? ResultUse::How::Defers : ResultUse::How::Begins);
  if (deferred) return invokeEntry(call, std::move(*start), nullptr);
  Spawn event = spawnOf(std::move(*start));
  if (model.handle == FunctionModel::kResult)
    event.handle = call->getType()->isPointerType() ? resolver.deref(resolver.value(call)) : resolver.place(call);
  if (model.handle == FunctionModel::kThis) event.handle = resolver.receiver(shape);
  if (model.handle >= 0) event.handle = resolver.object(shape, model.handle);
  event.where = model.where;
  event.runs = model.resumes;
  event.how = model.name;
  runOn(shape, event);
  if (handle.known()) event.handle = handle;
  if (event.where == SpawnWhere::SignalHandler && !shape.arguments.empty())
    event.signals = sourceOfSignal(shape.arguments[0], tu.ast);
  emit(call->getExprLoc(), std::move(event));
}

void Emitter::invokeEntry(const clang::Expr* at, Entry start, const clang::Expr* result) {
  Call event;
  event.callee = std::move(start.callee);
  event.receiver = std::move(start.receiver);
  if (event.receiver && event.receiver->kind == Value::Kind::Object)
    event.receiver = Value::addressOf(event.receiver->path);
  event.arguments = std::move(start.arguments);
  if (result) event.result = resultOf(result);
  emit(at->getExprLoc(), std::move(event));
}

void Emitter::invokeCall(const clang::CallExpr* call, const CallShape& shape) {
  const clang::Expr* callable = callableArgument(shape, shape.model->entry);
  if (callable) invokeEntry(call, entry(callable, boundArguments(shape, callable)), call);
}

void Emitter::onceCall(const clang::CallExpr* call, const CallShape& shape) {
  const FunctionModel& model = *shape.model;
  const Path flag = resolver.object(shape, model.object);
  const clang::Expr* callable = callableArgument(shape, model.entry);
  if (!callable) return;
  Acquire acquire;
  acquire.lock = flag;
  acquire.type = "std::once_flag";
  emit(call->getExprLoc(), std::move(acquire));
  invokeEntry(call, entry(callable, boundArguments(shape, callable)), nullptr);
  emit(call->getExprLoc(), Release{flag});
}

}  // namespace deadheat
