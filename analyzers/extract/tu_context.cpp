#include "analyzers/extract/tu_context.h"

#include "analyzers/extract/contracts.h"
#include "analyzers/extract/libc.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Sema/Sema.h"

namespace deadheat {

TuContext::TuContext(clang::Sema& sema, clang::ASTContext& ast, const ModelSet& models, TuFacts& facts)
    : sema(sema), ast(ast), sources(ast.getSourceManager()), library(models, sources), names(ast), facts(facts) {
  if (facts.files.empty()) facts.files.emplace_back();
  library.followViews(coroutineTraits() != nullptr);
}

std::uint32_t TuContext::fileIndex(clang::FileID file) {
  auto [entry, isNew] = fileIndices_.try_emplace(file, 0);
  if (!isNew) return entry->second;
  std::string name = names.file(sources.getLocForStartOfFile(file));
  if (name.empty()) return 0;
  auto [known, isNewName] = fileNames_.try_emplace(name, static_cast<std::uint32_t>(facts.files.size()));
  if (isNewName) facts.files.push_back(name);
  return entry->second = known->second;
}

const Libc& TuContext::libc() {
  if (!libc_) libc_ = libcOf(sema);
  return *libc_;
}

const clang::ClassTemplateDecl* TuContext::coroutineTraits() {
  if (coroutineTraits_) return *coroutineTraits_;
  coroutineTraits_ = nullptr;
  clang::NamespaceDecl* standard = ast.getLangOpts().Coroutines ? sema.getStdNamespace() : nullptr;
  if (!standard) return nullptr;
  // Inline namespaces are looked through.
  for (clang::NamedDecl* found : standard->lookup(&ast.Idents.get("coroutine_traits")))
    if (const auto* traits = llvm::dyn_cast<clang::ClassTemplateDecl>(found)) coroutineTraits_ = traits;
  return *coroutineTraits_;
}

Location TuContext::location(clang::SourceLocation location) {
  if (location.isInvalid()) return {};
  auto [file, offset] = sources.getDecomposedLoc(sources.getFileLoc(location));
  if (file.isInvalid()) return {};
  return {fileIndex(file), sources.getLineNumber(file, offset), sources.getColumnNumber(file, offset)};
}

std::string TuContext::position(clang::SourceLocation place) {
  const Location at = location(place);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// Special members get their bodies when something the parser saw uses them; what library templates use may be unseen.
void TuContext::defineImplicit(const clang::FunctionDecl* function) {
  const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(function);
  const bool special =
      llvm::isa<clang::CXXDestructorDecl>(function) || (constructor && constructor->isDefaultConstructor());
  if (!special || !function->isDefaulted() || function->isDeleted() || function->isInvalidDecl() ||
      function->isDependentContext() || function->isTrivial() || library.inSystemHeader(function) ||
      function->doesThisDeclarationHaveABody())
    return;
  sema.MarkFunctionReferenced(function->getLocation(), const_cast<clang::FunctionDecl*>(function));
}

void TuContext::want(const clang::FunctionDecl* function) {
  const clang::FunctionDecl* definition = nullptr;
  if (!function) return;
  defineImplicit(function);
  if (!function->hasBody(definition)) return wantDeclaration(function->getMostRecentDecl());
  if (definition->isDependentContext()) return;
  if (definition->isInvalidDecl() || definition->getType()->isDependentType()) return;
  if (library.inSystemHeader(definition)) return wantDeclaration(function->getMostRecentDecl());
  if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(definition);
      method && method->getParent()->isLambda() && method->getOverloadedOperator() != clang::OO_Call)
    return;
  if (seen_.insert(definition).second) wanted_.push_back(definition);
}

void TuContext::wantDeclaration(const clang::FunctionDecl* function) {
  if (!hasContracts(function) || function->isDependentContext() || function->isDefaulted()) return;
  if (seen_.insert(function->getCanonicalDecl()).second) wanted_.push_back(function);
}

const clang::FunctionDecl* TuContext::nextWanted() {
  if (wanted_.empty()) return nullptr;
  const clang::FunctionDecl* next = wanted_.front();
  wanted_.pop_front();
  return next;
}

void TuContext::takeAddress(const clang::FunctionDecl* function) {
  addressTaken_.insert(function->getCanonicalDecl());
}

bool TuContext::addressTaken(const clang::FunctionDecl* function) const {
  return addressTaken_.contains(function->getCanonicalDecl());
}

Path TuContext::globalPath(const clang::VarDecl* variable) {
  const clang::VarDecl* canonical = variable->getCanonicalDecl();
  auto [entry, isNew] = globalPaths_.try_emplace(canonical);
  if (isNew) {
    const bool isThreadLocal = variable->getTLSKind() != clang::VarDecl::TLS_None;
    entry->second.root = {isThreadLocal ? RootKind::ThreadLocal : RootKind::Global, 0, names.variableId(variable),
                          variable->isStaticLocal() ? variable->getNameAsString() : names.display(variable)};
    if (!library.inSystemHeader(variable)) globals_.insert(canonical);
  }
  return entry->second;
}

}  // namespace deadheat
