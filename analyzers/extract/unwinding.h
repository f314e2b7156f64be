// Exceptions: what is released when a try body or the function is left by one. Clang's graph has no such edges.
//
// The block Clang makes for a try statement (its handlers follow it) stands for every exception out of the body: it
// gets an edge from each block of the body and ends the lives of the body's automatic objects.
#pragma once

#include "analyzers/extract/emitter.h"
#include "clang/Analysis/CFG.h"

namespace deadheat {

class Unwinding {
 public:
  Unwinding(FunctionScope& scope, const clang::CFG& graph) : scope_(scope), graph_(graph) {}

  /// Finds the try statements. Requires the survey of the body.
  void prepare();
  /// The block of the innermost try statement around `block`, if anything of its body is in `block`; or null.
  const clang::CFGBlock* handlersOf(const clang::CFGBlock& block) const;
  /// If `block` is that of a try statement: the ends of its automatic objects.
  void enterHandlers(Emitter& emitter, const clang::CFGBlock& block) const;
  /// Ends the automatic objects in scope at a throw that no handler of this function takes.
  void leaveByThrow(Emitter& emitter, const clang::Stmt* thrown) const;

  static bool throws(const clang::CFGBlock& block);

 private:
  void mapBody(const clang::Stmt* statement, const clang::CXXTryStmt* within);
  void endObjects(Emitter& emitter, const clang::Stmt* body, clang::SourceLocation at) const;

  FunctionScope& scope_;
  const clang::CFG& graph_;
  llvm::DenseMap<const clang::Stmt*, const clang::CXXTryStmt*> within_;
  llvm::DenseMap<const clang::CXXTryStmt*, const clang::CFGBlock*> blocks_;
};

}  // namespace deadheat
