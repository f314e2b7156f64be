#include "analyzers/extract/library.h"

#include "analyzers/extract/names.h"
#include "analyzers/models/annotation.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/SourceManager.h"

namespace deadheat {

const TypeModel* Library::typeNamed(llvm::StringRef name) {
  const TypeModel* model = models_.type(name);
  if (model && model->entry) used_.insert(entryKey(*model->entry));
  return model;
}

const FunctionModel* Library::functionNamed(llvm::StringRef name) {
  const FunctionModel* model = models_.function(name);
  if (model && model->entryOf) used_.insert(entryKey(*model->entryOf));
  return model;
}

namespace {

/// The text of the annotation for deadheat that the declaration has, or empty. A template's is its instances' too.
llvm::StringRef annotationOf(const clang::Decl* decl) {
  for (const auto* attribute : decl->specific_attrs<clang::AnnotateAttr>())
    if (attribute->getAnnotation().starts_with(kAnnotation)) return attribute->getAnnotation();
  if (const auto* instance = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(decl))
    return annotationOf(instance->getSpecializedTemplate()->getTemplatedDecl());
  return {};
}

/// An entry that cannot be read says nothing; the compiler that checks the header's macros keeps them right.
template <typename Model>
const Model* kept(llvm::Expected<Model> model, std::deque<Model>& all) {
  if (model) return &all.emplace_back(std::move(*model));
  llvm::consumeError(model.takeError());
  return nullptr;
}

}  // namespace

const TypeModel* Library::annotatedType(const clang::Decl* decl, const std::string& name) {
  if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(decl); tag && tag->getDefinition()) decl = tag->getDefinition();
  const llvm::StringRef text = annotationOf(decl);
  return text.empty() ? nullptr : kept(deadheat::annotatedType(text, name), annotatedTypes_);
}

const FunctionModel* Library::annotatedFunction(const clang::Decl* decl, const std::string& name) {
  const llvm::StringRef text = annotationOf(decl->getMostRecentDecl());
  return text.empty() ? nullptr : kept(deadheat::annotatedFunction(text, name), annotatedFunctions_);
}

bool Library::startsThread(const clang::FunctionDecl* function) {
  const ModelEntry* entry = models_.threadEntry(modelName(function));
  if (entry) used_.insert(entryKey(*entry));
  return entry != nullptr;
}

std::vector<std::string> Library::usedEntries() const { return {used_.begin(), used_.end()}; }

const TypeModel* Library::record(const clang::TagDecl* record) {
  auto [entry, isNew] = types_.try_emplace(record->getCanonicalDecl(), nullptr);
  if (!isNew) return entry->second;
  const std::string name = modelName(record);
  const TypeModel* model = annotatedType(record, name);
  return types_[record->getCanonicalDecl()] = model ? model : typeNamed(name);
}

const TypeModel* Library::type(clang::QualType type) {
  if (type.isNull()) return nullptr;
  type = type.getNonReferenceType();
  // Typedefs of unnamed or builtin types (pthread_mutex_t, pthread_spinlock_t) are known by the typedef's name.
  while (const auto* alias = type->getAs<clang::TypedefType>()) {
    const clang::TypedefNameDecl* decl = alias->getDecl();
    auto [entry, isNew] = types_.try_emplace(decl->getCanonicalDecl(), nullptr);
    if (isNew) entry->second = typeNamed(modelName(decl));
    if (entry->second) return entry->second;
    type = decl->getUnderlyingType();
  }
  if (const auto* tag = type->getAsTagDecl()) return record(tag);
  return nullptr;
}

const TypeModel* Library::baseOf(const clang::CXXRecordDecl* record) {
  const clang::CXXRecordDecl* definition = record->getDefinition();
  if (!definition || definition->isDependentContext()) return nullptr;
  for (const clang::CXXBaseSpecifier& base : definition->bases())
    if (const TypeModel* model = typeOrBase(base.getType())) return model;
  return nullptr;
}

const TypeModel* Library::typeOrBase(clang::QualType type) {
  if (const TypeModel* model = this->type(type)) return model;
  if (type.isNull()) return nullptr;
  const clang::CXXRecordDecl* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record ? baseOf(record) : nullptr;
}

bool Library::is(clang::QualType type, TypeKind kind) {
  const TypeModel* model = this->type(type);
  return model && model->kind == kind;
}

bool Library::isPointerLike(clang::QualType type) {
  const TypeModel* model = this->type(type);
  return (model && (model->kind == TypeKind::SmartPointer || model->kind == TypeKind::Iterator ||
                    model->kind == TypeKind::Promise)) ||
         isView(type);
}

bool Library::isView(clang::QualType type) {
  if (!followsViews_) return false;
  if (const TypeModel* model = this->type(type)) return model->view;
  const clang::CXXRecordDecl* record = type.isNull() ? nullptr : type.getNonReferenceType()->getAsCXXRecordDecl();
  return record && refersByParts(record);
}

/// A view made of another, as `std::ranges::filter_view<std::ranges::ref_view<...>, F>`, refers to what that refers to.
bool Library::refersByParts(const clang::CXXRecordDecl* record) {
  const auto* instance = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record);
  if (!instance || !inSystemHeader(instance) || !instance->getName().ends_with("_view")) return false;
  const clang::TemplateArgument& first = instance->getTemplateArgs()[0];
  return first.getKind() == clang::TemplateArgument::Type && isView(first.getAsType());
}

const FunctionModel* Library::function(const clang::FunctionDecl* function) {
  auto [entry, isNew] = functions_.try_emplace(function->getCanonicalDecl(), nullptr);
  if (!isNew) return entry->second;
  const std::string name = modelName(function);
  const FunctionModel* model = annotatedFunction(function, name);
  return functions_[function->getCanonicalDecl()] = model ? model : functionNamed(name);
}

const HazardModel* Library::hazard(const clang::FunctionDecl* function) {
  auto [entry, isNew] = hazards_.try_emplace(function->getCanonicalDecl(), nullptr);
  if (isNew) entry->second = models_.hazard(modelName(function));
  return entry->second;
}

const FunctionModel* Library::method(const clang::CXXMethodDecl* method, clang::QualType receiver) {
  const TypeModel* type = this->type(receiver);
  if (method->hasAttr<clang::AnnotateAttr>())
    if (const FunctionModel* model = function(method)) return model;
  if (type)
    if (const FunctionModel* model =
            functionNamed(type->name + "::" + llvm::StringRef(modelName(method)).rsplit("::").second.str()))
      return model;
  if (const FunctionModel* model = function(method)) return model;
  // A method inherited inside a library: std::map's through a base class of it.
  if (type || !inSystemHeader(method)) return nullptr;
  const TypeModel* base = typeOrBase(receiver);
  if (!base) return nullptr;
  return functionNamed(base->name + "::" + llvm::StringRef(modelName(method)).rsplit("::").second.str());
}

bool Library::inSystemHeader(const clang::Decl* decl) {
  clang::SourceLocation location = decl->getLocation();
  return location.isInvalid() || sources_.isInSystemHeader(sources_.getExpansionLoc(location));
}

CallShape Library::shape(const clang::CallExpr* call) {
  CallShape shape;
  shape.callee = call->getDirectCallee();
  shape.arguments.append(call->arg_begin(), call->arg_end());
  const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(shape.callee);
  if (const auto* memberCall = llvm::dyn_cast<clang::CXXMemberCallExpr>(call)) {
    shape.receiver = memberCall->getImplicitObjectArgument();
  } else if (method && llvm::isa<clang::CXXOperatorCallExpr>(call) && !shape.arguments.empty() &&
             !method->isExplicitObjectMemberFunction()) {
    shape.receiver = shape.arguments.front();
    shape.arguments.erase(shape.arguments.begin());
  }
  if (!shape.receiver) {
    if (shape.callee) shape.model = method && !method->isStatic() ? nullptr : function(shape.callee);
    return shape;
  }
  shape.receiverIsPointer = shape.receiver->getType()->isPointerType();
  clang::QualType type = shape.receiver->IgnoreParenImpCasts()->getType();
  if (type->isPointerType()) type = type->getPointeeType();
  if (type->isDependentType()) return shape;
  shape.receiverType = typeOrBase(type);
  if (method) shape.model = this->method(method, type);
  return shape;
}

}  // namespace deadheat
