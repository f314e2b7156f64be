// The regions of one body, seen before its control-flow graph is walked: the tree of OpenMP constructs, counting loops
// and comparisons, which region each statement stands in, which references mean a private copy, and what numbers are
// assigned where. Made only for translation units that use OpenMP.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "analyzers/extract/data_sharing.h"
#include "analyzers/extract/loop_shape.h"
#include "analyzers/facts/region.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/DenseSet.h"

namespace deadheat {

/// A variable of the source, and the number of the region that has its own copy of it (0: the variable itself).
using VariableCopy = std::pair<const clang::VarDecl*, unsigned>;

class RegionSurvey {
 public:
  explicit RegionSurvey(const clang::ASTContext& ast) : ast_(ast) {}

  void look(const clang::FunctionDecl* function);

  /// One region under construction; its number is its place in `nodes` plus 1.
  struct Node {
    Region::Kind kind = Region::Kind::Guard;
    unsigned parent = 0;
    const clang::Stmt* statement = nullptr;
    const clang::OMPExecutableDirective* directive = nullptr;
    std::vector<std::pair<LoopShape, VariableCopy>> loops;  ///< Loop, Share, Lanes.
    const clang::Expr* left = nullptr;                      ///< Guard: `left - right` compares with 0.
    const clang::Expr* right = nullptr;
    clang::BinaryOperatorKind relation = clang::BO_EQ;
    bool isFirstThread = false;  ///< Guard: of omp master.
    bool meets = false;          ///< Loop: a barrier stands in it.
    bool waits = false;          ///< A loop that does not count, with a critical or atomic construct inside.
  };
  struct Assignment {
    const clang::Expr* value = nullptr;  ///< Null: not a plain assignment.
    unsigned region = 0;
  };

  std::vector<Node> nodes;
  llvm::DenseMap<VariableCopy, llvm::SmallVector<Assignment, 2>> assignments;
  llvm::DenseMap<const clang::VarDecl*, unsigned> declaredIn;  ///< Locals declared inside a region.
  llvm::DenseSet<const clang::VarDecl*> shared;  ///< Locals that a team or task reaches from outside.
  std::vector<std::pair<VariableCopy, VariableCopy>> initialised;  ///< firstprivate copies and what they start with.
  llvm::SmallVector<const clang::Stmt*> bodies;         ///< Of OpenMP constructs.
  llvm::DenseMap<const clang::ForStmt*, unsigned> meetingLoops;  ///< Loops with a barrier inside: their region.
  llvm::DenseMap<const clang::OMPExecutableDirective*, unsigned> first;  ///< The outermost region a directive made.
  llvm::DenseMap<const clang::OMPExecutableDirective*, unsigned> last;   ///< The innermost one: its body's.
  llvm::DenseMap<const clang::OMPExecutableDirective*, unsigned> end;    ///< Where lastprivate variables are written.
  llvm::DenseMap<const clang::OMPExecutableDirective*, const DataSharing*> sharingOf;

  unsigned regionOf(const clang::Stmt* statement) const { return regions_.lookup(statement); }
  /// The atomic construct that `statement` is part of, or null.
  const clang::OMPAtomicDirective* atomicOf(const clang::Stmt* statement) const { return inAtomic_.lookup(statement); }
  /// Which copy `reference` means.
  unsigned copyOf(const clang::DeclRefExpr* reference) const { return copies_.lookup(reference); }
  /// Every private copy that is named somewhere.
  std::vector<VariableCopy> copies() const;
  bool isInside(unsigned region, unsigned outer) const;
  /// The team around `region` that is nearest to it, 0 if none.
  unsigned teamOf(unsigned region) const;
  /// The task around `region` that is nearest to it, 0 if none.
  unsigned taskOf(unsigned region) const;
  Node& node(unsigned region) { return nodes[region - 1]; }
  const Node& node(unsigned region) const { return nodes[region - 1]; }

 private:
  struct Environment {
    const DataSharing* sharing;
    unsigned region;
    llvm::omp::Directive kind;
  };
  void walk(const clang::Stmt* statement, unsigned region);
  void walkChildren(const clang::Stmt* statement, unsigned region);
  void walkDirective(const clang::OMPExecutableDirective* directive, unsigned region);
  void walkBody(const clang::OMPExecutableDirective* directive, unsigned region);
  void walkShared(const clang::Stmt* body, unsigned region, unsigned loops, DataSharing& sharing);
  void walkSections(const clang::Stmt* body, const clang::OMPExecutableDirective* directive, unsigned region);
  void walkCompound(const clang::CompoundStmt* compound, unsigned region);
  void walkFor(const clang::ForStmt* loop, unsigned region);
  void walkIf(const clang::IfStmt* branch, unsigned region);
  void noteReference(const clang::DeclRefExpr* reference, unsigned region);
  void noteAssignments(const clang::Stmt* statement, unsigned region);
  void noteMeeting(unsigned region);
  void noteWaiting(unsigned region);
  void walkWhile(const clang::Stmt* loop, unsigned region);
  unsigned add(Node node);
  unsigned addFor(const clang::OMPExecutableDirective* directive, unsigned region);
  /// The regions where `condition` is what `holds` says, inside `region`.
  unsigned addGuards(const clang::Expr* condition, bool holds, unsigned region);
  VariableCopy resolve(const clang::VarDecl* variable, std::size_t depth, unsigned region);
  VariableCopy copyIn(const clang::VarDecl* variable, const Environment& environment);
  bool isShared(const clang::VarDecl* variable, std::size_t depth) const;
  void assign(const clang::Expr* target, const clang::Expr* value, unsigned region);
  bool isConstantly(const clang::Expr* condition, bool value) const;

  const clang::ASTContext& ast_;
  const clang::OMPAtomicDirective* atomic_ = nullptr;
  llvm::DenseMap<const clang::Stmt*, const clang::OMPAtomicDirective*> inAtomic_;
  llvm::DenseMap<const clang::Stmt*, unsigned> regions_;
  llvm::DenseMap<const clang::DeclRefExpr*, unsigned> copies_;
  std::vector<Environment> environments_;
  std::vector<std::unique_ptr<DataSharing>> sharings_;
  llvm::DenseSet<std::pair<const clang::VarDecl*, unsigned>> started_;
};

}  // namespace deadheat
