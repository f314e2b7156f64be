#include "analyzers/extract/cfg_walk.h"

#include "analyzers/extract/coroutines.h"
#include "analyzers/extract/emitter.h"
#include "analyzers/extract/unwinding.h"
#include "clang/Analysis/CFG.h"
#include "clang/Sema/Sema.h"
#include "clang/AST/StmtCXX.h"

namespace deadheat {
namespace {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::isa;
using llvm::isa_and_nonnull;

clang::CFG::BuildOptions buildOptions() {
  clang::CFG::BuildOptions options;
  options.AddInitializers = true;
  options.AddImplicitDtors = true;
  options.AddLifetime = true;
  options.AddTemporaryDtors = true;
  options.AddCXXNewAllocator = true;
  options.AddCXXDefaultInitExprInCtors = true;
  options.setAllAlwaysAdd();
  return options;
}

/// One function's walk. Blocks are visited so that, loops aside, a block comes after those that lead to it.
class Walk {
 public:
  Walk(TuContext& tu, const clang::FunctionDecl* function, const clang::CFG& graph, Function& out)
      : tu_(tu), graph_(graph), out_(out), scope_(tu, function), unwinding_(scope_, graph) {
    scope_.survey.look(writtenBody(function->getBody()));
    scope_.lookForRegions();
    if (const auto* constructor = dyn_cast<clang::CXXConstructorDecl>(function))
      for (const clang::CXXCtorInitializer* init : constructor->inits()) scope_.survey.lookAtInitializer(init);
    unwinding_.prepare();
  }

  void run() {
    orderBlocks();
    out_.blocks.resize(order_.size());
    Emitter emitter(scope_, writtenBody(scope_.function->getBody()), out_.blocks[0].events);
    emitter.initializeCopies();
    const auto* coroutine = dyn_cast<clang::CoroutineBodyStmt>(scope_.function->getBody());
    if (coroutine) emitter.beginCoroutine(coroutine, out_);
    for (const clang::CFGBlock* block : order_)
      if (const clang::Expr* condition = decision(*block)) emitter.noteTest(condition);
    for (const clang::CFGBlock* block : order_) visitBlock(emitter, *block);
    for (const clang::CFGBlock* block : order_) connect(emitter, *block);
    out_.exit = numbers_.lookup(&graph_.getExit());
    emitter.out = &out_.blocks[out_.exit].events;
    if (coroutine) emitter.endCoroutine(coroutine);
    for (const clang::CFGBlock* block : others_)
      out_.blocks[numbers_.lookup(&graph_.getEntry())].successors.push_back(numbers_.lookup(block));
    emitter.finishRegions(out_);
    wantInner();
  }

 private:
  /// What decides between the two ways out of `block`, or null.
  static const clang::Expr* decision(const clang::CFGBlock& block) {
    const bool decides = block.succ_size() == 2 && block.getTerminator().isStmtBranch();
    return decides ? block.getLastCondition() : nullptr;
  }
  void orderBlocks();
  llvm::SmallVector<const clang::CFGBlock*> successors(const clang::CFGBlock& block);
  void visitBlock(Emitter& emitter, const clang::CFGBlock& block);
  void visitElement(Emitter& emitter, const clang::CFGElement& element);
  static bool goesOnAnyway(const TryTest& test, const clang::CFGBlock& block);
  void connect(Emitter& emitter, const clang::CFGBlock& block);
  bool returnTry(Emitter& emitter, const clang::CFGBlock& block);
  void wantInner();
  bool isOfOtherThread(const clang::CFGBlock& block) const;
  unsigned turningLoop(const clang::CFGBlock& block) const;

  TuContext& tu_;
  const clang::CFG& graph_;
  Function& out_;
  FunctionScope scope_;
  Unwinding unwinding_;
  std::vector<const clang::CFGBlock*> order_;
  std::vector<const clang::CFGBlock*> others_;  ///< Entered from the function's entry: see orderBlocks.
  llvm::DenseMap<const clang::CFGBlock*, std::uint32_t> numbers_;
  llvm::DenseMap<const clang::CFGBlock*, std::set<Path>> movedAtEnd_;
  llvm::DenseSet<const clang::CXXBindTemporaryExpr*> ended_;  ///< Temporaries ended in the block that is visited.
};

llvm::SmallVector<const clang::CFGBlock*> Walk::successors(const clang::CFGBlock& block) {
  llvm::SmallVector<const clang::CFGBlock*> result;
  const bool leaves = block.hasNoReturnElement() || Unwinding::throws(block);
  for (const clang::CFGBlock::AdjacentBlock& next : block.succs()) {
    const clang::CFGBlock* target = next.getReachableBlock();
    if (!target || (leaves && target == &graph_.getExit())) continue;
    result.push_back(target);
  }
  if (const clang::CFGBlock* handlers = unwinding_.handlersOf(block)) result.push_back(handlers);
  return result;
}

void Walk::orderBlocks() {
  std::vector<const clang::CFGBlock*> postorder;
  llvm::DenseSet<const clang::CFGBlock*> seen;
  struct Frame {
    const clang::CFGBlock* block;
    llvm::SmallVector<const clang::CFGBlock*> next;
  };
  std::vector<Frame> stack;
  auto enter = [&](const clang::CFGBlock* block) {
    if (seen.insert(block).second) stack.push_back({block, successors(*block)});
  };
  enter(&graph_.getEntry());
  auto follow = [&] {
    while (!stack.empty()) {
      if (stack.back().next.empty()) {
        postorder.push_back(stack.back().block);
        stack.pop_back();
        continue;
      }
      const clang::CFGBlock* next = stack.back().next.front();
      stack.back().next.erase(stack.back().next.begin());
      enter(next);
    }
  };
  auto take = [&] {
    follow();
    order_.insert(order_.end(), postorder.rbegin(), postorder.rend());
    postorder.clear();
  };
  take();
  // What other threads run is reached though it stands after a loop that does not end.
  for (const clang::CFGBlock* block : graph_) {
    if (seen.contains(block) || !isOfOtherThread(*block)) continue;
    others_.push_back(block);
    enter(block);
    take();
  }
  if (!seen.contains(&graph_.getExit())) order_.push_back(&graph_.getExit());
  for (const clang::CFGBlock* block : order_) numbers_.try_emplace(block, numbers_.size());
}

void Walk::visitElement(Emitter& emitter, const clang::CFGElement& element) {
  if (auto statement = element.getAs<clang::CFGStmt>()) {
    emitter.visit(statement->getStmt());
    if (isa<clang::CXXThrowExpr>(statement->getStmt())) {
      unwinding_.leaveByThrow(emitter, statement->getStmt());
      emitter.throwFrom(statement->getStmt());
    }
  } else if (auto init = element.getAs<clang::CFGInitializer>()) {
    emitter.initializeMember(init->getInitializer());
  } else if (auto allocation = element.getAs<clang::CFGNewAllocator>()) {
    emitter.allocate(allocation->getAllocatorExpr());
  } else if (auto automatic = element.getAs<clang::CFGAutomaticObjDtor>()) {
    emitter.leaveVariable(automatic->getVarDecl(), automatic->getTriggerStmt()->getEndLoc());
  } else if (auto ended = element.getAs<clang::CFGLifetimeEnds>()) {
    emitter.endVariable(ended->getVarDecl(), ended->getTriggerStmt()->getEndLoc());
  } else if (auto temporary = element.getAs<clang::CFGTemporaryDtor>()) {
    const clang::CXXBindTemporaryExpr* bound = temporary->getBindTemporaryExpr();
    // The graph ends what is awaited twice: as it is written, and as what is asked whether it is ready.
    if (!ended_.insert(bound).second) return;
    // Before C++17 the graph ends temporaries whose copy is left out; what they make lives on where it is copied to.
    if (scope_.survey.destinations.contains(makingExpression(bound))) return;
    emitter.destroy(emitter.resolver.place(bound), bound->getType(), bound->getEndLoc());
  } else if (auto member = element.getAs<clang::CFGMemberDtor>()) {
    emitter.leaveMember(member->getFieldDecl());
  } else if (auto base = element.getAs<clang::CFGBaseDtor>()) {
    Path self;
    self.root.kind = RootKind::This;
    emitter.destroy(self, base->getBaseSpecifier()->getType(), scope_.function->getEndLoc());
  } else if (auto deletion = element.getAs<clang::CFGDeleteDtor>()) {
    const clang::CXXDeleteExpr* expression = deletion->getDeleteExpr();
    emitter.destroyPointee(emitter.resolver.value(expression->getArgument()), expression->getDestroyedType(),
                           expression->getBeginLoc());
  } else if (auto cleanup = element.getAs<clang::CFGCleanupFunction>()) {
    emitter.cleanUp(cleanup->getVarDecl(), cleanup->getFunctionDecl());
  }
}

void Walk::visitBlock(Emitter& emitter, const clang::CFGBlock& block) {
  emitter.out = &out_.blocks[numbers_.lookup(&block)].events;
  emitter.moved.clear();
  ended_.clear();
  for (const clang::CFGBlock::AdjacentBlock& before : block.preds())
    if (const clang::CFGBlock* known = before.getReachableBlock())
      if (auto found = movedAtEnd_.find(known); found != movedAtEnd_.end())
        emitter.moved.insert(found->second.begin(), found->second.end());
  unwinding_.enterHandlers(emitter, block);
  out_.blocks[numbers_.lookup(&block)].unwinds = isa_and_nonnull<clang::CXXTryStmt>(block.getTerminatorStmt());
  for (const clang::CFGElement& element : block) visitElement(emitter, element);
  movedAtEnd_[&block] = emitter.moved;
}

/// `return m.try_lock();` leaves holding the lock if it returns true, and not if not.
bool Walk::returnTry(Emitter& emitter, const clang::CFGBlock& block) {
  const clang::ReturnStmt* statement = nullptr;
  for (const clang::CFGElement& element : block)
    if (auto each = element.getAs<clang::CFGStmt>()) statement = dyn_cast<clang::ReturnStmt>(each->getStmt());
  const clang::Expr* result = statement ? statement->getRetValue() : nullptr;
  if (!result || !result->getType()->isScalarType() || emitter.isDecided(result)) return false;
  std::optional<TryTest> test = emitter.testedTry(result);
  if (!test) return false;
  const std::uint32_t exit = numbers_.lookup(&graph_.getExit());
  for (const bool succeeded : {true, false}) {
    Return event;
    event.value = Value::constant();
    event.truth = succeeded == test->successOnTrue ? Return::Truth::True : Return::Truth::False;
    BasicBlock way;
    if (succeeded) way.events = test->acquires;
    way.events.push_back({tu_.location(statement->getReturnLoc()), std::move(event)});
    way.successors = {exit};
    out_.blocks[numbers_.lookup(&block)].successors.push_back(static_cast<std::uint32_t>(out_.blocks.size()));
    out_.blocks.push_back(std::move(way));
  }
  return true;
}

/// `if (lock(&m) != 0) perror("lock");`: whoever waits for a lock and goes on without it does not believe that he can fail
/// to get it.
bool Walk::goesOnAnyway(const TryTest& test, const clang::CFGBlock& block) {
  const clang::CFGBlock* ways[] = {block.succ_begin()->getReachableBlock(), block.succ_begin()[1].getReachableBlock()};
  const clang::CFGBlock* success = ways[test.successOnTrue ? 0 : 1];
  const clang::CFGBlock* failure = ways[test.successOnTrue ? 1 : 0];
  return failure->succ_size() == 1 && failure->succ_begin()->getReachableBlock() == success &&
         llvm::all_of(test.acquires, [](const Event& event) {
           const auto* acquire = std::get_if<Acquire>(&event.what);
           return acquire && acquire->wait == LockWait::Blocking;
         });
}

void Walk::connect(Emitter& emitter, const clang::CFGBlock& block) {
  const std::uint32_t number = numbers_.lookup(&block);
  if (&block == &graph_.getExit() || returnTry(emitter, block)) return;
  std::optional<TryTest> test;
  const clang::Expr* condition = decision(block);
  if (condition) test = emitter.testedTry(condition);
  if (condition && !test) test = emitter.testedThread(condition);
  const unsigned turning = turningLoop(block);
  auto add = [&](std::uint32_t to) {
    std::vector<std::uint32_t>& next = out_.blocks[number].successors;
    if (std::find(next.begin(), next.end(), to) == next.end()) next.push_back(to);
  };
  const bool decides = condition && block.succ_begin()->getReachableBlock() && block.succ_begin()[1].getReachableBlock() &&
                       block.succ_begin()->getReachableBlock() != block.succ_begin()[1].getReachableBlock();
  if (decides) out_.blocks[number].branch = emitter.branchOn(condition);
  const auto* onTrue = block.succ_size() == 2 ? block.succ_begin()->getReachableBlock() : nullptr;
  const bool onlyComplains = test && decides && goesOnAnyway(*test, block);
  bool isFirst = true;
  for (const clang::CFGBlock* next : successors(block)) {
    const bool isTrueEdge = isFirst && next == onTrue;
    isFirst = false;
    auto found = numbers_.find(next);
    if (found == numbers_.end()) continue;
    if (test && (onlyComplains || isTrueEdge == test->successOnTrue) && next != unwinding_.handlersOf(block)) {
      add(static_cast<std::uint32_t>(out_.blocks.size()));
      out_.blocks.push_back({test->acquires, {found->second}});
    } else if (turning != 0 && isTrueEdge) {
      add(static_cast<std::uint32_t>(out_.blocks.size()));
      out_.blocks.push_back({{}, {found->second}});
      emitter.out = &out_.blocks.back().events;
      emitter.sync(block.getTerminatorStmt(), Sync::Kind::Turn, turning);
    } else {
      add(found->second);
    }
  }
}

/// The region of the loop whose turns `block` begins, if the threads of a team meet in each of them.
unsigned Walk::turningLoop(const clang::CFGBlock& block) const {
  const auto* loop = dyn_cast_or_null<clang::ForStmt>(block.getTerminatorStmt());
  return loop && scope_.regions ? scope_.regions->meetingLoops.lookup(loop) : 0;
}

/// Whether the block stands in a section or task.
bool Walk::isOfOtherThread(const clang::CFGBlock& block) const {
  if (!scope_.regions) return false;
  for (const clang::CFGElement& element : block) {
    const auto statement = element.getAs<clang::CFGStmt>();
    unsigned region = statement ? scope_.regions->regionOf(statement->getStmt()) : 0;
    for (; region != 0; region = scope_.regions->node(region).parent) {
      const Region::Kind kind = scope_.regions->node(region).kind;
      if (kind == Region::Kind::Section || kind == Region::Kind::Task) return true;
    }
  }
  return false;
}

void Walk::wantInner() {
  for (const clang::LambdaExpr* lambda : scope_.survey.lambdas) {
    if (const clang::FunctionTemplateDecl* generic = lambda->getLambdaClass()->getDependentLambdaCallOperator()) {
      for (const clang::FunctionDecl* instance : generic->specializations()) tu_.want(instance);
    } else {
      tu_.want(lambda->getCallOperator());
    }
  }
  for (const clang::CXXRecordDecl* record : scope_.survey.records)
    for (const clang::CXXMethodDecl* method : record->methods()) tu_.want(method);
}

/// After an error the front end keeps expressions that have not even a type.
bool hasUntypedPart(const clang::Stmt* part) {
  if (!part) return false;
  const auto* expression = dyn_cast<clang::Expr>(part);
  if (expression && expression->getType().isNull()) return true;
  return llvm::any_of(part->children(), hasUntypedPart);
}

bool isWellFormed(const clang::FunctionDecl* function) {
  if (hasUntypedPart(function->getBody())) return false;
  const auto* constructor = dyn_cast<clang::CXXConstructorDecl>(function);
  return !constructor || llvm::none_of(constructor->inits(), [](const clang::CXXCtorInitializer* init) {
    return hasUntypedPart(init->getInit());
  });
}

bool isFence(const Access& access) { return access.atomicity == Atomicity::Atomic && access.operation == "fence"; }

/// A relaxed load orders what follows once an acquiring fence comes after it, a relaxed store what came before a releasing
/// fence: taken for the whole function, whichever comes first.
void applyFences(Function& function) {
  bool acquires = false, releases = false;
  auto eachAccess = [&](auto visit) {
    for (BasicBlock& block : function.blocks)
      for (Event& event : block.events)
        if (auto* access = std::get_if<Access>(&event.what); access && access->atomicity == Atomicity::Atomic) visit(*access);
  };
  eachAccess([&](Access& access) {
    if (!isFence(access) || access.order == MemoryOrder::Relaxed) return;
    acquires |= access.order != MemoryOrder::Release;
    releases |= access.order != MemoryOrder::Acquire && access.order != MemoryOrder::Consume;
  });
  if (!acquires && !releases) return;
  eachAccess([&](Access& access) {
    if (isFence(access) || access.order != MemoryOrder::Relaxed) return;
    const bool reads = acquires && access.kind != AccessKind::Write, writes = releases && access.kind != AccessKind::Read;
    if (reads && writes)
      access.order = MemoryOrder::AcqRel;
    else if (reads)
      access.order = MemoryOrder::Acquire;
    else if (writes)
      access.order = MemoryOrder::Release;
  });
}

}  // namespace

bool walkFunction(TuContext& tu, const clang::FunctionDecl* function, Function& out) {
  if (tu.sema.getDiagnostics().hasErrorOccurred() && !isWellFormed(function)) return false;
  std::unique_ptr<clang::CFG> graph = clang::CFG::buildCFG(
      function, const_cast<clang::Stmt*>(writtenBody(function->getBody())), &tu.ast, buildOptions());
  if (!graph) return false;
  Walk(tu, function, *graph, out).run();
  applyFences(out);
  return true;
}

}  // namespace deadheat
