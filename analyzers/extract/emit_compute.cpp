// Where numbers come from: which reads a value or a condition depends on. Link follows pointers and objects by itself;
// this is for checks that ask whether a decision or a stored value rests on what was read before.
#include "analyzers/extract/emitter.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/SmallString.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

constexpr std::size_t kMaxSources = 8;
constexpr std::size_t kMaxConditionText = 80;

bool isNumber(clang::QualType type) {
  type = type.getNonReferenceType();
  if (const auto* atomic = type->getAs<clang::AtomicType>()) type = atomic->getValueType();
  return type->isArithmeticType() || type->isEnumeralType();
}

/// Parts of an expression that are not evaluated, or stand for a value of their own.
bool isLeaf(const clang::Expr* expression) {
  return isa<clang::UnaryExprOrTypeTraitExpr, clang::LambdaExpr, clang::CXXNoexceptExpr, clang::StmtExpr>(expression);
}

}  // namespace

bool Emitter::isDerived(const Path& path) const {
  return path.root.kind == RootKind::Result || scope.isShared(path) || derived_.contains(path);
}

void Emitter::addSources(const clang::Expr* expression, std::vector<Path>& out) {
  if (!expression || out.size() >= kMaxSources || isLeaf(expression)) return;
  expression = expression->IgnoreParens();
  auto add = [&](Path path) {
    if (path.known() && out.size() < kMaxSources && std::find(out.begin(), out.end(), path) == out.end())
      out.push_back(std::move(path));
  };
  if (const auto* cast = dyn_cast<clang::CastExpr>(expression)) {
    if (cast->getCastKind() == clang::CK_LValueToRValue) return add(resolver.place(cast->getSubExpr()));
  } else if (const auto* call = dyn_cast<clang::CallExpr>(expression)) {
    const CallShape shape = tu.library.shape(call);
    const bool isLibrary = shape.model || (shape.callee && tu.library.inSystemHeader(shape.callee));
    if (!isLibrary) return add(scope.temporary(RootKind::Result, "result", call));
    if (shape.receiver) return add(resolver.receiver(shape));
    for (const clang::Expr* argument : shape.arguments) {
      if (argument->getType()->isPointerType()) add(resolver.pointee(argument));
      addSources(argument, out);
    }
    return;
  } else if (const auto* atomic = dyn_cast<clang::AtomicExpr>(expression)) {
    return add(resolver.pointee(atomic->getPtr()));
  }
  for (const clang::Stmt* child : expression->children()) {
    if (const auto* part = llvm::dyn_cast_or_null<clang::Expr>(child)) addSources(part, out);
  }
}

std::vector<Path> Emitter::sources(const clang::Expr* expression) {
  std::vector<Path> all;
  addSources(expression, all);
  const bool any = std::any_of(all.begin(), all.end(), [this](const Path& path) { return isDerived(path); });
  return any ? all : std::vector<Path>();
}

void Emitter::compute(clang::SourceLocation at, const Path& target, std::vector<Path> from) {
  if (from.empty() || !target.known()) return;
  if (target.root.kind == RootKind::Local && target.steps.empty()) derived_.insert(target);
  emit(at, Compute{target, std::move(from)});
}

void Emitter::computeFrom(clang::SourceLocation at, const Path& target, const clang::Expr* value) {
  if (!value || !isNumber(value->getType())) return;
  std::vector<Path> from = sources(value);
  if (!from.empty() || !target.known()) return compute(at, target, std::move(from));
  if (isTested(target)) emit(at, Compute{target, {}, constantText(value)});
}

/// Whether `path` is a local number that a branch tests.
bool Emitter::isTested(const Path& path) {
  const bool isVariable = path.root.kind == RootKind::Local || path.root.kind == RootKind::Parameter;
  if (!isVariable || !path.steps.empty()) return false;
  if (tested_.empty())
    for (const clang::VarDecl* variable : scope.survey.tested) tested_.insert(scope.storage(variable));
  return tested_.contains(path);
}

std::string Emitter::constantText(const clang::Expr* value) {
  clang::Expr::EvalResult number;
  if (value->isValueDependent() || !value->getType()->isIntegralOrEnumerationType() ||
      !value->EvaluateAsInt(number, tu.ast))
    return {};
  llvm::SmallString<16> digits;
  number.Val.getInt().toString(digits);
  return std::string(digits);
}

/// Takes `condition` apart as far as it is a test of one path.
void Emitter::decompose(const clang::Expr* condition, Branch& out) {
  condition = condition->IgnoreParenImpCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(condition)) return decompose(full->getSubExpr(), out);
  if (const auto* unary = dyn_cast<clang::UnaryOperator>(condition); unary && unary->getOpcode() == clang::UO_LNot) {
    out.negated = !out.negated;
    return decompose(unary->getSubExpr(), out);
  }
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(condition)) {
    if (binary->getOpcode() == clang::BO_Assign) return decompose(binary->getLHS(), out);
    if (!binary->isEqualityOp()) return;
    const clang::Expr* side = binary->getLHS();
    const clang::Expr* constant = binary->getRHS();
    auto isNull = [&](const clang::Expr* e) {
      return e->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull) !=
             clang::Expr::NPCK_NotNull;
    };
    clang::Expr::EvalResult number;
    auto isNumber = [&](const clang::Expr* e) {
      return !e->isValueDependent() && e->getType()->isIntegralOrEnumerationType() && e->EvaluateAsInt(number, tu.ast);
    };
    if (isNull(side) || isNumber(side)) std::swap(side, constant);
    const bool equal = binary->getOpcode() == clang::BO_EQ;
    if (!isNull(constant)) {
      if (!isNumber(constant) || isNumber(side)) return;
      isNumber(constant);
      if (number.Val.getInt() != 0) {
        llvm::SmallString<16> digits;
        number.Val.getInt().toString(digits);
        out.against = std::string(digits);
        if (!equal) out.negated = !out.negated;
        return decompose(side, out);
      }
    }
    if (equal) out.negated = !out.negated;
    return decompose(side, out);
  }
  std::vector<Path> read;
  if (condition->isLValue())
    read.push_back(resolver.place(condition));
  else if (isa<clang::CallExpr, clang::AtomicExpr>(condition))
    addSources(condition, read);
  const auto* call = dyn_cast<clang::CallExpr>(condition);
  const CallShape shape = call ? tu.library.shape(call) : CallShape{};
  // A guard that says whether it holds its lock is a flag of its own.
  if (shape.model && shape.model->effect == Effect::Owns && shape.receiverType &&
      shape.receiverType->kind == TypeKind::Guard)
    read = {resolver.receiver(shape)};
  const bool isOwner = shape.model && shape.model->effect == Effect::Owns && read.size() == 1 && isTestedGuard(read[0]);
  const bool isWhole = !call || isOwner || (shape.model ? shape.model->effect == Effect::Load || shape.model->effect == Effect::Get
                                             : read.size() == 1 && read[0].root.kind == RootKind::Result);
  if (read.size() == 1 && isWhole) out.tested = std::move(read[0]);
}

std::optional<Branch> Emitter::branchOn(const clang::Expr* condition) {
  Branch branch;
  addSources(condition, branch.depends);
  // Addresses are no memory that is read, but in which order two locks lie may be the question.
  const auto* comparison = dyn_cast<clang::BinaryOperator>(condition->IgnoreParenImpCasts());
  const bool isOrder = comparison && comparison->isRelationalOp() && comparison->getLHS()->getType()->isPointerType();
  decompose(condition, branch);
  if (branch.depends.empty() && branch.tested.known()) branch.depends = {branch.tested};
  if (branch.depends.empty() && !isOrder) return std::nullopt;
  if (!branch.tested.known()) branch.negated = false, branch.against.clear();
  if (std::optional<Outcome> outcome = testedOutcome(condition)) {
    branch.outcome = outcome->result;
    branch.outcomeNegated = outcome->negated;
  }
  const clang::CharSourceRange written = tu.sources.getExpansionRange(condition->getSourceRange());
  llvm::StringRef text = clang::Lexer::getSourceText(written, tu.sources, tu.ast.getLangOpts());
  branch.text = text.take_front(kMaxConditionText).str();
  return branch;
}

}  // namespace deadheat
