#include "analyzers/extract/unwinding.h"

#include "analyzers/extract/coroutines.h"

#include "clang/AST/StmtCXX.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

void Unwinding::mapBody(const clang::Stmt* statement, const clang::CXXTryStmt* within) {
  if (!statement || isa<clang::LambdaExpr>(statement)) return;
  if (within) within_[statement] = within;
  if (const auto* attempt = dyn_cast<clang::CXXTryStmt>(statement)) {
    mapBody(attempt->getTryBlock(), attempt);
    for (unsigned i = 0; i < attempt->getNumHandlers(); ++i) mapBody(attempt->getHandler(i), within);
    return;
  }
  for (const clang::Stmt* child : statement->children()) mapBody(child, within);
}

void Unwinding::prepare() {
  if (scope_.survey.tries.empty()) return;
  mapBody(writtenBody(scope_.function->getBody()), nullptr);
  for (const clang::CFGBlock* block : graph_)
    if (const auto* attempt = dyn_cast_or_null<clang::CXXTryStmt>(block->getTerminatorStmt()))
      blocks_[attempt] = block;
}

const clang::CFGBlock* Unwinding::handlersOf(const clang::CFGBlock& block) const {
  if (blocks_.empty()) return nullptr;
  for (auto element = block.rbegin(); element != block.rend(); ++element) {
    auto statement = element->getAs<clang::CFGStmt>();
    if (!statement) continue;
    if (auto found = within_.find(statement->getStmt()); found != within_.end()) return blocks_.lookup(found->second);
  }
  return nullptr;
}

void Unwinding::endObjects(Emitter& emitter, const clang::Stmt* body, clang::SourceLocation at) const {
  llvm::SmallVector<const clang::VarDecl*> variables;
  llvm::SmallVector<const clang::Stmt*> todo{body};
  while (!todo.empty()) {
    const clang::Stmt* next = todo.pop_back_val();
    if (!next || isa<clang::LambdaExpr, clang::CXXCatchStmt>(next)) continue;
    if (const auto* inner = dyn_cast<clang::CXXTryStmt>(next); inner && next != body) continue;
    if (const auto* declaration = dyn_cast<clang::DeclStmt>(next))
      for (const clang::Decl* decl : declaration->decls())
        if (const auto* variable = dyn_cast<clang::VarDecl>(decl); variable && variable->hasLocalStorage())
          variables.push_back(variable);
    llvm::SmallVector<const clang::Stmt*> children(next->child_begin(), next->child_end());
    todo.append(children.rbegin(), children.rend());
  }
  for (auto variable = variables.rbegin(); variable != variables.rend(); ++variable)
    emitter.leaveVariable(*variable, at);
}

void Unwinding::enterHandlers(Emitter& emitter, const clang::CFGBlock& block) const {
  const auto* attempt = dyn_cast_or_null<clang::CXXTryStmt>(block.getTerminatorStmt());
  if (attempt && blocks_.lookup(attempt) == &block)
    endObjects(emitter, attempt->getTryBlock(), attempt->getTryBlock()->getEndLoc());
}

void Unwinding::leaveByThrow(Emitter& emitter, const clang::Stmt* thrown) const {
  if (within_.contains(thrown)) return;
  const clang::Stmt* inner = thrown;
  const clang::SourceLocation at = thrown->getBeginLoc();
  while (const clang::Stmt* outer = emitter.parents().getParent(const_cast<clang::Stmt*>(inner))) {
    llvm::SmallVector<const clang::VarDecl*> variables;
    for (const clang::Stmt* child : outer->children()) {
      if (child == inner) break;
      const auto* declaration = dyn_cast_or_null<clang::DeclStmt>(child);
      if (!declaration) continue;
      for (const clang::Decl* decl : declaration->decls())
        if (const auto* variable = dyn_cast<clang::VarDecl>(decl); variable && variable->hasLocalStorage())
          variables.push_back(variable);
    }
    for (auto variable = variables.rbegin(); variable != variables.rend(); ++variable)
      emitter.leaveVariable(*variable, at);
    inner = outer;
  }
}

bool Unwinding::throws(const clang::CFGBlock& block) {
  for (const clang::CFGElement& element : block)
    if (auto statement = element.getAs<clang::CFGStmt>(); statement && isa<clang::CXXThrowExpr>(statement->getStmt()))
      return true;
  return false;
}

}  // namespace deadheat
