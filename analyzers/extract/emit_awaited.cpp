// What a wait is for: the memory that its predicate, or the condition of the loop or test around it, looks at.
#include "analyzers/extract/emitter.h"
#include "clang/AST/StmtCXX.h"
#include "clang/Lex/Lexer.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::isa;
using llvm::isa_and_nonnull;

namespace {

constexpr int kMaxDepth = 3;

/// Collects the shared memory that an expression reads, also in the bodies of lambdas and of methods called on `this`.
/// Names are those of the frame that waits: a lambda's captures are the variables captured.
class StateReader {
 public:
  StateReader(FunctionScope& scope, Resolver& resolver, Library& library)
      : scope_(scope), resolver_(resolver), library_(library) {}

  void look(const clang::Stmt* part) {
    if (!part) return;
    if (const auto* lambda = dyn_cast<clang::LambdaExpr>(part)) return look(lambda->getBody());
    if (const auto* cast = dyn_cast<clang::CastExpr>(part); cast && cast->getCastKind() == clang::CK_LValueToRValue) {
      if (!isOwnPointer(cast)) add(cast->getSubExpr());
    } else if (const auto* atomic = dyn_cast<clang::AtomicExpr>(part)) {
      addPath(resolver_.pointee(atomic->getPtr()));
    } else if (const auto* reference = dyn_cast<clang::DeclRefExpr>(part)) {
      lookAtCallable(reference);
    } else if (const auto* call = dyn_cast<clang::CallExpr>(part)) {
      lookAtCall(call);
    }
    for (const clang::Stmt* child : part->children()) look(child);
  }

  std::set<Path> states;
  bool isPersonal = false;  ///< A number of the waiter's own was compared with.

 private:
  /// A parameter that is followed to what it points to: where the waiter looks, not what it looks for.
  static bool isOwnPointer(const clang::CastExpr* load) {
    const auto* reference = dyn_cast<clang::DeclRefExpr>(load->getSubExpr()->IgnoreParens());
    return reference && isa<clang::ParmVarDecl>(reference->getDecl()) && load->getType()->isPointerType();
  }

  /// Variables of a function that is only looked into have no place in this frame.
  bool isForeign(const clang::Expr* lvalue) const {
    lvalue = lvalue->IgnoreParenImpCasts();
    for (;;) {
      if (const auto* member = dyn_cast<clang::MemberExpr>(lvalue)) {
        lvalue = member->getBase()->IgnoreParenImpCasts();
      } else if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(lvalue)) {
        lvalue = subscript->getBase()->IgnoreParenImpCasts();
      } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(lvalue)) {
        lvalue = unary->getSubExpr()->IgnoreParenImpCasts();
      } else {
        break;
      }
    }
    const auto* reference = dyn_cast<clang::DeclRefExpr>(lvalue);
    const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
    if (!reference) return depth_ > 0 && !isa<clang::CXXThisExpr>(lvalue);
    if (!variable) return true;
    if (variable->hasGlobalStorage()) return false;
    return depth_ > 0 || (scope_.function && variable->getDeclContext() != scope_.function &&
                          !scope_.capture(variable));
  }

  void add(const clang::Expr* lvalue) {
    if (!isForeign(lvalue)) addPath(resolver_.place(lvalue));
  }
  void addPath(const Path& path) {
    if (!path.known()) return;
    if (isOwn(path))
      isPersonal = true;
    else if (scope_.isShared(path))
      states.insert(path);
  }
  /// A parameter passed by value, or what a thread's closure was given a copy of.
  bool isOwn(const Path& path) const {
    if (path.root.kind == RootKind::Parameter) return path.steps.empty();
    const auto* method = dyn_cast_or_null<clang::CXXMethodDecl>(scope_.function);
    return method && method->getParent()->isLambda() && path.root.kind == RootKind::This && path.steps.size() == 1;
  }

  /// A named lambda that serves as predicate.
  void lookAtCallable(const clang::DeclRefExpr* reference) {
    const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
    const clang::CXXRecordDecl* type = variable ? variable->getType()->getAsCXXRecordDecl() : nullptr;
    if (!type || !type->isLambda() || !variable->getInit() || depth_ >= kMaxDepth) return;
    if (const clang::CXXMethodDecl* body = type->getLambdaCallOperator(); body && body->hasBody()) look(body->getBody());
  }

  void lookAtCall(const clang::CallExpr* call) {
    const CallShape shape = library_.shape(call);
    if (!shape.callee) return;
    const bool isLibrary = shape.model || library_.inSystemHeader(shape.callee);
    if (isLibrary && shape.receiver) {
      if (!isForeign(shape.receiver)) addPath(resolver_.receiver(shape));
      return;
    }
    if (isLibrary) {  // std::size(queue), atomic_load(&flag)
      for (const clang::Expr* argument : shape.arguments)
        if (argument->isGLValue()) add(argument);
      if (shape.model && shape.model->effect == Effect::Load) addPath(resolver_.object(shape, shape.model->object));
      return;
    }
    const clang::FunctionDecl* body = nullptr;
    const bool onThis = shape.receiver && isa<clang::CXXThisExpr>(shape.receiver->IgnoreParenImpCasts());
    if (!onThis || !shape.callee->hasBody(body) || depth_ >= kMaxDepth) return;
    ++depth_;
    look(body->getBody());
    --depth_;
  }

  FunctionScope& scope_;
  Resolver& resolver_;
  Library& library_;
  int depth_ = 0;
};

bool isLoop(const clang::Stmt* statement) {
  return isa<clang::WhileStmt, clang::DoStmt, clang::ForStmt, clang::CXXForRangeStmt>(statement);
}

/// Whether the branch of an `if` leaves the loop.
bool leaves(const clang::Stmt* branch) {
  if (!branch || isLoop(branch) || isa<clang::LambdaExpr>(branch)) return false;
  if (isa<clang::BreakStmt, clang::ReturnStmt, clang::GotoStmt>(branch)) return true;
  for (const clang::Stmt* child : branch->children())
    if (leaves(child)) return true;
  return false;
}

void findExits(const clang::Stmt* part, std::vector<const clang::Expr*>& conditions) {
  if (!part || isa<clang::LambdaExpr>(part)) return;
  if (const auto* test = dyn_cast<clang::IfStmt>(part))
    if (leaves(test->getThen()) || leaves(test->getElse())) conditions.push_back(test->getCond());
  for (const clang::Stmt* child : part->children()) findExits(child, conditions);
}

/// Whether the body only passes time: sleeps, yields, counts.
bool onlyPassesTime(const clang::Stmt* body, Library& library) {
  if (!body) return true;
  if (const auto* call = dyn_cast<clang::CallExpr>(body)) {
    const CallShape shape = library.shape(call);
    if (!shape.callee) return false;
    if (shape.model && shape.model->effect == Effect::Block) return shape.model->what == "sleep";
    return library.inSystemHeader(shape.callee) && (!shape.model || shape.model->effect == Effect::Nothing) &&
           (shape.receiver || isa<clang::CXXOperatorCallExpr>(call) || !shape.callee->isExternC());
  }
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(body); binary && binary->isAssignmentOp()) return false;
  for (const clang::Stmt* child : body->children())
    if (!onlyPassesTime(child, library)) return false;
  return true;
}

}  // namespace

const clang::Stmt* Emitter::loopAround(const clang::Stmt* statement) {
  do {
    statement = parents().getParent(const_cast<clang::Stmt*>(statement));
  } while (statement && !isLoop(statement));
  return statement;
}

const clang::Expr* Emitter::testAround(const clang::Stmt* statement) {
  for (;;) {
    const clang::Stmt* inner = statement;
    statement = parents().getParent(const_cast<clang::Stmt*>(statement));
    if (!statement || isLoop(statement)) return nullptr;
    const auto* test = dyn_cast<clang::IfStmt>(statement);
    if (test && inner != test->getCond()) return test->getCond();
  }
}

std::vector<const clang::Expr*> Emitter::conditionsOf(const clang::Stmt* loop) {
  std::vector<const clang::Expr*> conditions;
  const clang::Stmt* body = nullptr;
  if (const auto* whileLoop = dyn_cast<clang::WhileStmt>(loop)) {
    conditions.push_back(whileLoop->getCond());
    body = whileLoop->getBody();
  } else if (const auto* doLoop = dyn_cast<clang::DoStmt>(loop)) {
    conditions.push_back(doLoop->getCond());
    body = doLoop->getBody();
  } else if (const auto* forLoop = dyn_cast<clang::ForStmt>(loop)) {
    if (forLoop->getCond()) conditions.push_back(forLoop->getCond());
    body = forLoop->getBody();
  }
  findExits(body, conditions);
  return conditions;
}

void Emitter::noteAwaited(const clang::CallExpr* call, llvm::ArrayRef<const clang::Expr*> conditions, Wait* wait) {
  StateReader reader(scope, resolver, tu.library);
  std::string text;
  for (const clang::Expr* condition : conditions) {
    reader.look(condition);
    const clang::CharSourceRange written = tu.sources.getExpansionRange(condition->getSourceRange());
    text += clang::Lexer::getSourceText(written, tu.sources, tu.ast.getLangOpts());
    text += ';';
  }
  for (const Path& state : reader.states) emit(call->getExprLoc(), Awaited{state});
  if (!wait) return;
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  wait->predicate = std::move(text);
  wait->personal = reader.isPersonal;
}

void Emitter::notePolling(const clang::CallExpr* call) {
  const clang::Stmt* loop = loopAround(call);
  if (!loop) return;
  const clang::Stmt* body = nullptr;
  if (const auto* whileLoop = dyn_cast<clang::WhileStmt>(loop)) body = whileLoop->getBody();
  if (const auto* doLoop = dyn_cast<clang::DoStmt>(loop)) body = doLoop->getBody();
  if (const auto* forLoop = dyn_cast<clang::ForStmt>(loop)) body = forLoop->getBody();
  if (!body || !onlyPassesTime(body, tu.library)) return;
  noteAwaited(call, conditionsOf(loop), nullptr);
}

}  // namespace deadheat
