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
  /// The memory of `variable` is no longer its own, whatever its destructor has done.
  void endVariable(const clang::VarDecl* variable, clang::SourceLocation at);
  /// A destructor ends `field` of its object.
  void leaveMember(const clang::FieldDecl* field);
  /// `variable` has __attribute__((cleanup(function))) and goes out of scope.
  void cleanUp(const clang::VarDecl* variable, const clang::FunctionDecl* function);
  /// An exception starts at `thrown`; what it ends has been ended.
  void throwFrom(const clang::Stmt* thrown) { emit(thrown->getBeginLoc(), Throw{}); }
  /// Who contains whom in the body. Built when first asked for.
  const clang::ParentMap& parents();
  /// What `condition` reads and tests, or none if nothing of it was ever shared.
  std::optional<Branch> branchOn(const clang::Expr* condition);
  /// If `condition` tests a lock attempt: what is held on which side.
  std::optional<TryTest> testedTry(const clang::Expr* condition);
  /// If `condition` asks whether a thread object stands for a thread: that it does not, on which side.
  std::optional<TryTest> testedThread(const clang::Expr* condition);
  /// Before the walk: `condition` decides a branch. A lock whose success one branch tests is taken on its edge.
  void noteTest(const clang::Expr* condition);
  /// Whether some branch already tells the outcomes of the attempt apart that `result` is or holds.
  bool isDecided(const clang::Expr* result);

  /// What stands before and after the body of a coroutine. emit_coroutine.cpp.
  void beginCoroutine(const clang::CoroutineBodyStmt* body, Function& function);
  void endCoroutine(const clang::CoroutineBodyStmt* body);

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
                     const std::string& operation, bool foreign = false);
  void assign(clang::SourceLocation at, const Path& target, Value value);
  void visitCast(const clang::CastExpr* cast);
  void visitUnary(const clang::UnaryOperator* unary);
  void visitBinary(const clang::BinaryOperator* binary);
  void walk(clang::SourceLocation at, const clang::Expr* pointer);
  bool isStep(const clang::BinaryOperator* assignment);
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
  bool isTested(const Path& path);
  std::string constantText(const clang::Expr* value);

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
  Path signalled(const CallShape& shape);
  void containerCall(const clang::CallExpr* call, const CallShape& shape, Effect effect);
  void pointerLikeCall(const clang::CallExpr* call, const CallShape& shape, Effect effect);
  void makeObject(const clang::CallExpr* call, const CallShape& shape);
  void wantOverrides(clang::SourceLocation at, const clang::CXXRecordDecl* record);
  void constructElement(const clang::Expr* at, const Path& home, clang::QualType type,
                        llvm::ArrayRef<const clang::Expr*> arguments);
  void fillMemory(const clang::CallExpr* call, const CallShape& shape);
  void copyMemory(const clang::CallExpr* call, const CallShape& shape);
  std::string operationName(const CallShape& shape);

  // emit_view.cpp
  void lookThrough(const clang::Expr* view);
  void bindView(const clang::CXXConstructExpr* construct, const Path& home);
  void visitCoreturn(const clang::CoreturnStmt* statement);

  // emit_object.cpp
  void visitConstruct(const clang::CXXConstructExpr* construct);
  void constructObject(const clang::CXXConstructExpr* construct, const Path& home);
  void copyObject(const clang::Expr* at, const Path& home, const clang::Expr* source);
  bool constructModelled(const clang::CXXConstructExpr* construct, const Path& home);
  void destroyClosure(const Path& closure, const clang::CXXRecordDecl* record, clang::SourceLocation at);
  void destroyModelled(const TypeModel& model, const Path& path, clang::QualType type, clang::SourceLocation at);
  void destroyHolder(const TypeModel& model, const Path& path, clang::QualType type, clang::SourceLocation at);
  /// What an optional or the like holds ends its life, if it is a guard.
  void emptyHolder(const Path& holder, clang::QualType type, clang::SourceLocation at);
  void callDestructor(const clang::CXXRecordDecl* record, Value receiver, bool isVirtual, clang::SourceLocation at);
  /// The class of a library object that is not in use by anybody at the start and end of its life, or null.
  const clang::CXXRecordDecl* libraryObject(clang::QualType type);
  void beginMember(const Path& path, clang::QualType type, clang::SourceLocation at);
  void loseObject(const Path& path, clang::QualType type, clang::SourceLocation at);

  // emit_lock.cpp
  struct GuardLock {
    Path path;
    clang::QualType type;
  };
  void constructGuard(clang::SourceLocation at, const Path& guard, clang::QualType type,
                      llvm::ArrayRef<const clang::Expr*> arguments);
  void moveGuard(clang::SourceLocation at, const Path& guard, const clang::Expr* source);
  std::vector<GuardLock> guardLocks(const Path& guard, clang::QualType type);
  void acquireGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode);
  void releaseGuard(clang::SourceLocation at, const Path& guard, clang::QualType type, LockMode mode);
  void takeLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockWait wait, LockHolder holder,
                std::uint32_t group);
  Acquire acquireOf(const GuardLock& lock, LockMode mode, LockWait wait, LockHolder holder, std::uint32_t group);
  static Path unnamedLock(const FunctionModel& model);
  void giveLock(clang::SourceLocation at, const GuardLock& lock, LockMode mode, LockHolder holder);
  bool callUserLock(clang::SourceLocation at, const GuardLock& lock, llvm::StringRef name, LockHolder holder);
  void startGuard(clang::SourceLocation at, const Path& guard, const std::vector<GuardLock>& locks, GuardStart::How how);
  /// emit_flag.cpp: the variable that `lvalue` names takes `value`, which may be null if it is not a constant.
  void flag(clang::SourceLocation at, const clang::Expr* lvalue, const clang::Expr* value);
  void flag(clang::SourceLocation at, const clang::VarDecl* variable, const clang::Expr* value);
  std::optional<std::string> constantOf(const clang::Expr* value);
  bool isTestedGuard(const Path& guard) const;
  void tellOwned(clang::SourceLocation at, const Path& guard, std::optional<bool> owns);
  void noteTestedLocals(const clang::Stmt* condition);
  /// emit_lifetime.cpp
  void lifetimeCall(const clang::CallExpr* call, const CallShape& shape);
  Recursion madeAs(const CallShape& shape);
  bool isResultUsed(const clang::CallExpr* call);
  void lockCall(const clang::CallExpr* call, const CallShape& shape);
  void lockAll(const clang::CallExpr* call, const CallShape& shape);
  void waitCall(const clang::CallExpr* call, const CallShape& shape);
  Wait::Guarded waitGuard(const clang::CallExpr* call, const clang::Expr* lock);
  std::vector<Event> triedBy(const clang::Expr* call, Success& success);
  std::vector<Event> triedAtConstruction(const clang::Expr* guard);
  std::optional<TryTest> testedComparison(const clang::BinaryOperator* comparison);
  const clang::Expr* triedCall(const clang::Expr* tested);
  /// Whether a branch tests if `call`, which waits for a lock, succeeded; it then counts as a try that waits.
  bool isTestedAcquire(const clang::CallExpr* call) const { return tests_.lookup(call) == 1; }

  // emit_locked_value.cpp
  void lockPointerCall(const clang::CallExpr* call, const CallShape& shape);
  void lockedCall(const clang::CallExpr* call, const CallShape& shape);
  std::string lockedTypeName(const CallShape& shape);
  void changeMode(const clang::CallExpr* call, const CallShape& shape);
  void changeMode(clang::SourceLocation at, const GuardLock& lock, bool toExclusive, LockHolder holder);
  void upgradeGuard(clang::SourceLocation at, const Path& guard, const clang::Expr* source);
  void parallelCall(const clang::CallExpr* call, const CallShape& shape);
  /// Whether the first argument is a tag of this kind, as the execution policies of algorithms are.
  bool isPolicy(const CallShape& shape, GuardTag tag);
  static CallShape withoutPolicy(CallShape shape);
  void swapGuards(const clang::CallExpr* call, const CallShape& shape);
  /// The argument or receiver at a position of a model, or null.
  const clang::Expr* argumentAt(const CallShape& shape, int position);
  /// The same; for kCallable the first argument that can be called.
  const clang::Expr* callableArgument(const CallShape& shape, int position);
  bool isCallable(const clang::Expr* argument);
  /// What a model passes on to `callable`.
  llvm::ArrayRef<const clang::Expr*> boundArguments(const CallShape& shape, const clang::Expr* callable);
  std::optional<Entry> methodEntry(const CallShape& shape);
  const clang::CXXMethodDecl* methodNamed(const clang::CXXRecordDecl* record, llvm::StringRef name);

  // emit_outcome.cpp
  /// The call whose result decides, and whether the condition holds when that is false.
  struct Outcome {
    Path result;
    bool negated = false;
  };
  std::optional<Outcome> testedOutcome(const clang::Expr* condition);
  std::optional<Outcome> comparedOutcome(const clang::BinaryOperator* comparison);
  /// Notes in `event` what is known of the truth of `result`.
  void tellOutcome(const clang::Expr* result, Return& event);

  // emit_thread.cpp
  Entry entry(const clang::Expr* callable, llvm::ArrayRef<const clang::Expr*> bound);
  Entry entryOfValue(const clang::Expr* callable, std::vector<Value> bound);
  std::optional<Entry> entryOfHolder(const clang::CXXConstructExpr* construct);
  const clang::Expr* closureIn(const clang::CXXConstructExpr* construct);
  void constructThread(const clang::Expr* at, const Path& handle, clang::QualType type,
                       llvm::ArrayRef<const clang::Expr*> arguments);
  void spawnCall(const clang::CallExpr* call, const CallShape& shape);
  void invokeCall(const clang::CallExpr* call, const CallShape& shape);
  void invokeEntry(const clang::Expr* at, Entry entry, const clang::Expr* result);
  void onceCall(const clang::CallExpr* call, const CallShape& shape);
  bool isDeferred(const clang::Expr* policy);
  bool isLaunchPolicy(const clang::Expr* argument);

  // emit_coroutine.cpp
  void suspend(const clang::CoroutineSuspendExpr* suspension);
  Suspend suspensionOf(const clang::CoroutineSuspendExpr* suspension);
  void noteAwaitedCalls(const clang::Expr* operand);
  void resumeWith(const clang::Expr* operand, clang::QualType result);
  void awaitTasks(const clang::Expr* operand);
  void joinGathered(const clang::Expr* awaitable);
  /// What becomes of the task that `call` gives back.
  Call::Task taskOf(const clang::CallExpr* call);
  bool isJoinedAtOnce(const clang::Expr* task);
  bool takeAwaitedGuard(const clang::VarDecl* variable);
  void moveTask(const clang::Expr* at, const Path& to, const clang::Expr* from);
  void turnLoop(const clang::VarDecl* variable);
  void handTask(const clang::Expr* given);
  void startTask(const clang::CallExpr* call, const clang::Expr* task, int handle);
  // emit_executor.cpp
  static Path turnOf(const Path& executor, ExecutorThreads threads);
  ExecutorThreads threadsOf(const clang::Expr* executor, const TypeModel* type);
  Path homeOf(const clang::Expr* expression);
  void noteStrand(clang::SourceLocation at, clang::QualType type, const Path& executor);
  Path unknownHome(const CallShape& shape, const clang::Expr* object);
  const clang::Expr* boundExecutor(const CallShape& shape);
  GuardTag tokenOf(const CallShape& shape);
  static const clang::Expr* lastWritten(const CallShape& shape);
  void hostObject(const clang::CXXConstructExpr* construct, const Path& home);
  void runOn(const CallShape& shape, Spawn& event);
  void runExecutor(const clang::CallExpr* call, const CallShape& shape);

  // emit_result.cpp
  /// Which side of a result objects of the type are; none if they are no promises or futures.
  static std::optional<ResultUse::Side> sideOf(const TypeModel* model);
  void useResult(clang::SourceLocation at, const Path& object, ResultUse::Side side, ResultUse::How how);
  /// Where the callable of a packaged task is kept.
  static Path callableOf(const Path& maker);
  /// A promise or packaged task comes to life, other than as a copy.
  void constructMaker(const clang::Expr* at, const Path& home, clang::QualType type,
                      llvm::ArrayRef<const clang::Expr*> arguments);
  void noteResultCall(const clang::CallExpr* call, const CallShape& shape);
  void noteResultPassed(const clang::Expr* argument, clang::QualType parameter);

  // emit_awaited.cpp
  /// Says what a wait or sleep at `call` is for: what `conditions` look at.
  void noteAwaited(const clang::CallExpr* call, llvm::ArrayRef<const clang::Expr*> conditions, Wait* wait);
  /// The conditions that decide whether `loop` goes on.
  std::vector<const clang::Expr*> conditionsOf(const clang::Stmt* loop);
  const clang::Stmt* loopAround(const clang::Stmt* statement);
  /// The test that `call` stands under, if it is not in a loop inside of it.
  const clang::Expr* testAround(const clang::Stmt* statement);
  /// A loop that sleeps until something has happened.
  void notePolling(const clang::CallExpr* call);

  // emit_hazard.cpp
  /// What the models do not promise of the called library function.
  void noteHazard(const clang::CallExpr* call, const CallShape& shape);
  bool isSafeInSignal(const CallShape& shape);
  bool sharesState(const HazardModel& hazard, const CallShape& shape);
  /// A signal handler is named in `struct sigaction`.
  void installHandler(const clang::FieldDecl* field, const clang::Expr* handler);
  void installHandlers(const clang::InitListExpr* list);

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
  std::set<Path> tested_;   ///< Local numbers that branches test; filled when first asked for.
  std::set<Path> derived_;  ///< Local numbers that depend on shared memory.
  std::set<Path> testedLocals_;
  llvm::DenseSet<const clang::CallExpr*> decided_;          ///< Calls whose result a branch tests.
  llvm::DenseSet<const clang::CallExpr*> expected_;         ///< Calls whose result an assertion says is true.
  llvm::DenseSet<const clang::CallExpr*> awaited_;          ///< Calls whose result is awaited where they stand.
  llvm::DenseMap<const clang::CallExpr*, unsigned> tests_;  ///< Branches that test a blocking acquisition.
  std::uint32_t groups_ = 0;
};

/// The order that memory_order value `number` stands for.
MemoryOrder memoryOrder(std::int64_t number);

}  // namespace deadheat
