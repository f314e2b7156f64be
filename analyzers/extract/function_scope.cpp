#include "analyzers/extract/function_scope.h"

namespace deadheat {

FunctionScope::FunctionScope(TuContext& tu, const clang::FunctionDecl* function)
    : tu(tu), function(function), survey(tu.library) {
  const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(function);
  if (!method || !method->getParent()->isLambda()) return;
  llvm::DenseMap<const clang::ValueDecl*, clang::FieldDecl*> captures;
  method->getParent()->getCaptureFields(captures, capturedThis_);
  captures_ = std::move(captures);
}

/// Attributes name the parameters of whichever declaration they stand on.
bool FunctionScope::isOwnParameter(const clang::ParmVarDecl* parameter) const {
  const auto* owner = llvm::dyn_cast<clang::FunctionDecl>(parameter->getDeclContext());
  return owner && function && owner->getCanonicalDecl() == function->getCanonicalDecl();
}

Path FunctionScope::storage(const clang::VarDecl* variable) {
  if (!variable->hasLocalStorage()) return tu.globalPath(variable);
  auto [entry, isNew] = variables_.try_emplace(variable);
  if (!isNew) return entry->second;
  std::string name = variable->getNameAsString();
  Path path;
  const auto* parameter = llvm::dyn_cast<clang::ParmVarDecl>(variable);
  if (parameter && isOwnParameter(parameter)) {
    path.root = {RootKind::Parameter, parameter->getFunctionScopeIndex(), {}, name};
  } else {
    if (name.empty()) name = "$unnamed";
    const unsigned count = ++names_[name];
    path.root = {RootKind::Local, 0, count == 1 ? name : name + "#" + std::to_string(count), name};
    locals_[path.root.name] = variable;
  }
  return variables_[variable] = path;
}

Path FunctionScope::storage(const VariableCopy& copy) {
  if (copy.second == 0) return storage(copy.first);
  Path path;
  const std::string name = copy.first->getNameAsString();
  path.root = {RootKind::Local, 0, name + "~" + std::to_string(copy.second), name};
  locals_[path.root.name] = copy.first;
  return path;
}

void FunctionScope::lookForRegions() {
  if (!tu.ast.getLangOpts().OpenMP || !function) return;
  regions.emplace(tu.ast);
  regions->look(function);
  for (const clang::VarDecl* variable : regions->shared) survey.exposed.insert(variable);
}

Path FunctionScope::temporary(RootKind kind, llvm::StringRef prefix, const clang::Expr* expression) {
  auto [entry, isNew] = temporaries_.try_emplace({expression, static_cast<unsigned>(kind)});
  if (!isNew) return entry->second;
  std::string name = (prefix + "@" + tu.position(expression->getBeginLoc())).str();
  const unsigned count = ++names_[name];
  if (count > 1) name += "#" + std::to_string(count);
  Path path;
  path.root = {kind, 0, name, prefix.str()};
  return temporaries_[{expression, static_cast<unsigned>(kind)}] = path;
}

Path FunctionScope::allocation(const clang::Expr* expression) {
  Path path = temporary(RootKind::Allocation, "new", expression);
  path.root.name += "@" + (function ? tu.names.functionId(function) : std::string("$init"));
  return path;
}

const clang::FieldDecl* FunctionScope::capture(const clang::ValueDecl* variable) const {
  auto found = captures_.find(variable);
  return found == captures_.end() ? nullptr : found->second;
}

bool FunctionScope::isShared(const Path& path) const {
  const RootKind kind = path.root.kind;
  if (kind == RootKind::Unknown) return false;
  if (kind != RootKind::Local && kind != RootKind::Parameter && kind != RootKind::Result) return true;
  for (const PathStep& step : path.steps)
    if (step.kind == PathStep::Kind::Deref) return true;
  if (kind == RootKind::Parameter) {
    return path.root.index < function->getNumParams() &&
           survey.exposed.contains(function->getParamDecl(path.root.index));
  }
  auto found = locals_.find(path.root.name);
  return found != locals_.end() && survey.exposed.contains(found->second);
}

}  // namespace deadheat
