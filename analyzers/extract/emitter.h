// One expression at a time -> events. The control-flow walk (cfg_walk.cpp) calls `visit` for each statement of the
// graph in evaluation order; what an expression denotes comes from Resolver. The parts stand in emit_*.cpp: accesses,
// calls, library calls, objects (construction and destruction), locks, threads, closures, atomics.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "analyzers/extract/resolver.h"
#include "analyzers/facts/tu_facts.h"
#include "clang/AST/ParentMap.h"

namespace deadheat {

/// A lock attempt whose outcome a branch tests.
struct TryTest {
  std::vector<Event> acquires;
  bool successOnTrue = true;
};

/// What a thread, callback or bound call is to run.
struct Entry {
  Callee callee;
  std::optional<Value> receiver;
  std::vector<Value> arguments;
};

/// Emits the events of one function into `out`.
class Emitter {
 public:
  Emitter(FunctionScope& scope, const clang::Stmt* body, std::vector<Event>& firstBlock)
      : scope(scope), tu(scope.tu), resolver(scope), out(&firstBlock), body_(body) {}

  /// One statement of the control-flow graph; its parts have been visited.
  void visit(const clang::Stmt* statement);
  /// A statement the graph does not take apart: its parts, then itself.
  void visitTree(const clang::Stmt* statement);
  /// What a declaration does after its initialiser has been visited.
  void initializeVariable(const clang::VarDecl* variable);
  void initializeMember(const clang::CXXCtorInitializer* initializer);
  void allocate(const clang::CXXNewExpr* allocation);
  /// The object of `type` at `path` ends its life.
  void destroy(const Path& path, clang::QualType type, clang::SourceLocation at);
  /// `delete pointer` of an object of `type`: its destructor.
  void destroyPointee(const Value& pointer, clang::QualType type, clang::SourceLocation at);
  /// `variable` goes out of scope.
  void leaveVariable(const clang::VarDecl* variable, clang::SourceLocation at);
  /// A destructor ends `field` of its object.
  void leaveMember(const clang::FieldDecl* field);
  /// `variable` has __attribute__((cleanup(function))) and goes out of scope.
  void cleanUp(const clang::VarDecl* variable, const clang::FunctionDecl* function);
  /// Who contains whom in the body. Built when first asked for.
  const clang::ParentMap& parents();
  /// What `condition` reads and tests, or none if nothing of it was ever shared.
  std::optional<Branch> branchOn(const clang::Expr* condition);
  /// If `condition` tests a lock attempt: what is held on which side.
  std::optional<TryTest> testedTry(const clang::Expr* condition);

  /// Private copies of pointers take the values they start with. emit_region.cpp, as are the next two.
  void initializeCopies();
  /// Gives the function its regions, once all events are there.
  void finishRegions(Function& function);
  void sync(const clang::Stmt* at, Sync::Kind kind, unsigned about = 0, std::vector<Dependence> dependences = {});

  FunctionScope& scope;
  TuContext& tu;
  Resolver resolver;
  std::vector<Event>* out;     ///< The block being filled.
  unsigned region = 0;         ///< The region of the statement that is visited.
  std::set<Path> moved;  ///< Guards, smart pointers and containers that no longer hold anything here.

 private:
  // emit_access.cpp
  void emit(clang::SourceLocation at, EventKind what) { out->push_back({tu.location(at), std::move(what), region}); }
  void access(const clang::Expr* lvalue, AccessKind kind);
  void accessPath(clang::SourceLocation at, const Path& path, AccessKind kind, clang::QualType type,
                  const clang::Expr* lvalue = nullptr);
  void libraryAccess(const clang::Expr* at, const Path& path, AccessKind kind, clang::QualType type,
                     const std::string& operation);
  void assign(clang::SourceLocation at, const Path& target, Value value);
  void visitCast(const clang::CastExpr* cast);
  void visitUnary(const clang::UnaryOperator* unary);
  void visitBinary(const clang::BinaryOperator* binary);
  void visitDeclaration(const clang::DeclStmt* declaration);
  /// The language lets one thread initialise a static local, as std::call_once would.
  void beginStatic(const clang::Stmt* part);
  void endStatic(const clang::VarDecl* variable);
  void visitReturn(const clang::ReturnStmt* statement);
  void visitArm(const clang::Expr* arm);
  void visitList(const clang::InitListExpr* list);
  void visitNew(const clang::CXXNewExpr* allocation);
  void visitDelete(const clang::CXXDeleteExpr* expression);
  void noteFunctionReference(const clang::Expr* expression);
  bool flows(clang::QualType type);

  // emit_compute.cpp
  /// The memory and call results that the number `expression` depends on; empty if nothing of it was ever shared.
  std::vector<Path> sources(const clang::Expr* expression);
  void addSources(const clang::Expr* expression, std::vector<Path>& out);
  bool isDerived(const Path& path) const;
  void compute(clang::SourceLocation at, const Path& target, std::vector<Path> from);
  void computeFrom(clang::SourceLocation at, const Path& target, const clang::Expr* value);
  void decompose(const clang::Expr* condition, Branch& out);

  // emit_region.cpp
  void visitDirective(const clang::OMPExecutableDirective* directive);
  void writeBack(const clang::OMPExecutableDirective* directive);
  void markAtomic(const clang::Expr* lvalue, Access& access);
  std::vector<Dependence> dependencesOf(const clang::OMPExecutableDirective* directive);
  Range rangeOf(const LoopShape& shape, const VariableCopy& copy, unsigned region);
  void fillGuard(const RegionSurvey::Node& node, unsigned region, Region& out);
  Region regionFact(const RegionSurvey::Node& node, unsigned number);

  // emit_call.cpp
  void visitCall(const clang::CallExpr* call);
  void userCall(const clang::CallExpr* call, const CallShape& shape);
  void indirectCall(const clang::CallExpr* call, const CallShape& shape);
  Callee directCallee(const clang::FunctionDecl* function);
  Callee callee(const clang::CallExpr* call, const CallShape& shape);
  std::vector<Value> passedArguments(const clang::FunctionDecl* function, llvm::ArrayRef<const clang::Expr*> arguments);
  Path resultOf(const clang::Expr* call);
  /// Objects handed over by rvalue reference no longer own what they held.
  void noteMoves(const clang::FunctionDecl* callee, llvm::ArrayRef<const clang::Expr*> arguments);
  bool isDynamic(const clang::CallExpr* call, const clang::CXXMethodDecl* method, const CallShape& shape);

  // emit_library.cpp
  bool libraryCall(const clang::CallExpr* call, const CallShape& shape);
  void modelledCall(const clang::CallExpr* call, const CallShape& shape);
  std::string allocatedType(const clang::CallExpr* call);
  /// Locks, threads, conditions: the effects between threads.
  void synchronisingCall(const clang::CallExpr* call, const CallShape& shape);
  /// A call of what a std::function holds.
  void callHeld(const clang::CallExpr* call, const CallShape& shape);
  void unmodelledCall(const clang::CallExpr* call, const CallShape& shape);
  /// What a library function does to arguments it takes by reference.
  void accessArguments(const clang::Expr* call, const clang::FunctionDecl* callee,
                       llvm::ArrayRef<const clang::Expr*> arguments, Effect effect);
  void escapeCallbacks(const clang::CallExpr* call, const CallShape& shape);
  void containerCall(const clang::CallExpr* call, const CallShape& shape, Effect effect);
  void pointerLikeCall(const clang::CallExpr* call, const CallShape& shape, Effect effect);
  void makeObject(const clang::CallExpr* call, const CallShape& shape);
  void constructElement(const clang::Expr* at, const Path& home, clang::QualType type,
                        llvm::ArrayRef<const clang::Expr*> arguments);
  void fillMemory(const clang::CallExpr* call, const CallShape& shape);
  void copyMemory(const clang::CallExpr* call, const CallShape& shape);
  std::string operationName(const CallShape& shape);

  // emit_object.cpp
  void visitConstruct(const clang::CXXConstructExpr* construct);
  void constructObject(const clang::CXXConstructExpr* construct, const Path& home);
  void copyObject(const clang::Expr* at, const Path& home, const clang::Expr* source);
  bool constructModelled(const clang::CXXConstructExpr* construct, const Path& home);
  void destroyClosure(const Path& closure, const clang::CXXRecordDecl* record, clang::SourceLocation at);
  void destroyModelled(const TypeModel& model, const Path& path, clang::QualType type, clang::SourceLocation at);
  void callDestructor(const clang::CXXRecordDecl* record, Value receiver, bool isVirtual, clang::SourceLocation at);
  void loseObject(const Path& path, clang::QualType type, clang::SourceLocation at);

  // emit_lock.cpp
  struct GuardLock {
    Path path;
    clang::QualType type;
  };
  void constructGuard(const clang::CXXConstructExpr* construct, const Path& guard);
  void moveGuard(clang::SourceLocation at, const Path& guard, const clang::Expr* source);
  std::vector<GuardLock> guardLocks(const Path& guard, clang::QualType type);
  void acquireGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode);
  void releaseGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode);
  void takeLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockWait wait, LockHolder holder,
                std::uint32_t group);
  void giveLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockHolder holder);
  bool callUserLock(clang::SourceLocation at, const GuardLock& lock, llvm::StringRef method);
  void lockCall(const clang::CallExpr* call, const CallShape& shape);
  void lockAll(const clang::CallExpr* call, const CallShape& shape);
  void waitCall(const clang::CallExpr* call, const CallShape& shape);
  Wait::Guarded waitGuard(const clang::CallExpr* call, const clang::Expr* lock);
  std::vector<Event> triedBy(const clang::Expr* call, Success& success);
  std::vector<Event> triedAtConstruction(const clang::Expr* guard);
  std::optional<TryTest> testedComparison(const clang::BinaryOperator* comparison);
  const clang::Expr* triedCall(const clang::Expr* tested);

  // emit_thread.cpp
  Entry entry(const clang::Expr* callable, llvm::ArrayRef<const clang::Expr*> bound);
  Entry entryOfValue(const clang::Expr* callable, std::vector<Value> bound);
  void constructThread(const clang::Expr* at, const Path& handle, clang::QualType type,
                       llvm::ArrayRef<const clang::Expr*> arguments);
  void spawnCall(const clang::CallExpr* call, const CallShape& shape);
  void invokeCall(const clang::CallExpr* call, const CallShape& shape);
  void invokeEntry(const clang::Expr* at, Entry entry, const clang::Expr* result);
  void onceCall(const clang::CallExpr* call, const CallShape& shape);
  bool isDeferred(const clang::Expr* policy);
  bool isLaunchPolicy(const clang::Expr* argument);

  // emit_closure.cpp
  void visitLambda(const clang::LambdaExpr* lambda);
  /// Adds the function that the result of std::bind is: a closure whose call operator makes the bound call.
  void addBoundCall(const clang::CallExpr* call, const CallShape& shape);
  Value boundField(const clang::Expr* argument, std::size_t position);
  void bindCall(const clang::CallExpr* call, const CallShape& shape);

  // emit_atomic.cpp
  void atomicCall(const clang::CallExpr* call, const CallShape& shape, Effect effect);
  void visitAtomic(const clang::AtomicExpr* atomic);
  bool builtinCall(const clang::CallExpr* call, const CallShape& shape);
  MemoryOrder order(const clang::Expr* argument);

  const clang::Stmt* body_;
  std::optional<clang::ParentMap> parents_;
  llvm::DenseSet<const clang::VarDecl*> begunStatics_;
  std::set<Path> derived_;  ///< Local numbers that depend on shared memory.
  std::uint32_t groups_ = 0;
};

/// The order that memory_order value `number` stands for.
MemoryOrder memoryOrder(std::int64_t number);

}  // namespace deadheat
