#include "analyzers/extract/names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace deadheat {
namespace {

bool isLambdaClass(const clang::Decl* decl) {
  const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(decl);
  return record && record->isLambda();
}

/// The scopes that show in a qualified name, outermost first.
llvm::SmallVector<const clang::NamedDecl*> namedScopes(const clang::NamedDecl* decl) {
  llvm::SmallVector<const clang::NamedDecl*> scopes;
  for (const clang::DeclContext* context = decl->getDeclContext(); context; context = context->getParent()) {
    const auto* named = llvm::dyn_cast<clang::NamedDecl>(context);
    if (!named) continue;
    if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(named); space && space->isInline()) continue;
    if (const auto* tag = llvm::dyn_cast<clang::EnumDecl>(named); tag && !tag->isScoped()) continue;
    scopes.push_back(named);
  }
  std::reverse(scopes.begin(), scopes.end());
  return scopes;
}

std::string plainName(const clang::NamedDecl* decl) {
  if (isLambdaClass(decl)) return "lambda";
  if (llvm::isa<clang::CXXConversionDecl>(decl)) return "operator conversion";
  if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(decl); tag && tag->getTypedefNameForAnonDecl())
    return tag->getTypedefNameForAnonDecl()->getNameAsString();
  if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl); space && space->isAnonymousNamespace())
    return "(anonymous namespace)";
  return decl->getNameAsString();
}

}  // namespace

std::string modelName(const clang::NamedDecl* decl) {
  std::string text;
  for (const clang::NamedDecl* scope : namedScopes(decl)) text += plainName(scope) + "::";
  return text + plainName(decl);
}

Names::Names(clang::ASTContext& ast)
    : ast_(ast), policy_(ast.getPrintingPolicy()), mangler_(ast.createMangleContext()) {
  policy_.SuppressTagKeyword = true;
  policy_.SuppressInlineNamespace = true;
  policy_.SuppressUnwrittenScope = true;
  policy_.AnonymousTagLocations = false;
  policy_.SuppressDefaultTemplateArgs = true;
  policy_.Bool = true;
  policy_.UsePreferredNames = true;
}

std::string Names::file(clang::SourceLocation location) {
  const clang::SourceManager& sources = ast_.getSourceManager();
  clang::FileID id = sources.getFileID(sources.getFileLoc(location));
  clang::OptionalFileEntryRef entry = sources.getFileEntryRefForID(id);
  if (!entry) return {};
  llvm::SmallString<256> path(entry->getName());
  sources.getFileManager().makeAbsolutePath(path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return std::string(path);
}

std::string Names::mangled(clang::GlobalDecl decl) {
  const auto* named = llvm::cast<clang::NamedDecl>(decl.getDecl());
  if (!mangler_->shouldMangleDeclName(named)) return named->getNameAsString();
  std::string text;
  llvm::raw_string_ostream out(text);
  mangler_->mangleName(decl, out);
  return text;
}

std::string Names::lambdaId(const clang::CXXMethodDecl* callOperator) {
  const clang::SourceManager& sources = ast_.getSourceManager();
  const clang::CXXRecordDecl* closure = callOperator->getParent();
  clang::PresumedLoc place = sources.getPresumedLoc(sources.getFileLoc(closure->getLocation()), false);
  std::string id = file(closure->getLocation());
  if (place.isValid()) id += ":" + std::to_string(place.getLine()) + ":" + std::to_string(place.getColumn());
  for (const clang::DeclContext* context = closure->getDeclContext(); context; context = context->getParent())
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(context)) {
      if (function->isTemplateInstantiation()) id += "@" + functionId(function);
      break;
    }
  if (callOperator->getTemplateSpecializationArgs()) id += "#" + canonicalType(callOperator->getType());
  return id;
}

FunctionId Names::functionId(const clang::FunctionDecl* function) {
  if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function); method && method->getParent()->isLambda())
    return lambdaId(method) + (method->getOverloadedOperator() == clang::OO_Call ? "" : "$" + plainName(method));
  std::string name;
  if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(function))
    name = mangled({constructor, clang::Ctor_Complete});
  else if (const auto* destructor = llvm::dyn_cast<clang::CXXDestructorDecl>(function))
    name = mangled({destructor, clang::Dtor_Complete});
  else
    name = mangled(clang::GlobalDecl(function));
  if (function->isExternallyVisible()) return name;
  return file(function->getCanonicalDecl()->getLocation()) + ":" + name;
}

std::string Names::variableId(const clang::VarDecl* variable) {
  std::string name = mangled(clang::GlobalDecl(variable));
  if (variable->isStaticLocal() && !mangler_->shouldMangleDeclName(variable))
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(variable->getDeclContext()))
      name = functionId(function) + "::" + name + "@" +
             std::to_string(ast_.getSourceManager().getSpellingLineNumber(variable->getLocation()));
  if (variable->isExternallyVisible()) return name;
  return file(variable->getCanonicalDecl()->getLocation()) + ":" + name;
}

std::string Names::display(const clang::NamedDecl* decl) {
  std::string text;
  auto append = [&](const clang::NamedDecl* part) {
    if (!text.empty()) text += "::";
    text += plainName(part);
    const auto* specialization = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(part);
    if (!specialization) return;
    llvm::raw_string_ostream out(text);
    clang::printTemplateArgumentList(out, specialization->getTemplateArgs().asArray(), policy_);
  };
  const bool isLambdaBody = isLambdaClass(llvm::dyn_cast<clang::Decl>(decl->getDeclContext()));
  for (const clang::NamedDecl* scope : namedScopes(decl)) {
    append(scope);
    if (llvm::isa<clang::FunctionDecl>(scope) && !text.ends_with("operator()")) text += "()";
  }
  if (!isLambdaBody) append(decl);
  return text;
}

std::string Names::type(clang::QualType type) { return type.getAsString(policy_); }

std::string Names::canonicalType(clang::QualType type) { return type.getCanonicalType().getAsString(policy_); }

}  // namespace deadheat
