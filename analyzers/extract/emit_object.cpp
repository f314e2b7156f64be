// Objects begin and end: constructors, copies, destructors, smart pointers that delete.
#include "analyzers/extract/contracts.h"
#include "analyzers/extract/emitter.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Sema/Sema.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;
using llvm::isa_and_nonnull;

namespace {

clang::QualType templateArgument(clang::QualType type, unsigned index) {
  const auto* record =
      dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type.getNonReferenceType()->getAsCXXRecordDecl());
  if (!record || index >= record->getTemplateArgs().size()) return {};
  const clang::TemplateArgument& argument = record->getTemplateArgs()[index];
  return argument.getKind() == clang::TemplateArgument::Type ? argument.getAsType() : clang::QualType();
}

/// How well `constructor` fits the arguments: negative if it does not.
int fit(clang::ASTContext& ast, const clang::CXXConstructorDecl* constructor,
        llvm::ArrayRef<const clang::Expr*> arguments) {
  if (constructor->isDeleted() || arguments.size() > constructor->getNumParams() ||
      arguments.size() < constructor->getMinRequiredArguments())
    return -1;
  int score = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const clang::QualType wanted = constructor->getParamDecl(i)->getType().getNonReferenceType().getUnqualifiedType();
    const clang::QualType given = arguments[i]->getType().getUnqualifiedType();
    if (ast.hasSameType(wanted, given))
      score += 3;
    else if (wanted->isPointerType() == given->isPointerType() && wanted->isRecordType() == given->isRecordType())
      ++score;
  }
  return score;
}

}  // namespace

void Emitter::copyObject(const clang::Expr* at, const Path& home, const clang::Expr* source) {
  access(source, AccessKind::Read);
  const clang::QualType type = source->getType();
  const bool isInitialised = !isa<clang::CXXConstructExpr>(at);
  auto found = scope.survey.destinations.find(at);
  if (isInitialised || (found != scope.survey.destinations.end() && found->second.initializer))
    accessPath(at->getExprLoc(), home, AccessKind::Write, type);
  const Path from = resolver.place(source);
  if (from.known()) assign(at->getExprLoc(), home, resolver.value(source));
}

bool Emitter::constructModelled(const clang::CXXConstructExpr* construct, const Path& home) {
  const clang::QualType type = construct->getType();
  const TypeModel* model = tu.library.type(type);
  if (!model) return false;
  const clang::SourceLocation at = construct->getExprLoc();
  const clang::CXXConstructorDecl* constructor = construct->getConstructor();
  const bool isCopy = constructor->isCopyOrMoveConstructor() && construct->getNumArgs() > 0;
  if (model->kind == TypeKind::Guard) {
    constructGuard(at, home, type, {construct->getArgs(), construct->getNumArgs()});
    return true;
  }
  if (model->kind == TypeKind::Thread) {
    llvm::SmallVector<const clang::Expr*> arguments(construct->arguments());
    constructThread(construct, home, type, arguments);
    return true;
  }
  if (isCopy && model->kind != TypeKind::Tag && model->kind != TypeKind::Synchronized)
    libraryAccess(construct, resolver.place(construct->getArg(0)),
                  constructor->isMoveConstructor() ? AccessKind::Write : AccessKind::Read, type,
                  model->name + "::" + (constructor->isMoveConstructor() ? "move" : "copy"));
  if (model->hosted) hostObject(construct, home);
  if (!isCopy) noteStrand(at, type, home);
  if (model->kind == TypeKind::Atomic && construct->getNumArgs() == 1 && !isCopy &&
      construct->getArg(0)->isGLValue() && construct->getArg(0)->getType().isConstQualified() == false)
    assign(at, home.then(PathStep::field("", "$ref")), Value::addressOf(resolver.place(construct->getArg(0))));
  const bool holds = tu.library.isPointerLike(type) || model->kind == TypeKind::Callable;
  if (model->kind == TypeKind::Promise && !isCopy) {
    llvm::SmallVector<const clang::Expr*> arguments(construct->arguments());
    constructMaker(construct, home, type, arguments);
  } else if (holds) {
    moved.erase(home);
    assign(at, home, resolver.value(construct));
  } else if ((isCopy || (model->kind == TypeKind::Future && construct->getNumArgs() == 1)) &&
             model->kind != TypeKind::Tag) {
    moved.erase(home);
    assign(at, home, resolver.value(construct->getArg(0)));
  } else if (model->kind == TypeKind::Future && construct->getNumArgs() == 0) {
    useResult(at, home, ResultUse::Side::Reader, ResultUse::How::Empty);
  }
  return true;
}

void Emitter::constructObject(const clang::CXXConstructExpr* construct, const Path& home) {
  const clang::CXXConstructorDecl* constructor = construct->getConstructor();
  if (constructor->isCopyOrMoveConstructor() && construct->getNumArgs() > 0 &&
      (constructor->isTrivial() || constructor->getParent()->isLambda()))
    return copyObject(construct, home, construct->getArg(0));
  if (constructor->isTrivial()) return;
  if (tu.library.inSystemHeader(constructor) && !hasContracts(constructor)) {
    if (constructor->isCopyOrMoveConstructor() && construct->getNumArgs() > 0)
      libraryAccess(construct, resolver.place(construct->getArg(0)),
                    constructor->isMoveConstructor() ? AccessKind::Write : AccessKind::Read, construct->getType(),
                    modelName(constructor->getParent()) + (constructor->isMoveConstructor() ? "::move" : "::copy"));
    if (constructor->isCopyOrMoveConstructor() && construct->getNumArgs() > 0)
      moveTask(construct, home, construct->getArg(0));
    return;
  }
  if (constructor->isCopyOrMoveConstructor() && construct->getNumArgs() > 0) moveTask(construct, home, construct->getArg(0));
  Call event;
  event.callee = directCallee(constructor);
  event.receiver = Value::addressOf(home);
  event.arguments = passedArguments(constructor, {construct->getArgs(), construct->getNumArgs()});
  emit(construct->getExprLoc(), std::move(event));
  bindView(construct, home);
}

void Emitter::visitConstruct(const clang::CXXConstructExpr* construct) {
  if (makingExpression(construct) != construct || construct->getConstructor()->isInvalidDecl()) return;
  Path home = resolver.place(construct);
  if (construct->getType()->isArrayType()) home = std::move(home).then(PathStep::element());
  for (const clang::Expr* argument : construct->arguments())
    if (isa<clang::CXXDefaultArgExpr>(argument)) visitTree(argument);
  if (!constructModelled(construct, home)) constructObject(construct, home);
  if (tu.library.inSystemHeader(construct->getConstructor()) &&
      !construct->getConstructor()->isCopyOrMoveConstructor() &&
      !tu.library.is(construct->getType(), TypeKind::Atomic))
    accessArguments(construct, construct->getConstructor(), {construct->getArgs(), construct->getNumArgs()},
                    Effect::Read);
  noteMoves(construct->getConstructor(), {construct->getArgs(), construct->getNumArgs()});
}

void Emitter::callDestructor(const clang::CXXRecordDecl* record, Value receiver, bool isVirtual,
                             clang::SourceLocation at) {
  const clang::CXXDestructorDecl* destructor = record->getDestructor();
  if (!destructor || destructor->isTrivial() || destructor->isDeleted()) return;
  Call event;
  event.callee = directCallee(destructor);
  if (isVirtual && destructor->isVirtual() && !record->isEffectivelyFinal()) event.callee.kind = Callee::Kind::Virtual;
  event.receiver = std::move(receiver);
  emit(at, std::move(event));
}

void Emitter::destroy(const Path& path, clang::QualType type, clang::SourceLocation at) {
  type = type.getNonReferenceType();
  Path object = path;
  while (const clang::ArrayType* array = type->getAsArrayTypeUnsafe()) {
    type = array->getElementType();
    object = std::move(object).then(PathStep::element());
  }
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (!record || !record->getDefinition()) return;
  if (const TypeModel* model = tu.library.type(type)) return destroyModelled(*model, object, type, at);
  const clang::CXXDestructorDecl* destructor = record->getDefinition()->getDestructor();
  const bool isOpaque = tu.library.inSystemHeader(record) && !(destructor && hasContracts(destructor));
  if (isOpaque || moved.contains(object)) return;
  if (record->isLambda()) return destroyClosure(object, record, at);
  callDestructor(record->getDefinition(), Value::addressOf(object), false, at);
}

void Emitter::destroyClosure(const Path& closure, const clang::CXXRecordDecl* record, clang::SourceLocation at) {
  auto field = record->field_begin();
  for (const clang::LambdaCapture& capture : record->captures()) {
    if (capture.capturesVariable() && capture.getCaptureKind() == clang::LCK_ByCopy)
      destroy(closure.then(PathStep::field("", capture.getCapturedVar()->getNameAsString())), field->getType(), at);
    ++field;
  }
}

void Emitter::destroyModelled(const TypeModel& model, const Path& path, clang::QualType type,
                              clang::SourceLocation at) {
  if (!moved.contains(path)) destroyHolder(model, path, type, at);
  if (const auto side = sideOf(&model)) useResult(at, path, *side, ResultUse::How::Ends);
}

void Emitter::destroyHolder(const TypeModel& model, const Path& path, clang::QualType type, clang::SourceLocation at) {
  if (model.kind == TypeKind::Guard) return releaseGuard(at, path, type, model.mode);
  if (model.joins) return emit(at, Join{path, Join::By::End});
  if (model.terminates) return emit(at, Abandon{path, Abandon::How::Destroyed});
  if (model.kind == TypeKind::SmartPointer && model.owns) return loseObject(path, type, at);
  if (model.kind != TypeKind::Container || model.view) return;
  const clang::QualType element = templateArgument(type, model.keyed ? 1 : 0);
  Path home = path.then(PathStep::element());
  if (model.keyed) home = std::move(home).then(PathStep::field("std::pair", "second"));
  if (!element.isNull() && !element->isDependentType()) destroy(home, element, at);
}

void Emitter::emptyHolder(const Path& holder, clang::QualType type, clang::SourceLocation at) {
  const clang::QualType held = templateArgument(type, 0);
  if (!held.isNull() && tu.library.is(held, TypeKind::Guard)) destroy(holder.then(PathStep::element()), held, at);
}

void Emitter::loseObject(const Path& path, clang::QualType type, clang::SourceLocation at) {
  clang::QualType pointee = templateArgument(type, 0);
  if (pointee.isNull() || moved.contains(path)) return;
  destroyPointee(Value::load(path), pointee, at);
  emit(at, Free{path.then(PathStep::deref())});
}

void Emitter::destroyPointee(const Value& pointer, clang::QualType type, clang::SourceLocation at) {
  const clang::CXXRecordDecl* record = tu.ast.getBaseElementType(type)->getAsCXXRecordDecl();
  if (!record || !record->getDefinition()) return;
  if (tu.library.type(type) || tu.library.inSystemHeader(record)) return destroy(resolver.deref(pointer), type, at);
  callDestructor(record->getDefinition(), pointer, true, at);
}

void Emitter::leaveVariable(const clang::VarDecl* variable, clang::SourceLocation at) {
  if (!variable->getType()->isReferenceType()) return destroy(scope.storage(variable), variable->getType(), at);
  // The temporary whose life the reference prolongs.
  const clang::Expr* init = variable->getInit();
  const auto* full = dyn_cast_or_null<clang::FullExpr>(init);
  if (full) init = full->getSubExpr();
  if (isa_and_nonnull<clang::MaterializeTemporaryExpr>(init)) destroy(scope.storage(variable), init->getType(), at);
}

void Emitter::endVariable(const clang::VarDecl* variable, clang::SourceLocation at) {
  const Path storage = scope.storage(variable);
  const bool isOwn = storage.root.kind == RootKind::Local && !variable->getType()->isReferenceType();
  if (isOwn && scope.isShared(storage) && !tu.library.is(variable->getType(), TypeKind::Guard))
    emit(at, Free{storage});
}

const clang::CXXRecordDecl* Emitter::libraryObject(clang::QualType type) {
  type = tu.ast.getBaseElementType(type);
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (!record || !tu.library.inSystemHeader(record)) return nullptr;
  const TypeModel* model = tu.library.type(type);
  if (!model) return record;
  switch (model->kind) {
    case TypeKind::Container:
    case TypeKind::SmartPointer:
    case TypeKind::Callable:
    case TypeKind::Plain:
    case TypeKind::Lock:
    case TypeKind::Condition:
      return record;
    default:
      return nullptr;
  }
}

void Emitter::beginMember(const Path& path, clang::QualType type, clang::SourceLocation at) {
  const clang::CXXRecordDecl* record = libraryObject(type);
  if (!record) return;
  const std::string name = modelName(record);
  emit(at, Access{path, AccessKind::Write, Atomicity::Plain, MemoryOrder::NotAtomic, tu.names.type(type),
                  name + "::" + llvm::StringRef(name).rsplit("::").second.str()});
}

void Emitter::leaveMember(const clang::FieldDecl* field) {
  Path path;
  path.root.kind = RootKind::This;
  path = std::move(path).then(PathStep::field(tu.names.display(field->getParent()), field->getNameAsString()));
  const clang::SourceLocation at = scope.function->getEndLoc();
  destroy(path, field->getType(), at);
  const clang::CXXRecordDecl* record = libraryObject(field->getType());
  if (!record || record->hasTrivialDestructor()) return;
  const std::string name = modelName(record);
  emit(at, Access{path, AccessKind::Write, Atomicity::Plain, MemoryOrder::NotAtomic, tu.names.type(field->getType()),
                  name + "::~" + llvm::StringRef(name).rsplit("::").second.str()});
}

void Emitter::cleanUp(const clang::VarDecl* variable, const clang::FunctionDecl* function) {
  Call event;
  event.callee = directCallee(function);
  event.arguments.push_back(Value::addressOf(scope.storage(variable)));
  emit(variable->getLocation(), std::move(event));
}

void Emitter::makeObject(const clang::CallExpr* call, const CallShape& shape) {
  const clang::TemplateArgumentList* types = shape.callee->getTemplateSpecializationArgs();
  if (!types || types->size() == 0 || types->get(0).getKind() != clang::TemplateArgument::Type) return;
  const clang::QualType type = types->get(0).getAsType();
  const Path home = scope.allocation(call);
  emit(call->getBeginLoc(), Allocate{home, tu.names.type(type)});
  constructElement(call, home, type, shape.arguments);
}

/// An object of the class comes to life, so that its virtual methods may be called.
void Emitter::wantOverrides(clang::SourceLocation at, const clang::CXXRecordDecl* record) {
  if (!record->isPolymorphic() || !llvm::isa<clang::ClassTemplateSpecializationDecl>(record)) return;
  for (const clang::CXXMethodDecl* method : record->methods()) {
    if (!method->isVirtual() || !method->getTemplateInstantiationPattern()) continue;
    if (!method->hasBody()) tu.sema.InstantiateFunctionDefinition(at, const_cast<clang::CXXMethodDecl*>(method), true);
    tu.want(method);
  }
  for (const clang::CXXBaseSpecifier& base : record->bases())
    if (const clang::CXXRecordDecl* parent = base.getType()->getAsCXXRecordDecl())
      if (parent->getDefinition() && !tu.library.inSystemHeader(parent)) wantOverrides(at, parent->getDefinition());
}

void Emitter::constructElement(const clang::Expr* at, const Path& home, clang::QualType type,
                               llvm::ArrayRef<const clang::Expr*> arguments) {
  if (tu.library.is(type, TypeKind::Thread)) return constructThread(at, home, type, arguments);
  if (tu.library.is(type, TypeKind::Guard)) return constructGuard(at->getExprLoc(), home, type, arguments);
  const bool isCopy = arguments.size() == 1 && sideOf(tu.library.type(arguments[0]->getType()));
  if (tu.library.is(type, TypeKind::Promise) && !isCopy) return constructMaker(at, home, type, arguments);
  if (arguments.size() == 1 && (tu.library.type(type) || !type->isRecordType())) {
    if (flows(type)) assign(at->getExprLoc(), home, resolver.value(arguments[0]));
    return;
  }
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  // Nobody but the library's own code, which is not looked at, may have needed the class as yet.
  const bool isComplete = record && tu.sema.isCompleteType(at->getExprLoc(), type);
  if (!isComplete || tu.library.inSystemHeader(record)) return;
  wantOverrides(at->getExprLoc(), record->getDefinition());
  const clang::CXXConstructorDecl* best = nullptr;
  int bestFit = -1;
  for (const clang::CXXConstructorDecl* constructor : record->getDefinition()->ctors())
    if (const int score = fit(tu.ast, constructor, arguments); score > bestFit) {
      best = constructor;
      bestFit = score;
    }
  if (!best) return;
  if (best->isCopyOrMoveConstructor() && best->isTrivial())
    return assign(at->getExprLoc(), home, resolver.value(arguments[0]));
  if (best->isTrivial()) return;
  if (!best->hasBody() && best->getTemplateInstantiationPattern())
    tu.sema.InstantiateFunctionDefinition(at->getExprLoc(), const_cast<clang::CXXConstructorDecl*>(best), true);
  Call event;
  event.callee = directCallee(best);
  event.receiver = Value::addressOf(home);
  event.arguments = passedArguments(best, arguments);
  emit(at->getExprLoc(), std::move(event));
}

}  // namespace deadheat
