#include "analyzers/extract/coroutines.h"

#include "analyzers/extract/resolver.h"
#include "clang/AST/DeclTemplate.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::isa;

namespace {

/// The member class or alias `name` of a class, bases included; null if there is none.
const clang::CXXRecordDecl* memberType(const clang::CXXRecordDecl* record, llvm::StringRef name) {
  clang::IdentifierInfo& identifier = record->getASTContext().Idents.get(name);
  for (const clang::NamedDecl* member : record->lookup(&identifier)) {
    if (const auto* type = dyn_cast<clang::CXXRecordDecl>(member)) return type;
    if (const auto* alias = dyn_cast<clang::TypedefNameDecl>(member))
      return alias->getUnderlyingType()->getAsCXXRecordDecl();
  }
  for (const clang::CXXBaseSpecifier& base : record->bases())
    if (const auto* parent = base.getType()->getAsCXXRecordDecl(); parent && parent->getDefinition())
      if (const auto* found = memberType(parent->getDefinition(), name)) return found;
  return nullptr;
}

/// Whether a class or one of its bases has a method of that name.
bool hasMethod(const clang::CXXRecordDecl* record, llvm::StringRef name) {
  record = record ? record->getDefinition() : nullptr;
  if (!record) return false;
  if (!record->lookup(&record->getASTContext().Idents.get(name)).empty()) return true;
  return llvm::any_of(record->bases(), [&](const clang::CXXBaseSpecifier& base) {
    return hasMethod(base.getType()->getAsCXXRecordDecl(), name);
  });
}

/// Whether the program specialises std::coroutine_traits for the class or its template.
bool hasTraits(TuContext& tu, const clang::CXXRecordDecl* record) {
  llvm::SmallVector<clang::ClassTemplatePartialSpecializationDecl*> specialised;
  const_cast<clang::ClassTemplateDecl*>(tu.coroutineTraits())->getPartialSpecializations(specialised);
  const auto* instance = dyn_cast<clang::ClassTemplateSpecializationDecl>(record);
  return llvm::any_of(specialised, [&](const clang::ClassTemplatePartialSpecializationDecl* each) {
    const clang::TemplateArgumentList& arguments = each->getTemplateArgs();
    if (arguments.size() == 0 || arguments[0].getKind() != clang::TemplateArgument::Type) return false;
    const clang::QualType first = arguments[0].getAsType();
    if (const auto* plain = first->getAsCXXRecordDecl())
      if (plain->getCanonicalDecl() == record->getCanonicalDecl()) return true;
    const auto* made = first->getAs<clang::TemplateSpecializationType>();
    const clang::TemplateDecl* of = made ? made->getTemplateName().getAsTemplateDecl() : nullptr;
    return instance && of && of->getCanonicalDecl() == instance->getSpecializedTemplate()->getCanonicalDecl();
  });
}

/// The truth value that the one statement of a function returns, if it is a constant.
std::optional<bool> constantResult(TuContext& tu, const clang::FunctionDecl* function) {
  const clang::FunctionDecl* definition = nullptr;
  if (!function->hasBody(definition)) return std::nullopt;
  const auto* body = dyn_cast_or_null<clang::CompoundStmt>(definition->getBody());
  const auto* result = body && body->size() == 1 ? dyn_cast<clang::ReturnStmt>(body->body_front()) : nullptr;
  const clang::Expr* value = result ? result->getRetValue() : nullptr;
  bool truth = false;
  if (!value || value->isValueDependent() || !value->EvaluateAsBooleanCondition(truth, tu.ast)) return std::nullopt;
  return truth;
}

/// Whether an awaiter is ready without waiting, if its type alone tells.
std::optional<bool> isReady(TuContext& tu, const clang::CoroutineSuspendExpr* suspension) {
  const clang::Expr* test = suspension->getReadyExpr();
  if (!test || test->containsErrors()) return std::nullopt;
  const clang::Expr* call = test->IgnoreImplicit()->IgnoreParenImpCasts();
  const auto* method = dyn_cast<clang::CXXMemberCallExpr>(call);
  if (!method || !method->getMethodDecl()) return std::nullopt;
  const std::string awaiter = modelName(method->getMethodDecl()->getParent());
  if (llvm::StringRef(awaiter).ends_with("::suspend_always")) return false;
  if (llvm::StringRef(awaiter).ends_with("::suspend_never")) return true;
  if (const TypeModel* model = tu.library.type(suspension->getCommonExpr()->getType()); model && model->ready) return true;
  return constantResult(tu, method->getMethodDecl());
}

/// Whether the awaiter keeps the coroutine to itself: nobody is told of it who might resume it.
bool tellsNobody(const clang::CoroutineSuspendExpr* suspension) {
  const auto* type = suspension->getCommonExpr() ? suspension->getCommonExpr()->getType()->getAsCXXRecordDecl() : nullptr;
  const clang::CXXRecordDecl* awaiter = type ? type->getDefinition() : nullptr;
  if (!awaiter) return true;
  clang::IdentifierInfo& name = awaiter->getASTContext().Idents.get("await_suspend");
  for (const clang::NamedDecl* member : awaiter->lookup(&name)) {
    const clang::FunctionDecl* definition = nullptr;
    const auto* method = dyn_cast<clang::CXXMethodDecl>(member);
    if (!method || !method->hasBody(definition)) return method && modelName(awaiter).find("suspend_always") != std::string::npos;
    const auto* body = dyn_cast_or_null<clang::CompoundStmt>(definition->getBody());
    return body && body->body_empty();
  }
  return true;
}

/// The suspension of an initial or final suspend point.
const clang::CoroutineSuspendExpr* suspensionOf(const clang::Stmt* statement) {
  const auto* expression = dyn_cast_or_null<clang::Expr>(statement);
  return expression ? dyn_cast<clang::CoroutineSuspendExpr>(expression->IgnoreImplicit()) : nullptr;
}

}  // namespace

const clang::Stmt* writtenBody(const clang::Stmt* body) {
  const auto* coroutine = dyn_cast_or_null<clang::CoroutineBodyStmt>(body);
  return coroutine ? coroutine->getBody() : body;
}

bool isTask(TuContext& tu, clang::QualType type) {
  if (type.isNull() || !tu.coroutineTraits()) return false;
  type = type.getNonReferenceType();
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (!record) return false;
  if (const TypeModel* model = tu.library.type(type)) return model->kind == TypeKind::Task;
  record = record->getDefinition();
  if (!record || record->isDependentContext()) return false;
  auto [known, isNew] = tu.taskTypes.try_emplace(record, false);
  if (!isNew) return known->second;
  // A generator's body runs for whoever asks for its next value.
  const clang::CXXRecordDecl* promise = memberType(record, "promise_type");
  const bool found = (promise && !hasMethod(promise, "yield_value")) || hasTraits(tu, record);
  return tu.taskTypes[record] = found;
}

Coroutine describeCoroutine(TuContext& tu, const clang::FunctionDecl* function, const clang::CoroutineBodyStmt* body) {
  Coroutine out;
  const clang::QualType type = function->getReturnType();
  out.task = tu.names.type(type);
  const TypeModel* model = tu.library.type(type);
  if (const clang::VarDecl* promise = body->getPromiseDecl()) {
    out.promise = tu.names.type(promise->getType());
    out.generator = hasMethod(promise->getType()->getAsCXXRecordDecl(), "yield_value");
  }
  if (const auto* suspension = suspensionOf(body->getInitSuspendStmt()))
    if (const std::optional<bool> ready = isReady(tu, suspension); ready && (*ready || tellsNobody(suspension)))
      out.start = *ready ? Coroutine::Start::Eager : Coroutine::Start::Lazy;
  if (const auto* suspension = suspensionOf(body->getFinalSuspendStmt()))
    out.endsItself = isReady(tu, suspension).value_or(false);
  if (!model) return out;
  out.generator = model->kind == TypeKind::Generator;
  out.resumes = model->resumes;
  if (model->start != Coroutine::Start::Unknown) out.start = model->start;
  return out;
}

bool maySuspend(TuContext& tu, const clang::CoroutineSuspendExpr* suspension) {
  if (const clang::Expr* operand = awaitedOperand(tu, suspension))
    if (const TypeModel* model = tu.library.type(operand->getType()); model && model->ready) return false;
  return !isReady(tu, suspension).value_or(false);
}

/// The task that an awaitable made of it alone stands for: `withExecutor(executor, load())`; null if there are several.
static const clang::Expr* onlyTaskOf(TuContext& tu, const CallShape& shape) {
  if (effectOf(shape) != Effect::Gather || shape.receiver) return nullptr;
  const clang::Expr* only = nullptr;
  for (const clang::Expr* argument : shape.arguments) {
    if (!isTask(tu, argument->getType())) continue;
    if (only) return nullptr;
    only = argument;
  }
  return only;
}

const clang::Expr* handedOn(TuContext& tu, const clang::Expr* expression) {
  for (const clang::Expr* last = nullptr; expression != last;) {
    last = expression;
    expression = makingExpression(expression);
    if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(expression)) expression = temporary->getSubExpr();
    if (const auto* cast = dyn_cast<clang::CastExpr>(expression)) expression = cast->getSubExpr();
    if (const auto* construct = dyn_cast<clang::CXXConstructExpr>(expression);
        construct && construct->getNumArgs() == 1 && construct->getConstructor()->isCopyOrMoveConstructor())
      expression = construct->getArg(0);
    if (const auto* call = dyn_cast<clang::CallExpr>(expression)) {
      const CallShape shape = tu.library.shape(call);
      if (effectOf(shape) == Effect::Forward && !shape.receiver && !shape.arguments.empty()) expression = shape.arguments[0];
      if (const clang::Expr* only = onlyTaskOf(tu, shape)) expression = only;
    }
  }
  return expression;
}

bool isDropped(const clang::ParentMap& parents, const clang::Expr* task) {
  const clang::Stmt* user = parents.getParent(const_cast<clang::Expr*>(task));
  while (user && isa<clang::FullExpr, clang::CXXBindTemporaryExpr, clang::MaterializeTemporaryExpr, clang::ParenExpr,
                     clang::CStyleCastExpr>(user))
    user = parents.getParent(user);
  return user && !isa<clang::Expr, clang::DeclStmt, clang::ReturnStmt, clang::CoreturnStmt>(user);
}

const clang::Expr* awaitedOperand(TuContext& tu, const clang::CoroutineSuspendExpr* suspension) {
  const auto* await = dyn_cast<clang::CoawaitExpr>(suspension);
  return await ? handedOn(tu, await->getOperand()) : nullptr;
}

}  // namespace deadheat
